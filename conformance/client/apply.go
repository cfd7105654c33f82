package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cosi-project/runtime/pkg/safe"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	"github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
)

// applier changes the config of one node.
type applier struct {
	*suite
	node Node
	api  *client.Client
}

// checkApply applies configs to running nodes in every way.
func checkApply(s *suite) {
	for _, node := range []Node{s.node("gpu-08"), s.node("cp-03"), s.node("gpu-06")} {
		a := &applier{suite: s, node: node, api: s.asAdmin(node)}

		s.on(node, "ApplyConfiguration: dry run", a.checkDryRun)
		s.on(node, "ApplyConfiguration: without a reboot", a.checkNoReboot)
		s.on(node, "ApplyConfiguration: staged", a.checkStaged)
		s.on(node, "ApplyConfiguration: on trial", a.checkTrial)
		s.on(node, "ApplyConfiguration: what is no config", a.checkBroken)

		if s.minor(node) < 14 {
			s.on(node, "ApplyConfiguration: with a reboot", a.checkWithReboot)
		}
	}
}

func (a *applier) config(ctx context.Context, id string) (string, error) {
	found, err := safe.StateGetByID[*config.MachineConfig](ctx, a.api.COSI, id)
	if err != nil {
		return "", err
	}

	text, err := found.Provider().Bytes()

	return string(text), err
}

// renamed is the config that runs, with another host name.
func (a *applier) renamed(ctx context.Context, hostname string) (string, error) {
	text, err := a.config(ctx, config.ActiveID)
	if err != nil {
		return "", err
	}

	changed := strings.Replace(text, "hostname: "+a.node.Name+"\n", "hostname: "+hostname+"\n", 1)
	if changed == text {
		return "", fmt.Errorf("the config names no host")
	}

	return changed, nil
}

func (a *applier) apply(ctx context.Context, text string, mode machine.ApplyConfigurationRequest_Mode, dryRun bool) (*machine.ApplyConfiguration, error) {
	reply, err := a.api.ApplyConfiguration(ctx, &machine.ApplyConfigurationRequest{
		Data: []byte(text), Mode: mode, DryRun: dryRun, TryModeTimeout: durationpb.New(30 * time.Second),
	})
	if err != nil {
		return nil, err
	}

	return reply.GetMessages()[0], nil
}

func (a *applier) hostname(ctx context.Context) (string, error) {
	status, err := safe.StateGetByID[*network.HostnameStatus](ctx, a.api.COSI, network.HostnameID)
	if err != nil {
		return "", err
	}

	return status.TypedSpec().Hostname, nil
}

// checkDryRun wants the difference told, and nothing done.
func (a *applier) checkDryRun(ctx context.Context) error {
	changed, err := a.renamed(ctx, "riddle")
	if err != nil {
		return err
	}

	reply, err := a.apply(ctx, changed, machine.ApplyConfigurationRequest_AUTO, true)
	if err != nil {
		return err
	}

	same, err := a.config(ctx, config.ActiveID)
	if err != nil {
		return err
	}

	nothing, err := a.apply(ctx, same, machine.ApplyConfigurationRequest_NO_REBOOT, true)
	if err != nil {
		return err
	}

	hostname, err := a.hostname(ctx)

	return all(
		err,
		wantEqual("mode", reply.GetMode(), machine.ApplyConfigurationRequest_NO_REBOOT),
		wantMatch("details", reply.GetModeDetails(), `^Dry run summary:\nApplied configuration without a reboot \(skipped in dry-run\)\.\nConfig diff:\n`),
		want(strings.Contains(reply.GetModeDetails(), "\n+        hostname: riddle\n"), "no change in %q", reply.GetModeDetails()),
		want(strings.Contains(nothing.GetModeDetails(), "No changes."), "changes in %q", nothing.GetModeDetails()),
		wantEqual("host name", hostname, a.node.Name),
	)
}
