package main

import (
	"context"
	"slices"
	"strings"

	"github.com/cosi-project/runtime/api/v1alpha1"
	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	"github.com/siderolabs/talos/pkg/machinery/constants"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
)

// checkEnds wants streams of logs and events to come to their end when services stop, and watches to break off.
func (s *suite) checkEnds(ctx context.Context, node Node) error {
	c := s.asAdmin(node)

	dmesg, err := c.Dmesg(ctx, true, true)
	if err != nil {
		return err
	}

	log, err := c.Logs(ctx, constants.SystemContainerdNamespace, common.ContainerDriver_CONTAINERD, "kubelet", true, 1)
	if err != nil {
		return err
	}

	events, err := c.Events(ctx)
	if err != nil {
		return err
	}

	watch, err := rawState(c).Watch(ctx, &v1alpha1.WatchRequest{Namespace: runtime.NamespaceName, Type: runtime.MachineStatusType})
	if err != nil {
		return err
	}

	// Each of them is there once the first has come.
	if _, err = watch.Recv(); err != nil {
		return err
	}

	if _, err = events.Recv(); err != nil {
		return err
	}

	if _, err = log.Recv(); err != nil {
		return err
	}

	before, err := s.control.of(ctx, node)
	if err != nil {
		return err
	}

	if err = c.Reboot(ctx); err != nil {
		return err
	}

	_, endOfDmesg := collect(dmesg.Recv)
	_, endOfLog := collect(log.Recv)
	_, endOfEvents := collect(events.Recv)
	_, endOfWatch := collect(watch.Recv)

	return all(endOfDmesg, endOfLog, endOfEvents, wantCode(endOfWatch, codes.Unavailable, ""), s.settled(ctx, node, before))
}

// checkReboot reboots nodes of two releases, a control plane among them, and in two ways.
func checkReboot(s *suite) {
	s.on(s.node("gpu-04"), "what is followed ends when it reboots", func(ctx context.Context) error {
		return s.checkEnds(ctx, s.node("gpu-04"))
	})

	for _, one := range []struct {
		node Node
		mode machine.RebootRequest_Mode
	}{
		{s.node("gpu-04"), machine.RebootRequest_DEFAULT},
		{s.node("gpu-07"), machine.RebootRequest_POWERCYCLE},
		{s.node("cp-02"), machine.RebootRequest_DEFAULT},
		{s.node("gpu-06"), machine.RebootRequest_DEFAULT},
	} {
		s.on(one.node, "Reboot ("+one.mode.String()+"), tracked to its end", func(ctx context.Context) error {
			seen, err := s.track(ctx, one.node, func(ctx context.Context, c *client.Client) (string, error) {
				reply, err := c.RebootWithResponse(ctx, client.WithRebootMode(one.mode))
				if err != nil {
					return "", err
				}

				return reply.GetMessages()[0].GetActorId(), nil
			})
			if err != nil {
				return err
			}

			return all(
				want(len(seen.sequences) > 0 && strings.HasPrefix(seen.sequences[0], "reboot START"), "sequences %v", seen.sequences),
				want(slices.Contains(seen.phases, "cleanup"), "phases %v", seen.phases),
				wantEqual("last task", seen.tasks[len(seen.tasks)-1], "stopAllServices"),
			)
		})
	}
}
