package main

import (
	"context"
	"io"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

func bootID(ctx context.Context, c *client.Client) (string, error) {
	reader, err := c.Read(ctx, "/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", err
	}

	content, err := io.ReadAll(reader)

	return strings.TrimSpace(string(content)), err
}

// awaitReady reads all events of the new boot until the machine says that it runs and is ready.
func (s *suite) awaitReady(ctx context.Context, c *client.Client) error {
	return eventually(ctx, func() error {
		watching, stop := context.WithCancel(ctx)
		defer stop()

		events := make(chan client.EventResult)
		if err := c.EventsWatchV2(watching, events, client.WithTailEvents(-1)); err != nil {
			return err
		}

		for {
			result, err := next(watching, events)
			if err != nil {
				return err
			}

			if result.Error != nil {
				return result.Error
			}

			status, ok := result.Event.Payload.(*machine.MachineStatusEvent)
			if ok && status.GetStage() == machine.MachineStatusEvent_RUNNING && status.GetStatus().GetReady() {
				return nil
			}
		}
	})
}
