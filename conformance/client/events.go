package main

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

const xid = `^[0-9a-v]{19}[0g]$`

// checkEvents reads past events and those to come.
func checkEvents(s *suite) {
	for _, node := range s.samples() {
		s.on(node, "Events: past ones, in the order of their ids", func(ctx context.Context) error {
			return s.checkPastEvents(ctx, node)
		})

		s.on(node, "Events: some past ones", func(ctx context.Context) error {
			return s.checkTails(ctx, node)
		})

		s.on(node, "Events: what follows", func(ctx context.Context) error {
			return s.checkFollowing(ctx, node)
		})

		s.on(node, "Events: requests that make no sense", func(ctx context.Context) error {
			c := s.asAdmin(node)
			_, unknownID := receiveEvents(ctx, c, 2, client.WithTailID("riddle"))
			_, twice := receiveEvents(ctx, c, 2, client.WithTailEvents(1), client.WithTailDuration(time.Minute))

			return all(wantCode(unknownID, codes.Unknown, "error parsing tail_id"), wantCode(twice, codes.Unknown, ""))
		})
	}
}

// checkFollowing hears of a restart of the kubelet, and of its events alone when it asks for no actor.
func (s *suite) checkFollowing(ctx context.Context, node Node) error {
	events := make(chan client.EventResult)

	if err := s.asAdmin(node).EventsWatchV2(ctx, events); err != nil {
		return err
	}

	if err := s.restartKubelet(ctx, node); err != nil {
		return err
	}

	for _, action := range []machine.ServiceStateEvent_Action{
		machine.ServiceStateEvent_STOPPING, machine.ServiceStateEvent_FINISHED, machine.ServiceStateEvent_RUNNING,
	} {
		result, err := next(ctx, events)
		if err != nil {
			return err
		}

		service, ok := result.Event.Payload.(*machine.ServiceStateEvent)
		if !ok {
			return fmt.Errorf("%T (%v) instead of a service's event", result.Event.Payload, result.Error)
		}

		if err = all(
			wantEqual("service", service.GetService(), "kubelet"),
			wantEqual("action", service.GetAction(), action),
			wantEqual("actor", result.Event.ActorID, ""),
			wantEqual("node", result.Event.Node, node.Address),
		); err != nil {
			return err
		}
	}

	return nil
}
