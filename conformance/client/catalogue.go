package main

import (
	"context"
	"fmt"

	"github.com/cosi-project/runtime/pkg/resource/meta"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
)

// mayBeAbsent are types that only nodes have resources of which something is wrong with, or which were given some.
var mayBeAbsent = map[string]bool{runtime.DiagnosticType: true, runtime.MetaKeyType: true, runtime.UnattendedInstallStatusType: true}

// checkCatalogue reads every type of resources from a node of each sort, and holds its two encodings against each other.
func checkCatalogue(s *suite) {
	seen := map[string]bool{}

	for _, node := range append(s.samples(), s.node("new-01")) {
		for _, kind := range s.input.Kinds {
			if kind.sinceMinor() > s.minor(node) || (node.Cluster == nil && kind.Sensitive) {
				continue
			}

			s.on(node, "resources "+kind.Type, func(ctx context.Context) error {
				count, err := s.checkKind(ctx, node, kind)
				seen[kind.Type] = seen[kind.Type] || count > 0

				return err
			})
		}
	}

	for _, kind := range s.input.Kinds {
		if mayBeAbsent[kind.Type] {
			continue
		}

		s.check("some node has resources of "+kind.Type, func(context.Context) error {
			return want(seen[kind.Type], "no node has any")
		})
	}
}

func (k Kind) sinceMinor() int {
	var minor int
	if _, err := fmt.Sscanf(k.Since, "1.%d.0", &minor); err != nil {
		return 0
	}

	return minor
}

// checkKind lists all resources of a type, as messages and as Go values, and gets each by its id.
func (s *suite) checkKind(ctx context.Context, node Node, kind Kind) (int, error) {
	typedKind, known := typedKindOf(kind.Type)
	if !known {
		return 0, fmt.Errorf("the client library has no such type")
	}

	if err := all(
		wantEqual("namespace", kind.Namespace, typedKind.definition.DefaultNamespace),
		wantEqual("secret", kind.Sensitive, typedKind.definition.Sensitivity == meta.Sensitive),
	); err != nil {
		return 0, err
	}

	c, err := s.look(node)
	if err != nil {
		return 0, err
	}

	listed, err := typedKind.list(ctx, c.COSI)
	if err != nil {
		return 0, err
	}

	raw, err := rawList(ctx, c, kind.Namespace, kind.Type)
	if err != nil {
		return 0, err
	}

	if err = wantEqual("number of resources", len(raw), len(listed)); err != nil {
		return 0, err
	}

	for index, message := range raw {
		id := message.GetMetadata().GetId()

		got, err := typedKind.get(ctx, c.COSI, id)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", id, err)
		}

		err = all(
			wantEqual("id", listed[index].Metadata().ID(), id),
			wantEqual("id", got.Metadata().ID(), id),
			checkMetadata(message.GetMetadata(), kind),
			s.checkEncodings(node, message),
		)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", id, err)
		}
	}

	return len(raw), nil
}
