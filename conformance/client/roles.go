package main

import (
	"context"
	"io"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

// call is a call of the API, whose answer does not matter.
type call struct {
	name string
	// since is the first release that has it.
	since int
	do    func(ctx context.Context, c *client.Client) error
}

// drained reads what a call streams, to its end.
func drained(reader io.ReadCloser, err error) error {
	if err != nil {
		return err
	}

	_, err = io.Copy(io.Discard, reader)

	return err
}

// forAdmins are calls that os:reader may not make.
var forAdmins = []call{
	{name: "ApplyConfiguration", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.ApplyConfiguration(ctx, &machine.ApplyConfigurationRequest{Data: []byte("x: 1"), DryRun: true})

		return err
	}},
	{name: "Bootstrap", do: func(ctx context.Context, c *client.Client) error {
		return c.Bootstrap(ctx, &machine.BootstrapRequest{})
	}},
	{name: "EtcdForfeitLeadership", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.EtcdForfeitLeadership(ctx, &machine.EtcdForfeitLeadershipRequest{})

		return err
	}},
	{name: "EtcdSnapshot", do: func(ctx context.Context, c *client.Client) error {
		return drained(c.EtcdSnapshot(ctx, &machine.EtcdSnapshotRequest{}))
	}},
	{name: "GenerateClientConfiguration", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.GenerateClientConfiguration(ctx, &machine.GenerateClientConfigurationRequest{
			Roles: []string{admin}, CrtTtl: durationpb.New(1),
		})

		return err
	}},
	{name: "Kubeconfig", do: func(ctx context.Context, c *client.Client) error {
		return drained(c.KubeconfigRaw(ctx))
	}},
	{name: "Read", do: func(ctx context.Context, c *client.Client) error {
		return drained(c.Read(ctx, "/etc/os-release"))
	}},
	{name: "Reboot", do: func(ctx context.Context, c *client.Client) error { return c.Reboot(ctx) }},
	{name: "Reset", do: func(ctx context.Context, c *client.Client) error { return c.Reset(ctx, true, true) }},
	{name: "Rollback", do: func(ctx context.Context, c *client.Client) error { return c.Rollback(ctx) }},
	{name: "ServiceRestart", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.ServiceRestart(ctx, "kubelet")

		return err
	}},
	{name: "ServiceStart", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.ServiceStart(ctx, "kubelet")

		return err
	}},
	{name: "ServiceStop", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.ServiceStop(ctx, "kubelet")

		return err
	}},
	{name: "Shutdown", do: func(ctx context.Context, c *client.Client) error { return c.Shutdown(ctx) }},
	{name: "Upgrade", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.UpgradeWithOptions(ctx, client.WithUpgradeImage("x")) //nolint:staticcheck // releases before 1.13 have only this

		return err
	}},
	{name: "Copy", do: func(ctx context.Context, c *client.Client) error { return drained(c.Copy(ctx, "/proc")) }},
	{name: "ImagePull", do: func(ctx context.Context, c *client.Client) error {
		return c.ImagePull(ctx, common.ContainerdNamespace_NS_SYSTEM, "x") //nolint:staticcheck // releases before 1.13 have only this
	}},
	{name: "MetaDelete", do: func(ctx context.Context, c *client.Client) error { return c.MetaDelete(ctx, 10) }},
	{name: "MetaWrite", do: func(ctx context.Context, c *client.Client) error { return c.MetaWrite(ctx, 10, nil) }},
	{name: "PacketCapture", do: func(ctx context.Context, c *client.Client) error {
		return drained(c.PacketCapture(ctx, &machine.PacketCaptureRequest{Interface: "lo"}))
	}},
	{name: "ImageService.Pull", since: 13, do: pullNothing},
	{name: "LifecycleService.Upgrade", since: 13, do: upgradeToNothing},
}

// forReaders are calls that os:reader may make on every node.
var forReaders = []call{
	{name: "Version", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.Version(ctx)

		return err
	}},
	{name: "ServiceList", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.ServiceList(ctx)

		return err
	}},
	{name: "LogsContainers", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.LogsContainers(ctx)

		return err
	}},
	{name: "SystemStat", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.MachineClient.SystemStat(ctx, &emptypb.Empty{})

		return err
	}},
	{name: "Dmesg", do: func(ctx context.Context, c *client.Client) error {
		stream, err := c.Dmesg(ctx, false, false)
		if err != nil {
			return err
		}

		_, err = collect(stream.Recv)

		return err
	}},
	{name: "Events", do: func(ctx context.Context, c *client.Client) error {
		_, err := receiveEvents(ctx, c, 1)

		return err
	}},
	{name: "List", do: func(ctx context.Context, c *client.Client) error {
		stream, err := c.LS(ctx, &machine.ListRequest{Root: "/dev"})
		if err != nil {
			return err
		}

		_, err = collect(stream.Recv)

		return err
	}},
	{name: "CPUFreqStats", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.MachineClient.CPUFreqStats(ctx, &emptypb.Empty{})

		return err
	}},
	{name: "Containers", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.Containers(ctx, "system", common.ContainerDriver_CONTAINERD)

		return err
	}},
	{name: "DiskUsage", do: func(ctx context.Context, c *client.Client) error {
		stream, err := c.DiskUsage(ctx, &machine.DiskUsageRequest{Paths: []string{"/proc"}})
		if err != nil {
			return err
		}

		_, err = collect(stream.Recv)

		return err
	}},
	{name: "Hostname", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.MachineClient.Hostname(ctx, &emptypb.Empty{})

		return err
	}},
	{name: "ImageList", do: func(ctx context.Context, c *client.Client) error {
		stream, err := c.ImageList(ctx, common.ContainerdNamespace_NS_SYSTEM) //nolint:staticcheck // releases before 1.13 have only this
		if err != nil {
			return err
		}

		_, err = collect(stream.Recv)

		return err
	}},
	{name: "Netstat", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.Netstat(ctx, &machine.NetstatRequest{})

		return err
	}},
	{name: "Stats", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.Stats(ctx, "system", common.ContainerDriver_CONTAINERD)

		return err
	}},
	{name: "ImageService.List", since: 13, do: listImages},
}

// forReadersOfControlPlanes are calls that os:reader may make where there is etcd.
var forReadersOfControlPlanes = []call{
	{name: "EtcdMemberList", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.EtcdMemberList(ctx, &machine.EtcdMemberListRequest{})

		return err
	}},
	{name: "EtcdStatus", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.EtcdStatus(ctx)

		return err
	}},
	{name: "EtcdAlarmList", do: func(ctx context.Context, c *client.Client) error {
		_, err := c.EtcdAlarmList(ctx)

		return err
	}},
}

// checkRoles makes calls with the role os:reader.
func checkRoles(s *suite) {
	for _, node := range s.samples() {
		for _, one := range forAdmins {
			if one.since > s.minor(node) {
				continue
			}

			s.on(node, "os:reader may not "+one.name, func(ctx context.Context) error {
				return wantCode(one.do(ctx, s.connect(node, reader)), codes.PermissionDenied, "not authorized")
			})
		}

		may := forReaders
		if node.controlPlane() {
			may = append(may[:len(may):len(may)], forReadersOfControlPlanes...)
		}

		for _, one := range may {
			if one.since > s.minor(node) {
				continue
			}

			s.on(node, "os:reader may "+one.name, func(ctx context.Context) error {
				return one.do(ctx, s.connect(node, reader))
			})
		}
	}
}
