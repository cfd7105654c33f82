package main

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

// checkLeaving takes nodes out that are not needed any more: back to an older system, switched off, and wiped.
func checkLeaving(s *suite) {
	s.on(s.node("gpu-01"), "Rollback without another system", func(ctx context.Context) error {
		return wantCode(s.asAdmin(s.node("gpu-01")).Rollback(ctx), codes.Unknown, "previous UKI not found")
	})

	s.on(s.node("gpu-02"), "Rollback to the system before", func(ctx context.Context) error {
		return s.checkRollback(ctx, s.node("gpu-02"))
	})

	s.on(s.node("gpu-03"), "Shutdown", func(ctx context.Context) error {
		return s.checkShutdown(ctx, s.node("gpu-03"))
	})

	s.on(s.node("gpu-05"), "Reset: what is refused", func(ctx context.Context) error {
		return s.checkResetRefusals(ctx, s.node("gpu-05"))
	})

	for _, node := range []Node{s.node("gpu-05"), s.node("cp-03")} {
		s.on(node, "Reset, back to maintenance mode", func(ctx context.Context) error {
			return s.checkReset(ctx, node)
		})
	}

	s.on(s.node("w-01"), "Reset of its state alone", func(ctx context.Context) error {
		return s.checkPartialReset(ctx, s.node("w-01"))
	})

	s.check("the other control planes know that one left", func(ctx context.Context) error {
		return eventually(ctx, func() error {
			reply, err := s.asAdmin(s.node("cp-01")).EtcdMemberList(ctx, &machine.EtcdMemberListRequest{})
			if err != nil {
				return err
			}

			return wantEqual("members", len(reply.GetMessages()[0].GetMembers()), 2)
		})
	})
}

func (s *suite) checkRollback(ctx context.Context, node Node) error {
	before, err := s.control.of(ctx, node)
	if err != nil {
		return err
	}

	if err = s.asAdmin(node).Rollback(ctx); err != nil {
		return err
	}

	after, err := s.control.settle(ctx, node, "back", func(state machineState) bool {
		return up(state) && state.BootID != before.BootID
	})
	if err != nil {
		return err
	}

	version, err := s.versionOf(ctx, node)

	return all(
		err,
		wantEqual("release", after.Running.Release, "v1.13.9"),
		wantEqual("release by the API", version, "v1.13.9"),
		want(after.Active != before.Active, "it booted %s again", after.Active),
	)
}

// versionOf asks until the broken connection is a new one.
func (s *suite) versionOf(ctx context.Context, node Node) (string, error) {
	var tag string

	err := eventually(ctx, func() error {
		reply, err := s.asAdmin(node).Version(ctx)
		if err != nil {
			return err
		}

		tag = reply.GetMessages()[0].GetVersion().GetTag()

		return nil
	})

	return tag, err
}

// stopTask waits for the task before which the API ends, as talosctl does for what does not come back.
func stopTask(ctx context.Context, events <-chan client.EventResult, actor string) error {
	seen := &tracked{}
	err := seen.follow(ctx, events, actor)

	for _, task := range seen.tasks {
		if task == "stopAllServices" {
			return nil
		}
	}

	return fmt.Errorf("tasks %v, then %w", seen.tasks, err)
}

func (s *suite) checkShutdown(ctx context.Context, node Node) error {
	c := s.asAdmin(node)
	events := make(chan client.EventResult)

	if err := c.EventsWatchV2(ctx, events); err != nil {
		return err
	}

	reply, err := c.ShutdownWithResponse(ctx)
	if err != nil {
		return err
	}

	if err = stopTask(ctx, events, reply.GetMessages()[0].GetActorId()); err != nil {
		return err
	}

	_, err = s.control.settle(ctx, node, "off", func(state machineState) bool { return state.Power == "off" })
	if err != nil {
		return err
	}

	_, away := c.Version(ctx)

	return wantCode(away, codes.Unavailable, "")
}
