package main

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

// installed is what the installer said, and how it ended.
type installed struct {
	output string
	code   int32
	ended  bool
}

func (s *suite) upgrade(ctx context.Context, node Node, containerd *common.ContainerdInstance, image string) (*installed, error) {
	stream, err := s.asAdmin(node).LifecycleClient.Upgrade(ctx, &machine.LifecycleServiceUpgradeRequest{
		Containerd: containerd, Source: &machine.InstallArtifactsSource{ImageName: image},
	})
	if err != nil {
		return nil, err
	}

	messages, err := collect(stream.Recv)
	if err != nil {
		return nil, err
	}

	result := &installed{}

	for _, message := range messages {
		switch response := message.GetProgress().GetResponse().(type) {
		case *machine.LifecycleServiceInstallProgress_Message:
			result.output += response.Message
		case *machine.LifecycleServiceInstallProgress_ExitCode:
			result.code, result.ended = response.ExitCode, true
		}
	}

	return result, nil
}

// checkLifecycle upgrades nodes of two releases: what is refused, what fails, and what succeeds and boots.
func checkLifecycle(s *suite) {
	for _, one := range []struct {
		node      Node
		extension string
	}{
		// From 1.13 to 1.14, and on 1.14 to another schematic.
		{s.node("gpu-02"), "siderolabs/nvidia-open-gpu-kernel-modules-production"},
		{s.node("gpu-08"), "siderolabs/nonfree-kmod-nvidia-production"},
	} {
		u := &upgrader{suite: s, node: one.node, extension: one.extension}

		s.on(one.node, "LifecycleService: what is refused", u.checkRefused)
		s.on(one.node, "LifecycleService: an installer that fails", u.checkFailing)
		s.on(one.node, "LifecycleService: one upgrade at a time", u.checkOneAtATime)
		s.on(one.node, "LifecycleService: upgrade and tracked reboot into another system", u.checkUpgrade)
	}
}

type upgrader struct {
	*suite
	node      Node
	extension string
}

// image is the image to upgrade to, pulled.
func (u *upgrader) image(ctx context.Context) (name, schematic string, err error) {
	schematic, err = u.schematic(ctx, u.extension)
	if err != nil {
		return "", "", err
	}

	result, err := u.pull(ctx, u.node, systemContainerd(), registry+schematic+":v1.14.0")
	if err != nil {
		return "", "", err
	}

	return result.name, schematic, nil
}

func (u *upgrader) checkRefused(ctx context.Context) error {
	_, nameless := u.upgrade(ctx, u.node, systemContainerd(), "")
	_, absent := u.upgrade(ctx, u.node, systemContainerd(), registry+"riddle:v1.14.0")
	_, nowhere := u.upgrade(ctx, u.node, &common.ContainerdInstance{}, "x")

	return all(
		wantCode(nameless, codes.InvalidArgument, "installer image name is required"),
		wantCode(absent, codes.Internal, "not found in containerd store"),
		wantCode(nowhere, codes.Internal, "upgrade failed: rpc error: code = InvalidArgument desc = invalid containerd namespace NS_UNKNOWN"),
	)
}

// checkFailing wants the failure told by the exit code alone.
func (u *upgrader) checkFailing(ctx context.Context) error {
	image, _, err := u.image(ctx)
	if err != nil {
		return err
	}

	if err = u.control.fault(ctx, u.node, "installer-exit:6"); err != nil {
		return err
	}

	result, err := u.upgrade(ctx, u.node, systemContainerd(), image)
	if err = all(err, u.control.clearFaults(ctx, u.node)); err != nil {
		return err
	}

	return all(wantEqual("exit code", result.code, int32(6)), want(strings.Contains(result.output, "error"), "it says %q", result.output))
}

// checkOneAtATime starts a second upgrade while the first runs.
func (u *upgrader) checkOneAtATime(ctx context.Context) error {
	image, _, err := u.image(ctx)
	if err != nil {
		return err
	}

	stream, err := u.asAdmin(u.node).LifecycleClient.Upgrade(ctx, &machine.LifecycleServiceUpgradeRequest{
		Containerd: systemContainerd(), Source: &machine.InstallArtifactsSource{ImageName: image},
	})
	if err != nil {
		return err
	}

	if _, err = stream.Recv(); err != nil {
		return err
	}

	_, second := u.upgrade(ctx, u.node, systemContainerd(), image)
	_, err = collect(stream.Recv)

	return all(err, wantCode(second, codes.FailedPrecondition, "another installation/upgrade is already in progress"))
}

// checkUpgrade pulls, installs, and reboots as talosctl does, and finds the node with another release or schematic.
func (u *upgrader) checkUpgrade(ctx context.Context) error {
	image, schematic, err := u.image(ctx)
	if err != nil {
		return err
	}

	result, err := u.upgrade(ctx, u.node, systemContainerd(), image)
	if err != nil {
		return err
	}

	if !result.ended || result.code != 0 || result.output == "" {
		return fmt.Errorf("the installer ended with %d (%t): %s", result.code, result.ended, result.output)
	}

	before, err := u.asAdmin(u.node).Version(ctx)
	if err != nil {
		return err
	}

	if err = wantEqual("release before the reboot", before.GetMessages()[0].GetVersion().GetTag(), u.release(u.node)); err != nil {
		return err
	}

	if _, err = u.track(ctx, u.node, func(ctx context.Context, c *client.Client) (string, error) {
		reply, err := c.RebootWithResponse(ctx)
		if err != nil {
			return "", err
		}

		return reply.GetMessages()[0].GetActorId(), nil
	}); err != nil {
		return err
	}

	r, err := u.read(ctx, u.node)
	if err != nil {
		return err
	}

	return all(
		wantEqual("release", r.truth.Running.Release, "v1.14.0"),
		wantEqual("schematic", r.truth.Running.SchematicID, schematic),
		checkExtensions(r), checkFactorySchematic(r), checkBootID(r), checkVersionResource(r),
	)
}
