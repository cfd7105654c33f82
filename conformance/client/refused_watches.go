package main

import (
	"context"
	"fmt"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"
	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
)

func (s *suite) checkReadersTypes(ctx context.Context, node Node) error {
	for _, kind := range s.input.Kinds {
		if kind.sinceMinor() > s.minor(node) {
			continue
		}

		err := listing(kind.Namespace, kind.Type)(ctx, s.connect(node, reader).COSI)
		// 1.12 let every reader see how the kubelet is started.
		if kind.Sensitive && (kind.Type != k8s.KubeletSpecType || s.minor(node) >= 13) {
			err = wantCode(err, codes.PermissionDenied, "not authorized")
		}

		if err != nil {
			return fmt.Errorf("%s: %w", kind.Type, err)
		}
	}

	return nil
}

// watchFails is how a watch of a type is refused: by its first event.
func watchFails(ctx context.Context, s *suite, node Node, role, kind string) error {
	events := make(chan state.Event)

	err := s.connect(node, role).COSI.WatchKind(ctx, resource.NewMetadata("secrets", kind, "", resource.VersionUndefined), events)
	if err != nil {
		return err
	}

	select {
	case <-ctx.Done():
		return ctx.Err()
	case event := <-events:
		return event.Error
	}
}

// checkQueries asks for a part of the resources of a type.
func (s *suite) checkQueries(ctx context.Context, node Node) error {
	st := s.asAdmin(node).COSI

	links, err := safe.StateListAll[*network.LinkStatus](ctx, st, state.WithIDQuery(resource.IDRegexpMatch(loopbackPattern)))
	if err != nil {
		return err
	}

	labelled, err := safe.StateListAll[*network.LinkStatus](ctx, st, state.WithLabelQuery(resource.LabelExists("riddle")))
	if err != nil {
		return err
	}

	unlabelled, err := safe.StateListAll[*network.LinkStatus](ctx, st,
		state.WithLabelQuery(resource.LabelExists("riddle", resource.NotMatches)))
	if err != nil {
		return err
	}

	return all(
		wantEqual("links named lo", links.Len(), 1),
		wantEqual("links with a label", labelled.Len(), 0),
		want(unlabelled.Len() > 1, "%d links without a label", unlabelled.Len()),
	)
}
