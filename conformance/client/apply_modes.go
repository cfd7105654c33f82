package main

import (
	"context"
	"strings"

	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
)

// checkNoReboot renames the node, sees it, and names it back.
func (a *applier) checkNoReboot(ctx context.Context) error {
	before, err := a.config(ctx, config.ActiveID)
	if err != nil {
		return err
	}

	changed, err := a.renamed(ctx, "riddle")
	if err != nil {
		return err
	}

	events := make(chan safe.WrappedStateEvent[*network.HostnameStatus])
	if err = safe.StateWatch(ctx, a.api.COSI, network.NewHostnameStatus(network.NamespaceName, network.HostnameID).Metadata(), events); err != nil {
		return err
	}

	if _, err = next(ctx, events); err != nil {
		return err
	}

	reply, err := a.apply(ctx, changed, machine.ApplyConfigurationRequest_AUTO, false)
	if err != nil {
		return err
	}

	event, err := next(ctx, events)
	if err != nil {
		return err
	}

	status, err := event.Resource()
	if err != nil {
		return err
	}

	persistent, err := a.config(ctx, config.PersistentID)
	if err != nil {
		return err
	}

	_, err = a.apply(ctx, before, machine.ApplyConfigurationRequest_NO_REBOOT, false)

	return all(
		err,
		wantEqual("mode", reply.GetMode(), machine.ApplyConfigurationRequest_NO_REBOOT),
		wantEqual("details", reply.GetModeDetails(), "Applied configuration without a reboot"),
		wantEqual("event", event.Type(), state.Updated),
		wantEqual("host name", status.TypedSpec().Hostname, "riddle"),
		want(strings.Contains(persistent, "hostname: riddle\n"), "the config on disk is another"),
	)
}

// checkStaged wants the config on disk changed, and the one that runs as it was.
func (a *applier) checkStaged(ctx context.Context) error {
	before, err := a.config(ctx, config.ActiveID)
	if err != nil {
		return err
	}

	changed, err := a.renamed(ctx, "riddle")
	if err != nil {
		return err
	}

	reply, err := a.apply(ctx, changed, machine.ApplyConfigurationRequest_STAGED, false)
	if err != nil {
		return err
	}

	active, err := a.config(ctx, config.ActiveID)
	if err != nil {
		return err
	}

	persistent, err := a.config(ctx, config.PersistentID)
	if err != nil {
		return err
	}

	_, err = a.apply(ctx, before, machine.ApplyConfigurationRequest_STAGED, false)

	return all(
		err,
		wantEqual("mode", reply.GetMode(), machine.ApplyConfigurationRequest_STAGED),
		wantEqual("details", reply.GetModeDetails(), "Staged configuration to be applied after the next reboot"),
		wantEqual("the config that runs", active, before),
		wantEqual("the config on disk", persistent, changed),
	)
}

// checkTrial wants the config to run, the one on disk as it was, and the old one back by itself.
func (a *applier) checkTrial(ctx context.Context) error {
	before, err := a.config(ctx, config.ActiveID)
	if err != nil {
		return err
	}

	changed, err := a.renamed(ctx, "riddle")
	if err != nil {
		return err
	}

	reply, err := a.apply(ctx, changed, machine.ApplyConfigurationRequest_TRY, false)
	if err != nil {
		return err
	}

	var persistent string

	err = eventually(ctx, func() error {
		hostname, err := a.hostname(ctx)
		if err != nil {
			return err
		}

		if persistent, err = a.config(ctx, config.PersistentID); err != nil {
			return err
		}

		return wantEqual("host name", hostname, "riddle")
	})
	if err != nil {
		return err
	}

	err = eventually(ctx, func() error {
		hostname, err := a.hostname(ctx)

		return all(err, wantEqual("host name after the trial", hostname, a.node.Name))
	})

	return all(
		err,
		wantEqual("mode", reply.GetMode(), machine.ApplyConfigurationRequest_TRY),
		wantEqual("details", reply.GetModeDetails(),
			"Applied configuration without a reboot\nThe config is applied in 'try' mode and will be automatically reverted back in 30s"),
		wantEqual("the config on disk", persistent, before),
	)
}

// checkWithReboot wants the config on disk at once, and to run after the reboot.
func (a *applier) checkWithReboot(ctx context.Context) error {
	before, err := a.control.of(ctx, a.node)
	if err != nil {
		return err
	}

	text, err := a.config(ctx, config.ActiveID)
	if err != nil {
		return err
	}

	changed := text + "---\napiVersion: v1alpha1\nkind: WatchdogTimerConfig\ndevice: /dev/watchdog0\n"

	reply, err := a.apply(ctx, changed, machine.ApplyConfigurationRequest_REBOOT, false) //nolint:staticcheck // these releases have it
	if err != nil {
		return err
	}

	if err = a.settled(ctx, a.node, before); err != nil {
		return err
	}

	var active string

	err = eventually(ctx, func() error {
		active, err = a.config(ctx, config.ActiveID)

		return err
	})

	return all(
		err,
		wantEqual("mode", reply.GetMode(), machine.ApplyConfigurationRequest_REBOOT), //nolint:staticcheck // as above
		wantEqual("details", reply.GetModeDetails(), "Applied configuration with a reboot"),
		wantEqual("the config that runs", active, changed),
	)
}
