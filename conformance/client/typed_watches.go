package main

import (
	"context"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/resource/meta"
	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"
)

// typedEvent is a change with its resource as a Go value.
type typedEvent struct {
	kind     state.EventType
	resource resource.Resource
	err      error
}

func watchTyped[T meta.ResourceWithRD](
	ctx context.Context, st state.State, definition meta.ResourceDefinitionSpec, events chan<- typedEvent, opts ...state.WatchKindOption,
) error {
	received := make(chan safe.WrappedStateEvent[T])

	kind := resource.NewMetadata(definition.DefaultNamespace, definition.Type, "", resource.VersionUndefined)
	if err := safe.StateWatchKind(ctx, st, kind, received, opts...); err != nil {
		return err
	}

	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case one := <-received:
				event := typedEvent{kind: one.Type(), err: one.Error()}
				if event.kind == state.Created || event.kind == state.Updated || event.kind == state.Destroyed {
					event.resource, event.err = one.Resource()
				}

				select {
				case <-ctx.Done():
					return
				case events <- event:
				}
			}
		}
	}()

	return nil
}

// watchSkipping watches resources without decoding their specs. The library cannot decode the end of the contents of a type whose
// empty spec is none, which machine configs are; Talos' own watches of them skip the decoding, too.
func watchSkipping(
	ctx context.Context, st state.State, definition meta.ResourceDefinitionSpec, events chan<- typedEvent, opts ...state.WatchKindOption,
) error {
	received := make(chan state.Event)
	kind := resource.NewMetadata(definition.DefaultNamespace, definition.Type, "", resource.VersionUndefined)

	opts = append(opts, state.WithWatchKindUnmarshalOptions(state.WithSkipProtobufUnmarshal()))
	if err := st.WatchKind(ctx, kind, received, opts...); err != nil {
		return err
	}

	go func() {
		for {
			event, err := next(ctx, received)
			if ctx.Err() != nil {
				return
			}

			select {
			case <-ctx.Done():
				return
			case events <- typedEvent{kind: event.Type, resource: event.Resource, err: err}:
			}
		}
	}()

	return nil
}
