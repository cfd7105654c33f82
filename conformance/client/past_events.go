package main

import (
	"context"
	"fmt"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

// receiveEvents reads a number of messages of a new stream.
func receiveEvents(ctx context.Context, c *client.Client, count int, options ...client.EventsOptionFunc) ([]*machine.Event, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	stream, err := c.Events(ctx, options...)
	if err != nil {
		return nil, err
	}

	var events []*machine.Event

	for range count {
		event, err := stream.Recv()
		if err != nil {
			return events, err
		}

		events = append(events, event)
	}

	return events, nil
}

// pastEvents are all events that a node keeps, without the empty one that opens a stream.
func (s *suite) pastEvents(ctx context.Context, node Node) ([]*machine.Event, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	stream, err := s.asAdmin(node).Events(ctx, client.WithTailEvents(-1))
	if err != nil {
		return nil, err
	}

	hello, err := stream.Recv()
	if err != nil {
		return nil, err
	}

	if hello.GetData().GetTypeUrl() != "" || len(hello.GetData().GetValue()) > 0 {
		return nil, fmt.Errorf("the first event is %v", hello)
	}

	// A restart marks the end of what is past.
	if err = s.restartKubelet(ctx, node); err != nil {
		return nil, err
	}

	var events []*machine.Event

	for {
		event, err := stream.Recv()
		if err != nil {
			return nil, err
		}

		if event.GetId() > hello.GetId() {
			return events, nil
		}

		events = append(events, event)

		if _, err := client.UnmarshalEvent(event); err != nil {
			return nil, err
		}
	}
}

func (s *suite) checkPastEvents(ctx context.Context, node Node) error {
	events, err := s.pastEvents(ctx, node)
	if err != nil {
		return err
	}

	kinds := map[string]bool{}
	last := ""

	for _, event := range events {
		kinds[event.GetData().GetTypeUrl()] = true

		if err = wantMatch("id", event.GetId(), xid); err != nil {
			return err
		}

		if event.GetId() <= last {
			return fmt.Errorf("%s comes after %s", event.GetId(), last)
		}

		last = event.GetId()
	}

	for _, name := range []string{"SequenceEvent", "PhaseEvent", "TaskEvent", "ServiceStateEvent", "MachineStatusEvent", "AddressEvent"} {
		if !kinds["talos/runtime/machine."+name] {
			return fmt.Errorf("no %s among %d events", name, len(events))
		}
	}

	return nil
}

// checkTails asks for the last events, for those after one, and for those of the last hours.
func (s *suite) checkTails(ctx context.Context, node Node) error {
	c := s.asAdmin(node)

	last, err := receiveEvents(ctx, c, 4, client.WithTailEvents(3))
	if err != nil {
		return err
	}

	after, err := receiveEvents(ctx, c, 3, client.WithTailID(last[1].GetId()))
	if err != nil {
		return err
	}

	recent, err := receiveEvents(ctx, c, 2, client.WithTailDuration(24*time.Hour))
	if err != nil {
		return err
	}

	return all(
		wantEqual("first after an id", after[1].GetId(), last[2].GetId()),
		wantEqual("second after an id", after[2].GetId(), last[3].GetId()),
		want(recent[1].GetData().GetTypeUrl() != "", "the first recent event is empty"),
	)
}
