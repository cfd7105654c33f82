package api

import (
	"slices"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	peer "ichor.example/conformance/peer/machine"
)

// lifecycleService is machine.LifecycleService, of 1.13 and later.
type lifecycleService struct {
	machine.UnimplementedLifecycleServiceServer
	boot *peer.Boot
}

// chunkOf13 is after how many characters 1.13 cut the installer's output: anywhere in a line.
const chunkOf13 = 29

// Upgrade installs an image that was pulled before, telling the installer's lines, then its exit code. It does not restart.
func (service *lifecycleService) Upgrade(request *machine.LifecycleServiceUpgradeRequest, stream machine.LifecycleService_UpgradeServer) error {
	release, alone := service.boot.TryInstall()
	if !alone {
		return status.Error(codes.FailedPrecondition, "an installation is in progress")
	}
	defer release()

	image := request.GetSource().GetImageName()

	switch {
	case !service.boot.Machine.Disk().Installed:
		return status.Error(codes.FailedPrecondition, "there is no Talos on a disk")
	case image == "":
		return status.Error(codes.InvalidArgument, "the image name of an installer is missing")
	}

	instance, err := peer.Instance(request.GetContainerd())
	if err != nil {
		return status.Errorf(codes.Internal, "upgrade failed: %s", err)
	}

	if !service.boot.Holds(instance, image) {
		return status.Errorf(codes.Internal, "the installer %q was not found in containerd", image)
	}

	send := func(progress *machine.LifecycleServiceInstallProgress) error {
		return stream.Send(&machine.LifecycleServiceUpgradeResponse{Progress: progress})
	}

	// The installer goes on when nobody listens any more.
	code := service.boot.Install(service.boot.Context, instance, image, service.say(send))

	return send(&machine.LifecycleServiceInstallProgress{Response: &machine.LifecycleServiceInstallProgress_ExitCode{ExitCode: code}})
}

// say sends the installer's output: whole lines since 1.14, before that pieces that end anywhere.
func (service *lifecycleService) say(send func(*machine.LifecycleServiceInstallProgress) error) func(string) {
	tell := func(text string) {
		_ = send(&machine.LifecycleServiceInstallProgress{Response: &machine.LifecycleServiceInstallProgress_Message{Message: text}})
	}

	if service.boot.Release.Since(14) {
		return tell
	}

	return func(line string) {
		for piece := range slices.Chunk([]rune(line), chunkOf13) {
			tell(string(piece))
		}
	}
}
