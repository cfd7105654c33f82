package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"ichor.example/conformance/peer/store"
)

// newActor names whoever asked for a sequence, for its events.
func newActor() string {
	bytes := make([]byte, 16)
	if _, err := rand.Read(bytes); err != nil {
		panic(err)
	}

	text := hex.EncodeToString(bytes)

	return text[0:8] + "-" + text[8:12] + "-4" + text[13:16] + "-8" + text[17:20] + "-" + text[20:32]
}

// ApplyConfiguration takes a config while the machine waits for one, and a change of it once it runs.
func (service *machineService) ApplyConfiguration(ctx context.Context, request *machine.ApplyConfigurationRequest) (*machine.ApplyConfigurationResponse, error) {
	if !service.boot.Maintenance() && !rolesOf(ctx).Includes(role.Admin) {
		return nil, store.ErrNotAuthorized
	}

	reply, err := service.boot.Apply(request)
	if err != nil {
		return nil, err
	}

	return &machine.ApplyConfigurationResponse{Messages: []*machine.ApplyConfiguration{reply}}, nil
}

// onlyControlPlane refuses what a worker does not have.
func (service *machineService) onlyControlPlane(what string) error {
	config := service.boot.Config()

	switch {
	case config == nil || config.Machine() == nil:
		return status.Errorf(codes.Unimplemented, "a machine without a config has no %s", what)
	case !config.Machine().Type().IsControlPlane():
		return status.Errorf(codes.Unimplemented, "a worker has no %s", what)
	default:
		return nil
	}
}

// Bootstrap makes this the first member of etcd, once in a cluster's life.
func (service *machineService) Bootstrap(context.Context, *machine.BootstrapRequest) (*machine.BootstrapResponse, error) {
	if service.boot.Maintenance() {
		return nil, status.Error(codes.FailedPrecondition, "it is too early for a bootstrap")
	}

	if err := service.onlyControlPlane("bootstrap"); err != nil {
		return nil, err
	}

	if err := service.boot.Bootstrap(); err != nil {
		return nil, err
	}

	return &machine.BootstrapResponse{Messages: []*machine.Bootstrap{{}}}, nil
}

// begin starts a sequence that goes on without its caller.
func (service *machineService) begin(what string, sequence func() error) {
	go func() {
		// What happens to it, its events tell.
		if err := sequence(); err != nil {
			service.boot.Logs.Of("machined").Append(what + ": " + err.Error())
		}
	}()
}

// Reboot answers before anything happens; the actor's events tell what does.
func (service *machineService) Reboot(_ context.Context, request *machine.RebootRequest) (*machine.RebootResponse, error) {
	actor := newActor()
	service.begin("reboot", func() error { return service.boot.Reboot(actor, request.Mode, false) })

	return &machine.RebootResponse{Messages: []*machine.Reboot{{ActorId: actor}}}, nil
}

// Shutdown answers before anything happens, as Reboot does.
func (service *machineService) Shutdown(_ context.Context, request *machine.ShutdownRequest) (*machine.ShutdownResponse, error) {
	actor := newActor()
	service.begin("shutdown", func() error { return service.boot.Shutdown(actor, request.Force) })

	return &machine.ShutdownResponse{Messages: []*machine.Shutdown{{ActorId: actor}}}, nil
}

// Reset wipes the machine after it has answered.
func (service *machineService) Reset(_ context.Context, request *machine.ResetRequest) (*machine.ResetResponse, error) {
	if len(request.GetUserDisksToWipe()) > 0 && request.Mode == machine.ResetRequest_SYSTEM_DISK {
		return nil, errors.New("reset failed: user disks cannot be wiped where only the system disk is to be")
	}

	actor := newActor()
	service.begin("reset", func() error { return service.boot.Reset(actor, request) })

	return &machine.ResetResponse{Messages: []*machine.Reset{{ActorId: actor}}}, nil
}

// Rollback has the other slot boot next, and restarts into it.
func (service *machineService) Rollback(context.Context, *machine.RollbackRequest) (*machine.RollbackResponse, error) {
	if !service.boot.Machine.Disk().Installed {
		return nil, status.Error(codes.FailedPrecondition, "there is no system disk")
	}

	if err := service.boot.Rollback(); err != nil {
		return nil, err
	}

	return &machine.RollbackResponse{Messages: []*machine.Rollback{{}}}, nil
}

// Upgrade is the older flow's one call: it returns when the image is pulled and the sequence begins.
func (service *machineService) Upgrade(ctx context.Context, request *machine.UpgradeRequest) (*machine.UpgradeResponse, error) {
	if !service.boot.Machine.Disk().Installed {
		return nil, status.Error(codes.FailedPrecondition, "there is no Talos on a disk")
	}

	actor := newActor()
	if err := service.boot.UpgradeLegacy(ctx, actor, request); err != nil {
		return nil, err
	}

	return &machine.UpgradeResponse{Messages: []*machine.Upgrade{{Ack: "The upgrade begins", ActorId: actor}}}, nil
}
