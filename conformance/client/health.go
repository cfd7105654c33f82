package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	"github.com/siderolabs/talos/pkg/machinery/resources/cluster"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
)

// checkHealth asks what `talosctl health` asks, each node through the first control plane.
func checkHealth(s *suite) {
	through := s.node("cp-01")
	c := s.asAdmin(through)

	s.check("health: discovery finds all nodes", func(ctx context.Context) error {
		members, err := safe.StateListAll[*cluster.Member](ctx, c.COSI)
		if err != nil {
			return err
		}

		return wantEqual("members", members.Len(), len(s.members()))
	})

	for _, node := range s.members() {
		s.on(node, "health: services, memory, disk, no diagnostics, booted", func(ctx context.Context) error {
			return s.checkNodeHealth(client.WithNode(ctx, node.Address), c, node)
		})
	}

	s.check("health: every member knows the same etcd", s.checkConsistency)
}

func (s *suite) checkNodeHealth(ctx context.Context, c *client.Client, node Node) error {
	services := []string{"apid", "kubelet"}
	if node.controlPlane() {
		services = append(services, "etcd")
	}

	for _, id := range services {
		found, err := c.ServiceInfo(ctx, id)
		if err != nil {
			return err
		}

		if len(found) != 1 || found[0].Service.GetState() != "Running" || !found[0].Service.GetHealth().GetHealthy() {
			return fmt.Errorf("%s is %v", id, found)
		}
	}

	memory, err := c.Memory(ctx)
	if err != nil {
		return err
	}

	mounts, err := c.Mounts(ctx)
	if err != nil {
		return err
	}

	ephemeral := slices.IndexFunc(mounts.GetMessages()[0].GetStats(), func(mount *machine.MountStat) bool {
		return mount.GetMountedOn() == "/var"
	})

	diagnostics, err := safe.StateListAll[*runtime.Diagnostic](ctx, c.COSI)
	if err != nil {
		return err
	}

	events := make(chan state.Event)
	if err = c.COSI.Watch(ctx, runtime.NewMachineStatus().Metadata(), events); err != nil {
		return err
	}

	first, err := next(ctx, events)
	if err != nil {
		return err
	}

	status, ok := first.Resource.(*runtime.MachineStatus)
	if !ok {
		return fmt.Errorf("%T is no status", first.Resource)
	}

	return all(
		want(memory.GetMessages()[0].GetMeminfo().GetMemtotal() > 2<<20, "too little memory"),
		want(ephemeral >= 0, "no /var"),
		wantEqual("diagnostics", diagnostics.Len(), 0),
		wantEqual("stage", status.TypedSpec().Stage, runtime.MachineStageRunning),
	)
}

// checkConsistency wants the same members from each of them.
func (s *suite) checkConsistency(ctx context.Context) error {
	var lists []string

	for _, node := range s.members() {
		if !node.controlPlane() {
			continue
		}

		reply, err := s.asAdmin(node).EtcdMemberList(ctx, &machine.EtcdMemberListRequest{QueryLocal: true})
		if err != nil {
			return err
		}

		var ids []string
		for _, member := range reply.GetMessages()[0].GetMembers() {
			ids = append(ids, fmt.Sprintf("%s=%x", member.GetHostname(), member.GetId()))
		}

		slices.Sort(ids)
		lists = append(lists, fmt.Sprint(ids))
	}

	return all(wantEqual("second list", lists[1], lists[0]), wantEqual("third list", lists[2], lists[0]))
}
