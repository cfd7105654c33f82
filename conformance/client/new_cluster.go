package main

import (
	"context"
	"time"

	"github.com/cosi-project/runtime/pkg/safe"
	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	configmachine "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"github.com/siderolabs/talos/pkg/machinery/resources/secrets"
)

// checkNewCluster has the library generate secrets and a config, applies it, bootstraps, and takes a kubeconfig.
func (s *suite) checkNewCluster(ctx context.Context, node Node) error {
	model := s.node("gpu-08")

	state, err := s.control.of(ctx, model)
	if err != nil {
		return err
	}

	input, err := generate.NewInput("anvil", "https://"+node.Address+":6443", "1.36.2",
		generate.WithInstallDisk("/dev/nvme0n1"),
		generate.WithInstallImage("factory.talos.dev/metal-installer/"+state.Running.SchematicID+":"+state.Running.Release),
		generate.WithEndpointList([]string{node.Endpoint}),
	)
	if err != nil {
		return err
	}

	config, err := input.Config(configmachine.TypeControlPlane)
	if err != nil {
		return err
	}

	text, err := config.Bytes()
	if err != nil {
		return err
	}

	talosconfig, err := input.Talosconfig()
	if err != nil {
		return err
	}

	if err = s.applyWaiting(ctx, node, text); err != nil {
		return err
	}

	c, err := client.New(ctx, client.WithConfig(talosconfig))
	if err != nil {
		return err
	}
	defer c.Close() //nolint:errcheck

	return s.bootstrapCluster(ctx, node, c, talosconfig, input)
}

func (s *suite) bootstrapCluster(ctx context.Context, node Node, c *client.Client, talosconfig *clientconfig.Config, input *generate.Input) error {
	if err := eventually(ctx, func() error { return waitsForBootstrap(ctx, c) }); err != nil {
		return err
	}

	before, err := safe.StateGetByID[*runtime.MachineStatus](ctx, c.COSI, runtime.MachineStatusID)
	if err != nil {
		return err
	}

	if err = c.Bootstrap(ctx, &machine.BootstrapRequest{}); err != nil {
		return err
	}

	again := c.Bootstrap(ctx, &machine.BootstrapRequest{})

	if _, err = s.control.settle(ctx, node, "ready", up); err != nil {
		return err
	}

	root, err := safe.StateGetByID[*secrets.KubernetesRoot](ctx, c.COSI, secrets.KubernetesRootID)
	if err != nil {
		return err
	}

	store, err := safe.StateGetByID[*secrets.EtcdRoot](ctx, c.COSI, secrets.EtcdRootID)
	if err != nil {
		return err
	}

	kubeconfig, err := c.Kubeconfig(ctx)
	if err != nil {
		return err
	}

	bundle := input.Options.SecretsBundle
	members, err := c.EtcdMemberList(ctx, &machine.EtcdMemberListRequest{})

	return all(
		err,
		wantEqual("stage before", before.TypedSpec().Stage, runtime.MachineStageBooting),
		wantCode(again, codes.AlreadyExists, "etcd data directory is not empty"),
		wantEqual("members", len(members.GetMessages()[0].GetMembers()), 1),
		wantEqual("contexts", len(talosconfig.Contexts), 1),
		checkKubeconfig(kubeconfig, "anvil"),
		wantEqual("etcd's authority", string(store.TypedSpec().EtcdCA.Crt), string(bundle.Certs.Etcd.Crt)),
		wantEqual("Kubernetes' authority", string(root.TypedSpec().IssuingCA.Crt), string(bundle.Certs.K8s.Crt)),
		wantEqual("service account's key", string(root.TypedSpec().ServiceAccount.Key), string(bundle.Certs.K8sServiceAccount.Key)),
		wantEqual("bootstrap token", root.TypedSpec().BootstrapTokenID+"."+root.TypedSpec().BootstrapTokenSecret, bundle.Secrets.BootstrapToken),
		want(time.Since(before.Metadata().Updated()) < time.Hour, "the clock is wrong"),
	)
}

// waitsForBootstrap wants a control plane with all services but its etcd.
func waitsForBootstrap(ctx context.Context, c *client.Client) error {
	reply, err := c.ServiceList(ctx)
	if err != nil {
		return err
	}

	states := map[string]string{}
	for _, service := range reply.GetMessages()[0].GetServices() {
		states[service.GetId()] = service.GetState()
	}

	return all(
		wantEqual("state of the kubelet", states["kubelet"], "Running"),
		want(states["etcd"] != "" && states["etcd"] != "Running", "etcd is %q", states["etcd"]),
	)
}
