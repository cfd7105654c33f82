package main

import (
	"context"

	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/config"
)

// checkBroken wants what is no config refused, and the mode that 1.14 gave up.
func (a *applier) checkBroken(ctx context.Context) error {
	_, noYAML := a.apply(ctx, "version: [", machine.ApplyConfigurationRequest_AUTO, false)
	_, unknownKind := a.apply(ctx, "apiVersion: v1alpha1\nkind: RiddleConfig\n", machine.ApplyConfigurationRequest_AUTO, false)
	_, unknownMember := a.apply(ctx, "version: v1alpha1\nmachine:\n    type: worker\n    riddle: 1\n", machine.ApplyConfigurationRequest_AUTO, false)
	_, partial := a.apply(ctx, "apiVersion: v1alpha1\nkind: HostnameConfig\nhostname: x\n", machine.ApplyConfigurationRequest_AUTO, false)

	err := all(
		wantCode(noYAML, codes.InvalidArgument, ""),
		wantCode(unknownKind, codes.InvalidArgument, "RiddleConfig"),
		wantCode(unknownMember, codes.InvalidArgument, "riddle"),
		wantCode(partial, codes.InvalidArgument, "doesn't contain v1alpha1 config"),
	)
	if err != nil || a.minor(a.node) < 14 {
		return err
	}

	same, err := a.config(ctx, config.ActiveID)
	if err != nil {
		return err
	}

	_, withReboot := a.apply(ctx, same, machine.ApplyConfigurationRequest_REBOOT, false) //nolint:staticcheck // older releases have it

	return wantCode(withReboot, codes.Unimplemented, "the REBOOT mode is not supported")
}
