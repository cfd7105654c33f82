package main

import (
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
)

// nvidiaNode is the demo's node whose config asks for NVIDIA's modules.
const nvidiaNode = "gpu-01"

// checkKernelModules wants each module that the config asks for, and that it is loaded.
func checkKernelModules(r *reading) error {
	specs, err := resourcesOf[*runtime.KernelModuleSpec](r)
	if err != nil {
		return err
	}

	loaded, err := resourcesOf[*runtime.LoadedKernelModule](r)
	if err != nil {
		return err
	}

	active, err := resourceOf[*config.MachineConfig](r, config.ActiveID)
	if err != nil {
		return err
	}

	for _, module := range active.Config().KernelModuleConfigs() {
		name := module.Name()

		if specs[name] == nil || loaded[name] == nil {
			return fmt.Errorf("%s is missing in %d specs or %d loaded modules", name, len(specs), len(loaded))
		}

		err = all(
			wantEqual("name", specs[name].TypedSpec().Name, name),
			wantEqual("state of "+name, loaded[name].TypedSpec().State, "Live"),
			want(loaded[name].TypedSpec().Size > 0, "%s has no size", name),
			wantMatch("address of "+name, loaded[name].TypedSpec().Address, `^0x[0-9a-f]{16}$`),
		)
		if err != nil {
			return err
		}
	}

	if r.node.Name == nvidiaNode {
		return wantEqual("modules of the config", len(specs), 4)
	}

	return nil
}

func checkKernelModuleStatuses(r *reading) error {
	statuses, err := resourcesOf[*runtime.KernelModuleStatus](r)
	if err != nil {
		return err
	}

	loaded, err := resourcesOf[*runtime.LoadedKernelModule](r)
	if err != nil {
		return err
	}

	for name, module := range loaded {
		status := statuses[name]
		if status == nil {
			return fmt.Errorf("%s is missing", name)
		}

		err = all(
			wantEqual("type of "+name, status.TypedSpec().Type, runtime.KernelModuleTypeDynamic),
			wantEqual("state of "+name, status.TypedSpec().State, runtime.KernelModuleStateLive),
			wantEqual("size of "+name, status.TypedSpec().Size, module.TypedSpec().Size),
			wantEqual("users of "+name, status.TypedSpec().ReferenceCount, module.TypedSpec().ReferenceCount),
		)
		if err != nil {
			return err
		}
	}

	return nil
}
