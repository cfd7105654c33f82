package main

import (
	configmachine "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	timeresource "github.com/siderolabs/talos/pkg/machinery/resources/time"
	"github.com/siderolabs/talos/pkg/machinery/resources/v1alpha1"
)

func checkMachineStatus(r *reading) error {
	status, err := resourceOf[*runtime.MachineStatus](r, runtime.MachineStatusID)
	if err != nil {
		return err
	}

	spec := status.TypedSpec()

	return all(
		wantEqual("stage", spec.Stage, runtime.MachineStageRunning),
		wantEqual("stage in words", spec.Stage.String(), r.truth.Stage),
		wantEqual("ready", spec.Status.Ready, true),
		wantEqual("unmet conditions", len(spec.Status.UnmetConditions), 0),
	)
}

func checkVersionResource(r *reading) error {
	version, err := resourceOf[*runtime.Version](r, "version")
	if err != nil {
		return err
	}

	// 1.12 gives no name.
	name := "Talos"
	if r.minor < 13 {
		name = ""
	}

	return all(
		wantEqual("version", version.TypedSpec().Version, r.truth.Running.Release),
		wantEqual("name", version.TypedSpec().Name, name),
	)
}

// checkServiceResources wants one for each service that runs, with its health.
func checkServiceResources(r *reading) error {
	services, err := resourcesOf[*v1alpha1.Service](r)
	if err != nil {
		return err
	}

	listed, err := r.api.ServiceList(r.ctx)
	if err != nil {
		return err
	}

	running := 0

	for _, service := range listed.GetMessages()[0].GetServices() {
		if service.GetState() != "Running" {
			continue
		}

		running++

		one, ok := services[service.GetId()]
		if !ok {
			return want(false, "%s is missing", service.GetId())
		}

		err = all(
			wantEqual(service.GetId()+" runs", one.TypedSpec().Running, true),
			wantEqual(service.GetId()+" is healthy", one.TypedSpec().Healthy, service.GetHealth().GetHealthy()),
			wantEqual(service.GetId()+" has no check", one.TypedSpec().Unknown, service.GetHealth().GetUnknown()),
		)
		if err != nil {
			return err
		}
	}

	return wantEqual("services", len(services), running)
}

func checkTime(r *reading) error {
	status, err := resourceOf[*timeresource.Status](r, timeresource.StatusID)
	if err != nil {
		return err
	}

	return wantEqual("synced", status.TypedSpec().Synced, true)
}

// checkMachineConfig wants the config that runs, and the same on disk.
func checkMachineConfig(r *reading) error {
	machineType, err := resourceOf[*config.MachineType](r, config.MachineTypeID)
	if err != nil {
		return err
	}

	active, err := resourceOf[*config.MachineConfig](r, config.ActiveID)
	if err != nil {
		return err
	}

	persistent, err := resourceOf[*config.MachineConfig](r, config.PersistentID)
	if err != nil {
		return err
	}

	wanted := configmachine.TypeWorker
	if r.node.controlPlane() {
		wanted = configmachine.TypeControlPlane
	}

	before, err := active.Provider().Bytes()
	if err != nil {
		return err
	}

	after, err := persistent.Provider().Bytes()
	if err != nil {
		return err
	}

	return all(
		wantEqual("machine type", machineType.MachineType(), wanted),
		wantEqual("the config's machine type", active.Config().Machine().Type(), wanted),
		wantEqual("the config on disk", string(after), string(before)),
	)
}
