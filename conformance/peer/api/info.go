package api

import (
	"context"
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/version"
	"google.golang.org/protobuf/types/known/emptypb"

	peer "ichor.example/conformance/peer/machine"
)

// machineService is machine.MachineService; what it does not have is unimplemented.
type machineService struct {
	machine.UnimplementedMachineServiceServer
	boot *peer.Boot
}

// Version tells the release, and what the config turns on.
func (service *machineService) Version(context.Context, *emptypb.Empty) (*machine.VersionResponse, error) {
	info := version.NewVersion()
	info.Tag = service.boot.Release.Tag

	reply := &machine.Version{Version: info, Platform: &machine.PlatformInfo{Name: "metal", Mode: "metal"}}
	if config := service.boot.Config(); config != nil && config.Machine() != nil {
		reply.Features = &machine.FeaturesInfo{Rbac: true}
	}

	return &machine.VersionResponse{Messages: []*machine.Version{reply}}, nil
}

// Hostname tells the name that holds now.
func (service *machineService) Hostname(context.Context, *emptypb.Empty) (*machine.HostnameResponse, error) {
	return &machine.HostnameResponse{Messages: []*machine.Hostname{{Hostname: service.boot.Hostname()}}}, nil
}

// ServiceList tells all services with their last events.
func (service *machineService) ServiceList(context.Context, *emptypb.Empty) (*machine.ServiceListResponse, error) {
	return &machine.ServiceListResponse{Messages: []*machine.ServiceList{{Services: service.boot.Services()}}}, nil
}

// restartable are the services that Talos lets people restart, stop or start.
var restartable = map[string]bool{"kubelet": true, "cri": true, "ext-nvidia-persistenced": true, "ext-nvidia-cdi-gen": true}

// mayTouch refuses what is no service, or one that Talos keeps to itself.
func (service *machineService) mayTouch(id, what string) error {
	for _, known := range service.boot.Services() {
		if known.Id != id {
			continue
		}
		if !restartable[id] {
			return fmt.Errorf("%q takes no %s operation", id, what)
		}

		return nil
	}

	return fmt.Errorf("there is no service %q", id)
}

// ServiceRestart restarts one of the few services that people may restart.
func (service *machineService) ServiceRestart(_ context.Context, request *machine.ServiceRestartRequest) (*machine.ServiceRestartResponse, error) {
	if err := service.mayTouch(request.Id, "restart"); err != nil {
		return nil, err
	}

	service.boot.Restart(request.Id)

	return &machine.ServiceRestartResponse{
		Messages: []*machine.ServiceRestart{{Resp: fmt.Sprintf("Service %q restarted", request.Id)}},
	}, nil
}

// ServiceStop stops one of them.
func (service *machineService) ServiceStop(_ context.Context, request *machine.ServiceStopRequest) (*machine.ServiceStopResponse, error) {
	if err := service.mayTouch(request.Id, "stop"); err != nil {
		return nil, err
	}

	service.boot.Stop(request.Id)

	return &machine.ServiceStopResponse{Messages: []*machine.ServiceStop{{Resp: fmt.Sprintf("Service %q stopped", request.Id)}}}, nil
}

// ServiceStart starts one of them.
func (service *machineService) ServiceStart(_ context.Context, request *machine.ServiceStartRequest) (*machine.ServiceStartResponse, error) {
	if err := service.mayTouch(request.Id, "start"); err != nil {
		return nil, err
	}

	service.boot.Restart(request.Id)

	return &machine.ServiceStartResponse{Messages: []*machine.ServiceStart{{Resp: fmt.Sprintf("Service %q started", request.Id)}}}, nil
}
