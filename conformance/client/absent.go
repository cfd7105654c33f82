package main

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

func systemContainerd() *common.ContainerdInstance {
	return &common.ContainerdInstance{
		Driver: common.ContainerDriver_CONTAINERD, Namespace: common.ContainerdNamespace_NS_SYSTEM,
	}
}

func pullNothing(ctx context.Context, c *client.Client) error {
	stream, err := c.ImageClient.Pull(ctx, &machine.ImageServicePullRequest{Containerd: systemContainerd(), ImageRef: "x"})
	if err != nil {
		return err
	}

	_, err = collect(stream.Recv)

	return err
}

func listImages(ctx context.Context, c *client.Client) error {
	stream, err := c.ImageClient.List(ctx, &machine.ImageServiceListRequest{Containerd: systemContainerd()})
	if err != nil {
		return err
	}

	_, err = collect(stream.Recv)

	return err
}

func upgradeToNothing(ctx context.Context, c *client.Client) error {
	stream, err := c.LifecycleClient.Upgrade(ctx, &machine.LifecycleServiceUpgradeRequest{Containerd: systemContainerd()})
	if err != nil {
		return err
	}

	_, err = collect(stream.Recv)

	return err
}

// ofControlPlanes are calls that only control planes answer, with the words that a worker has for them.
var ofControlPlanes = []struct {
	call
	words string
}{
	{forReadersOfControlPlanes[0], "member list"},
	{forReadersOfControlPlanes[1], "etcd status"},
	{forReadersOfControlPlanes[2], "etcd alarm list"},
	{forAdmins[2], "etcd forfeit leadership"},
	{forAdmins[3], "etcd snapshot"},
	{forAdmins[5], "kubeconfig"},
}

// checkAbsentCalls makes calls that a release or a machine of a kind does not have.
func checkAbsentCalls(s *suite) {
	for _, node := range []Node{s.node("gpu-01"), s.node("gpu-02"), s.node("gpu-06")} {
		for _, one := range ofControlPlanes {
			s.on(node, "a worker has no "+one.name, func(ctx context.Context) error {
				return wantCode(one.do(ctx, s.asAdmin(node)), codes.Unimplemented, one.words+" is only available on control plane nodes")
			})
		}

		s.on(node, "a worker does not bootstrap", func(ctx context.Context) error {
			err := s.asAdmin(node).Bootstrap(ctx, &machine.BootstrapRequest{})

			if s.minor(node) < 13 {
				return wantCode(err, codes.FailedPrecondition, "bootstrap can only be performed on a control plane node")
			}

			return wantCode(err, codes.Unimplemented, "bootstrap is only available on control plane nodes")
		})

		s.on(node, "a worker makes no client configuration", func(ctx context.Context) error {
			_, err := s.asAdmin(node).GenerateClientConfiguration(ctx, &machine.GenerateClientConfigurationRequest{
				Roles: []string{reader}, CrtTtl: durationpb.New(1_000_000_000),
			})
			if s.minor(node) < 13 {
				return wantCode(err, codes.FailedPrecondition, "can't be generated on worker nodes")
			}

			return wantCode(err, codes.Unimplemented, "generate client configuration is only available on control plane nodes")
		})

		if s.minor(node) >= 13 {
			continue
		}

		for service, do := range map[string]func(ctx context.Context, c *client.Client) error{
			"ImageService": listImages, "LifecycleService": upgradeToNothing,
		} {
			s.on(node, "1.12 has no "+service, func(ctx context.Context) error {
				return wantCode(do(ctx, s.asAdmin(node)), codes.Unimplemented, fmt.Sprintf("unknown service machine.%s", service))
			})
		}
	}
}
