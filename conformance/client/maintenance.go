package main

import (
	"context"
	"fmt"

	"github.com/cosi-project/runtime/pkg/safe"
	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/hardware"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"github.com/siderolabs/talos/pkg/machinery/resources/secrets"
)

// checkMaintenance installs machines that wait in maintenance mode: a worker of the fleet's cluster, and a cluster of one node.
func checkMaintenance(s *suite) {
	worker := s.node("new-01")

	s.on(worker, "maintenance: another key than the one trusted is refused", func(ctx context.Context) error {
		fingerprint, err := fingerprintOf(ctx, s.node("new-02"))
		if err != nil {
			return err
		}

		c, err := s.connectMaintenance(worker, fingerprint)
		if err != nil {
			return err
		}
		defer c.Close() //nolint:errcheck

		_, err = c.Version(ctx)

		return wantCode(err, codes.Unavailable, "fingerprint")
	})

	s.on(worker, "maintenance: hardware and status without credentials, and no secrets", func(ctx context.Context) error {
		return s.checkWaiting(ctx, worker)
	})

	s.on(worker, "maintenance: calls that need a role are refused", func(ctx context.Context) error {
		c, err := s.look(worker)
		if err != nil {
			return err
		}

		for _, one := range []call{forAdmins[4], forAdmins[5], forAdmins[6]} {
			if err := wantCode(one.do(ctx, c), codes.PermissionDenied, "not authorized"); err != nil {
				return fmt.Errorf("%s: %w", one.name, err)
			}
		}

		return nil
	})

	s.on(worker, "maintenance: a config that is none is refused", func(ctx context.Context) error {
		c, err := s.look(worker)
		if err != nil {
			return err
		}

		_, err = c.ApplyConfiguration(ctx, &machine.ApplyConfigurationRequest{Data: []byte("version: [")})

		return wantCode(err, codes.InvalidArgument, "")
	})

	s.on(worker, "maintenance: a config installs it, and it joins its cluster", func(ctx context.Context) error {
		return s.checkInstall(ctx, worker)
	})

	s.on(s.node("new-02"), "maintenance: a config of the library makes a cluster that bootstraps", func(ctx context.Context) error {
		return s.checkNewCluster(ctx, s.node("new-02"))
	})
}

func (s *suite) checkWaiting(ctx context.Context, node Node) error {
	c, err := s.look(node)
	if err != nil {
		return err
	}

	status, err := safe.StateGetByID[*runtime.MachineStatus](ctx, c.COSI, runtime.MachineStatusID)
	if err != nil {
		return err
	}

	devices, err := safe.StateListAll[*hardware.PCIDevice](ctx, c.COSI)
	if err != nil {
		return err
	}

	_, secret := safe.StateGetByID[*secrets.OSRoot](ctx, c.COSI, secrets.OSRootID)

	return all(
		wantEqual("stage", status.TypedSpec().Stage, runtime.MachineStageMaintenance),
		wantEqual("ready", status.TypedSpec().Status.Ready, true),
		want(devices.Len() > 4, "%d devices", devices.Len()),
		wantCode(secret, codes.PermissionDenied, "not authorized"),
	)
}

// applyWaiting sends a config to a node in maintenance mode as talosctl does, and waits until it has booted what it installed.
func (s *suite) applyWaiting(ctx context.Context, node Node, text []byte) error {
	c, err := s.look(node)
	if err != nil {
		return err
	}

	before, err := s.control.of(ctx, node)
	if err != nil {
		return err
	}

	if _, err = c.ApplyConfiguration(ctx, &machine.ApplyConfigurationRequest{
		Data: text, Mode: machine.ApplyConfigurationRequest_AUTO,
	}); err != nil {
		return err
	}

	_, err = s.control.settle(ctx, node, "installed", func(state machineState) bool {
		return state.Power == "up" && state.BootID != before.BootID
	})

	return err
}

// checkInstall gives a worker the config of another one.
func (s *suite) checkInstall(ctx context.Context, node Node) error {
	model := s.node("gpu-08")

	text, err := (&applier{suite: s, node: model, api: s.asAdmin(model)}).renamed(ctx, node.Name)
	if err != nil {
		return err
	}

	if err = s.applyWaiting(ctx, node, []byte(text)); err != nil {
		return err
	}

	if _, err = s.control.settle(ctx, node, "ready", up); err != nil {
		return err
	}

	version, err := s.asAdmin(node).Version(ctx)
	if err != nil {
		return err
	}

	r, err := s.read(ctx, node)
	if err != nil {
		return err
	}

	r.api = s.asAdmin(node)

	return all(
		wantEqual("roles are enforced", version.GetMessages()[0].GetFeatures().GetRbac(), true),
		checkHostname(r), checkMachineConfig(r), checkSystemDisk(r), checkVolumes(r),
	)
}
