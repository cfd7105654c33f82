package main

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

func (s *suite) checkResetRefusals(ctx context.Context, node Node) error {
	reset := func(request *machine.ResetRequest) error {
		return s.asAdmin(node).ResetGeneric(ctx, request)
	}

	return all(
		wantCode(reset(&machine.ResetRequest{UserDisksToWipe: []string{"/dev/riddle"}}), codes.Unknown, "device /dev/riddle wasn't found"),
		wantCode(reset(&machine.ResetRequest{UserDisksToWipe: []string{"/dev/nvme0n1"}}), codes.Unknown, "device /dev/nvme0n1 is the system disk"),
		wantCode(reset(&machine.ResetRequest{
			SystemPartitionsToWipe: []*machine.ResetPartitionSpec{{Label: "RIDDLE", Wipe: true}},
		}), codes.Unknown, `failed to get volume status with label "RIDDLE"`),
	)
}

// checkPartialReset wipes config and data: the node waits for a config then, and stays installed.
func (s *suite) checkPartialReset(ctx context.Context, node Node) error {
	release := s.release(node)

	err := eventually(ctx, func() error {
		return s.asAdmin(node).ResetGeneric(ctx, &machine.ResetRequest{
			Graceful: true, Reboot: true, SystemPartitionsToWipe: []*machine.ResetPartitionSpec{
				{Label: "STATE", Wipe: true}, {Label: "EPHEMERAL", Wipe: true},
			},
		})
	})
	if err != nil {
		return err
	}

	if _, err = s.control.settle(ctx, node, "waiting", func(state machineState) bool {
		return state.Power == "up" && state.Stage == "maintenance"
	}); err != nil {
		return err
	}

	wiped := node
	wiped.Cluster = nil

	r, err := s.read(ctx, wiped)
	if err != nil {
		return err
	}

	return all(wantEqual("release", r.truth.Running.Release, release), checkSystemDisk(r))
}

// checkReset wipes a node, which waits for a config then.
func (s *suite) checkReset(ctx context.Context, node Node) error {
	c := s.asAdmin(node)
	events := make(chan client.EventResult)

	if err := c.EventsWatchV2(ctx, events); err != nil {
		return err
	}

	reply, err := c.ResetGenericWithResponse(ctx, &machine.ResetRequest{Graceful: true, Reboot: true})
	if err != nil {
		return err
	}

	seen := &tracked{}
	if err = seen.follow(ctx, events, reply.GetMessages()[0].GetActorId()); err == nil {
		return fmt.Errorf("it does not go")
	}

	if _, err = s.control.settle(ctx, node, "waiting", func(state machineState) bool {
		return state.Power == "up" && state.Stage == "maintenance"
	}); err != nil {
		return err
	}

	wiped := node
	wiped.Cluster = nil

	waiting, err := s.look(wiped)
	if err != nil {
		return err
	}

	_, err = waiting.Version(ctx)

	return all(err, want(len(seen.tasks) > 3 && seen.tasks[0] == "cordonAndDrainNode", "tasks %v", seen.tasks))
}
