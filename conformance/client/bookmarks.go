package main

import (
	"context"

	"github.com/cosi-project/runtime/pkg/state"
	"google.golang.org/grpc/codes"
)

// checkBookmark keeps the place in a watch, loses the connection, and wants what happened meanwhile; an unknown place is refused.
func (s *suite) checkBookmark(ctx context.Context, node Node) error {
	st := s.asAdmin(node).COSI
	watching, stop := context.WithCancel(ctx)
	before := make(chan state.Event)

	if err := st.WatchKind(watching, kubelet(), before, state.WithBootstrapBookmark(true)); err != nil {
		stop()

		return err
	}

	first, err := next(ctx, before)

	stop()

	if err != nil {
		return err
	}

	if err = wantEqual("first event", first.Type, state.Noop); err != nil {
		return err
	}

	if err = s.control.dropConnections(ctx, node); err != nil {
		return err
	}

	// The call that finds the connection broken fails; the library then dials again.
	if err = eventually(ctx, func() error { return s.restartKubelet(ctx, node) }); err != nil {
		return err
	}

	after := make(chan state.Event)

	if err = st.WatchKind(ctx, kubelet(), after, state.WithKindStartFromBookmark(first.Bookmark)); err != nil {
		return err
	}

	for _, kind := range []state.EventType{state.Destroyed, state.Created} {
		event, err := next(ctx, after)
		if err != nil {
			return err
		}

		if err = wantEqual("event", event.Type, kind); err != nil {
			return err
		}
	}

	return s.checkUnknownBookmark(ctx, node)
}

// checkSurvival wants a watch to go on by itself over a broken connection: the library starts it again from its last bookmark.
func (s *suite) checkSurvival(ctx context.Context, node Node) error {
	events := make(chan state.Event)

	if err := s.asAdmin(node).COSI.WatchKind(ctx, kubelet(), events, state.WithBootstrapContents(true)); err != nil {
		return err
	}

	for {
		event, err := next(ctx, events)
		if err != nil {
			return err
		}

		if event.Type == state.Bootstrapped {
			break
		}
	}

	if err := s.control.dropConnections(ctx, node); err != nil {
		return err
	}

	if err := eventually(ctx, func() error { return s.restartKubelet(ctx, node) }); err != nil {
		return err
	}

	for _, kind := range []state.EventType{state.Destroyed, state.Created} {
		event, err := next(ctx, events)
		if err != nil {
			return err
		}

		if err = wantEqual("event", event.Type, kind); err != nil {
			return err
		}
	}

	return nil
}

func (s *suite) checkUnknownBookmark(ctx context.Context, node Node) error {
	events := make(chan state.Event)

	err := s.asAdmin(node).COSI.WatchKind(ctx, kubelet(), events, state.WithKindStartFromBookmark([]byte("0123456789abcdef")))
	if err == nil {
		_, err = next(ctx, events)
	}

	if !state.IsInvalidWatchBookmarkError(err) {
		return wantCode(err, codes.FailedPrecondition, "bookmark")
	}

	return nil
}
