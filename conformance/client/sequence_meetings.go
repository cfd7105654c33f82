package main

import (
	"context"
	"slices"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

func (s *suite) checkTakeOver(ctx context.Context, node Node) error {
	before, err := s.control.of(ctx, node)
	if err != nil {
		return err
	}

	events := make(chan client.EventResult, 1000)
	if err = s.asAdmin(node).EventsWatchV2(ctx, events); err != nil {
		return err
	}

	first, err := s.reboot(ctx, node)
	if err != nil {
		return err
	}

	second, err := s.reboot(ctx, node)
	if err != nil {
		return err
	}

	seen, err := told(ctx, events, first, second)

	return all(
		err,
		wantEqual("sequences", seen, []string{"reboot START 1", "reboot STOP 1", "reboot CANCELED 1", "reboot START 2"}),
		s.settled(ctx, node, before),
	)
}

func (s *suite) checkLocked(ctx context.Context, node Node) error {
	before, err := s.control.of(ctx, node)
	if err != nil {
		return err
	}

	// The connections of the last boot are gone.
	events := make(chan client.EventResult, 1000)
	if err = eventually(ctx, func() error { return s.asAdmin(node).EventsWatchV2(ctx, events) }); err != nil {
		return err
	}

	actor, err := s.reboot(ctx, node)
	if err != nil {
		return err
	}

	// The call itself is answered as always.
	if err = s.asAdmin(node).Reset(ctx, true, true); err != nil {
		return err
	}

	seen, err := told(ctx, events, actor)

	return all(
		err,
		want(slices.Contains(seen, "reset "+common.Code_LOCKED.String()+" 0"), "sequences %v", seen),
		s.settled(ctx, node, before),
	)
}

// checkHungBoot takes NVIDIA's module away, without which an extension's service is waited for, and brings it back.
func (s *suite) checkHungBoot(ctx context.Context, node Node) error {
	if err := s.control.fault(ctx, node, "module-not-loaded:nvidia"); err != nil {
		return err
	}

	before, err := s.control.of(ctx, node)
	if err != nil {
		return err
	}

	if _, err = s.reboot(ctx, node); err != nil {
		return err
	}

	hung, err := s.control.settle(ctx, node, "booting", func(state machineState) bool {
		return state.Power == "up" && state.Stage == "booting" && state.BootID != before.BootID
	})
	if err = all(err, s.control.clearFaults(ctx, node)); err != nil {
		return err
	}

	if err = s.awaitService(ctx, node, "ext-nvidia-persistenced", "Waiting"); err != nil {
		return err
	}

	events := make(chan client.EventResult, 1000)
	if err = s.asAdmin(node).EventsWatchV2(ctx, events); err != nil {
		return err
	}

	actor, err := s.reboot(ctx, node)
	if err != nil {
		return err
	}

	seen, err := told(ctx, events, actor)

	return all(
		err,
		// machined's own sequence has no actor.
		wantEqual("sequences", seen, []string{"boot STOP 0", "boot CANCELED 0", "reboot START 1"}),
		s.settled(ctx, node, hung),
	)
}
