package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

// tracked is what a tracker saw of an action: phases and tasks of its actor, until the connection went.
type tracked struct {
	phases []string
	tasks  []string
	// sequences are names with actions and errors, as they came.
	sequences []string
}

// errGone stands for the end of the API before a restart.
var errGone = errors.New("the node is about to go")

// track follows an action the way talosctl does: it watches events, acts, follows the events of the actor that the answer names
// until services stop, and then all events until the machine is ready again under another boot ID.
func (s *suite) track(ctx context.Context, node Node, act func(ctx context.Context, c *client.Client) (string, error)) (*tracked, error) {
	c := s.asAdmin(node)
	seen := &tracked{}
	events := make(chan client.EventResult)

	watching, stop := context.WithCancel(ctx)
	defer stop()

	if err := c.EventsWatchV2(watching, events); err != nil {
		return seen, err
	}

	before, err := bootID(ctx, c)
	if err != nil {
		return seen, err
	}

	actor, err := act(ctx, c)
	if err != nil {
		return seen, err
	}

	if err = wantMatch("actor", actor, `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`); err != nil {
		return seen, err
	}

	if err = seen.follow(watching, events, actor); !errors.Is(err, errGone) {
		return seen, fmt.Errorf("following the action: %w", err)
	}

	if err = s.awaitReady(ctx, c); err != nil {
		return seen, err
	}

	return seen, eventually(ctx, func() error {
		after, err := bootID(ctx, c)

		return all(err, want(after != before, "it did not reboot"))
	})
}

// follow reads events until the task that stops the API is done, or the connection is gone.
func (t *tracked) follow(ctx context.Context, events <-chan client.EventResult, actor string) error {
	for {
		result, err := next(ctx, events)
		if err != nil {
			return err
		}

		if result.Error != nil {
			if goneAway(result.Error) {
				return errGone
			}

			return result.Error
		}

		if result.Event.ActorID != actor {
			continue
		}

		switch event := result.Event.Payload.(type) {
		case *machine.PhaseEvent:
			if event.GetAction() == machine.PhaseEvent_START {
				t.phases = append(t.phases, event.GetPhase())
			}
		case *machine.TaskEvent:
			if event.GetAction() == machine.TaskEvent_START {
				t.tasks = append(t.tasks, event.GetTask())
			}
		case *machine.SequenceEvent:
			t.sequences = append(t.sequences, fmt.Sprintf("%s %s %s", event.GetSequence(), event.GetAction(), event.GetError().GetMessage()))
		}
	}
}

func goneAway(err error) bool {
	code := client.StatusCode(err)

	return errors.Is(err, io.EOF) || code == codes.Unavailable || code == codes.Canceled
}
