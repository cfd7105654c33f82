package main

import (
	"context"
	"fmt"
	"regexp"

	"github.com/cosi-project/runtime/pkg/state"
)

var loopbackPattern = regexp.MustCompile("^lo$")

// checkWatches watches every type from its contents on, and sees changes.
func checkWatches(s *suite) {
	for _, node := range s.samples() {
		for _, kind := range s.input.Kinds {
			if kind.sinceMinor() > s.minor(node) {
				continue
			}

			s.on(node, "watch "+kind.Type, func(ctx context.Context) error {
				return s.checkWatch(ctx, node, kind)
			})
		}

		s.on(node, "watch of one service sees it restart", func(ctx context.Context) error {
			return s.checkWatchOfOne(ctx, node)
		})

		s.on(node, "watch of services sees one restart", func(ctx context.Context) error {
			return s.checkWatchOfKind(ctx, node)
		})

		s.on(node, "watch of services, aggregated and from the last changes on", func(ctx context.Context) error {
			return s.checkAggregated(ctx, node)
		})

		s.on(node, "watch of what is not there begins with its absence", func(ctx context.Context) error {
			return s.checkWatchOfNothing(ctx, node)
		})

		s.on(node, "watch goes on from a bookmark after the connection broke", func(ctx context.Context) error {
			return s.checkBookmark(ctx, node)
		})

		s.on(node, "watch survives a broken connection", func(ctx context.Context) error {
			return s.checkSurvival(ctx, node)
		})

		s.on(node, "watch of usage comes by itself", func(ctx context.Context) error {
			return s.checkUsageWatch(ctx, node)
		})
	}
}

// checkWatch wants all resources of a type as created, in the order of their ids, and then the mark of their end.
func (s *suite) checkWatch(ctx context.Context, node Node, kind Kind) error {
	typedKind, known := typedKindOf(kind.Type)
	if !known {
		return fmt.Errorf("the client library has no such type")
	}

	c := s.asAdmin(node)

	listed, err := typedKind.list(ctx, c.COSI)
	if err != nil {
		return err
	}

	events := make(chan typedEvent)

	if err = typedKind.watch(ctx, c.COSI, events, state.WithBootstrapContents(true)); err != nil {
		return err
	}

	for _, one := range listed {
		event, err := next(ctx, events)
		if err != nil {
			return fmt.Errorf("waiting for %s: %w", one.Metadata().ID(), err)
		}

		if event.kind != state.Created || event.resource.Metadata().ID() != one.Metadata().ID() {
			return fmt.Errorf("%s (%v) instead of %s", event.kind, event.resource, one.Metadata().ID())
		}
	}

	event, err := next(ctx, events)
	if err != nil {
		return fmt.Errorf("waiting for the end: %w", err)
	}

	return wantEqual("the end", event.kind, state.Bootstrapped)
}

func next[T any](ctx context.Context, events <-chan T) (T, error) {
	var nothing T

	select {
	case <-ctx.Done():
		return nothing, ctx.Err()
	case event := <-events:
		return event, eventError(event)
	}
}

// eventError is the failure that an event of a watch stands for.
func eventError(event any) error {
	switch event := event.(type) {
	case typedEvent:
		return event.err
	case state.Event:
		if event.Type == state.Errored {
			return event.Error
		}
	}

	return nil
}
