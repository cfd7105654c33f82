package main

import (
	"context"
	"fmt"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"

	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"github.com/siderolabs/talos/pkg/machinery/resources/v1alpha1"
)

func (s *suite) restartKubelet(ctx context.Context, node Node) error {
	_, err := s.asAdmin(node).ServiceRestart(ctx, "kubelet")

	return err
}

func kubelet() resource.Pointer {
	return resource.NewMetadata(v1alpha1.NamespaceName, v1alpha1.ServiceType, "kubelet", resource.VersionUndefined)
}

// checkWatchOfOne wants the service as it is, its end, and its new start.
func (s *suite) checkWatchOfOne(ctx context.Context, node Node) error {
	events := make(chan safe.WrappedStateEvent[*v1alpha1.Service])

	if err := safe.StateWatch(ctx, s.asAdmin(node).COSI, kubelet(), events); err != nil {
		return err
	}

	for step, kind := range []state.EventType{state.Created, state.Destroyed, state.Created} {
		if step == 1 {
			if err := s.restartKubelet(ctx, node); err != nil {
				return err
			}
		}

		event, err := next(ctx, events)
		if err != nil {
			return err
		}

		if err = all(event.Error(), wantEqual(fmt.Sprintf("event %d", step), event.Type(), kind)); err != nil {
			return err
		}

		service, err := event.Resource()
		if err != nil {
			return err
		}

		if err = wantEqual("id", service.Metadata().ID(), "kubelet"); err != nil {
			return err
		}
	}

	return nil
}

// checkWatchOfKind wants only changes, when it does not ask for more.
func (s *suite) checkWatchOfKind(ctx context.Context, node Node) error {
	events := make(chan state.Event)

	if err := s.asAdmin(node).COSI.WatchKind(ctx, kubelet(), events); err != nil {
		return err
	}

	if err := s.restartKubelet(ctx, node); err != nil {
		return err
	}

	for step, kind := range []state.EventType{state.Destroyed, state.Created} {
		event, err := next(ctx, events)
		if err != nil {
			return err
		}

		if err = all(
			wantEqual(fmt.Sprintf("event %d", step), event.Type, kind),
			wantEqual("id", event.Resource.Metadata().ID(), "kubelet"),
			want(len(event.Bookmark) > 0, "the event has no bookmark"),
		); err != nil {
			return err
		}
	}

	return nil
}

// checkAggregated wants all services in one batch with the mark of their end, and the last three changes again when it asks for them.
func (s *suite) checkAggregated(ctx context.Context, node Node) error {
	batches := make(chan []state.Event)

	if err := s.asAdmin(node).COSI.WatchKindAggregated(ctx, kubelet(), batches, state.WithBootstrapContents(true)); err != nil {
		return err
	}

	batch, err := next(ctx, batches)
	if err != nil {
		return err
	}

	if err = s.restartKubelet(ctx, node); err != nil {
		return err
	}

	tail := make(chan state.Event)
	if err = s.asAdmin(node).COSI.WatchKind(ctx, kubelet(), tail, state.WithKindTailEvents(3)); err != nil {
		return err
	}

	// It stopped, it started, and its health was found to be good.
	for _, kind := range []state.EventType{state.Destroyed, state.Created, state.Updated} {
		event, err := next(ctx, tail)
		if err != nil {
			return err
		}

		if err = wantEqual("a past event", event.Type, kind); err != nil {
			return err
		}
	}

	last := batch[len(batch)-1]

	return all(
		want(len(batch) > 5, "%d events in a batch", len(batch)),
		wantEqual("the end", last.Type, state.Bootstrapped),
		want(len(last.Bookmark) > 0, "the end has no bookmark"),
	)
}

func (s *suite) checkWatchOfNothing(ctx context.Context, node Node) error {
	events := make(chan state.Event)
	nothing := resource.NewMetadata(runtime.NamespaceName, runtime.MachineStatusType, "nothing", resource.VersionUndefined)

	if err := s.asAdmin(node).COSI.Watch(ctx, nothing, events); err != nil {
		return err
	}

	event, err := next(ctx, events)
	if err != nil {
		return err
	}

	return all(
		wantEqual("event", event.Type, state.Destroyed),
		wantEqual("id", event.Resource.Metadata().ID(), "nothing"),
	)
}
