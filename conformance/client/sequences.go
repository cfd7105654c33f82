package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

// checkSequences has sequences meet: some take over from what runs, others are not started.
func checkSequences(s *suite) {
	s.on(s.node("gpu-04"), "a second reboot takes over from the first", func(ctx context.Context) error {
		return s.checkTakeOver(ctx, s.node("gpu-04"))
	})

	s.on(s.node("gpu-04"), "a reset is not started while it reboots", func(ctx context.Context) error {
		return s.checkLocked(ctx, s.node("gpu-04"))
	})

	s.on(s.node("gpu-07"), "a boot that does not end makes way for a reboot", func(ctx context.Context) error {
		return s.checkHungBoot(ctx, s.node("gpu-07"))
	})
}

// told are events of sequences until the API ends, as `reboot START`, or `reset LOCKED` for errors, with the number of the actor.
func told(ctx context.Context, events <-chan client.EventResult, actors ...string) ([]string, error) {
	var seen []string

	for {
		result, err := next(ctx, events)
		if err != nil {
			return seen, err
		}

		if result.Error != nil {
			if goneAway(result.Error) {
				return seen, nil
			}

			return seen, result.Error
		}

		event, ok := result.Event.Payload.(*machine.SequenceEvent)
		if !ok {
			continue
		}

		what := event.GetAction().String()
		if event.GetError() != nil {
			what = event.GetError().GetCode().String()
		}

		seen = append(seen, fmt.Sprintf("%s %s %d", event.GetSequence(), what, 1+slices.Index(actors, result.Event.ActorID)))
	}
}

func (s *suite) reboot(ctx context.Context, node Node) (string, error) {
	reply, err := s.asAdmin(node).RebootWithResponse(ctx)
	if err != nil {
		return "", err
	}

	return reply.GetMessages()[0].GetActorId(), nil
}

// settled waits for the next boot of a node.
func (s *suite) settled(ctx context.Context, node Node, before machineState) error {
	_, err := s.control.settle(ctx, node, "back", func(state machineState) bool {
		return up(state) && state.BootID != before.BootID
	})

	return err
}

func (s *suite) awaitService(ctx context.Context, node Node, id, state string) error {
	return eventually(ctx, func() error {
		found, err := s.asAdmin(node).ServiceInfo(ctx, id)
		if err != nil {
			return err
		}

		return want(len(found) == 1 && found[0].Service.GetState() == state, "%s is %v", id, found)
	})
}
