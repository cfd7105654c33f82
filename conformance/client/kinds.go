package main

import (
	"context"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/resource/meta"
	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"
	"github.com/siderolabs/talos/pkg/machinery/resources/block"
	"github.com/siderolabs/talos/pkg/machinery/resources/cluster"
	"github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/etcd"
	"github.com/siderolabs/talos/pkg/machinery/resources/hardware"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
	"github.com/siderolabs/talos/pkg/machinery/resources/perf"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"github.com/siderolabs/talos/pkg/machinery/resources/secrets"
	"github.com/siderolabs/talos/pkg/machinery/resources/time"
	"github.com/siderolabs/talos/pkg/machinery/resources/v1alpha1"
)

// typedKind reads resources of one type as Go values of that type, the way Talos' own programs do.
type typedKind struct {
	definition meta.ResourceDefinitionSpec
	list       func(ctx context.Context, st state.State) ([]resource.Resource, error)
	get        func(ctx context.Context, st state.State, id string) (resource.Resource, error)
	watch      func(ctx context.Context, st state.State, events chan<- typedEvent, opts ...state.WatchKindOption) error
}

func typed[T meta.ResourceWithRD]() typedKind {
	var zero T

	definition := zero.ResourceDefinition()

	return typedKind{
		definition: definition,
		list: func(ctx context.Context, st state.State) ([]resource.Resource, error) {
			found, err := safe.StateListAll[T](ctx, st)
			if err != nil {
				return nil, err
			}

			resources := make([]resource.Resource, 0, found.Len())
			for one := range found.All() {
				resources = append(resources, one)
			}

			return resources, nil
		},
		get: func(ctx context.Context, st state.State, id string) (resource.Resource, error) {
			return safe.StateGetByID[T](ctx, st, id)
		},
		watch: func(ctx context.Context, st state.State, events chan<- typedEvent, opts ...state.WatchKindOption) error {
			if definition.Type == config.MachineConfigType {
				return watchSkipping(ctx, st, definition, events, opts...)
			}

			return watchTyped[T](ctx, st, definition, events, opts...)
		},
	}
}

// typedKinds are the Go types of what nodes of the fleet serve.
var typedKinds = []typedKind{
	typed[*block.DiscoveredVolume](), typed[*block.Disk](), typed[*block.SystemDisk](), typed[*block.VolumeStatus](),
	typed[*cluster.Identity](), typed[*cluster.Info](), typed[*cluster.Member](),
	typed[*config.MachineConfig](), typed[*config.MachineType](),
	typed[*etcd.Member](),
	typed[*hardware.MemoryModule](), typed[*hardware.PCIDevice](), typed[*hardware.Processor](), typed[*hardware.SystemInformation](),
	typed[*k8s.KubeletSpec](), typed[*k8s.KubeletStatus](), typed[*k8s.NodeIP](), typed[*k8s.NodeStatus](), typed[*k8s.Nodename](),
	typed[*k8s.StaticPodStatus](),
	typed[*meta.Namespace](), typed[*meta.ResourceDefinition](),
	typed[*network.AddressStatus](), typed[*network.HostnameStatus](), typed[*network.LinkStatus](), typed[*network.NodeAddress](),
	typed[*network.ResolverStatus](), typed[*network.RouteStatus](), typed[*network.Status](), typed[*network.TimeServerStatus](),
	typed[*perf.CPU](), typed[*perf.Memory](),
	typed[*runtime.BootID](), typed[*runtime.BootedEntry](), typed[*runtime.Diagnostic](), typed[*runtime.ExtensionStatus](),
	typed[*runtime.ImageFactorySchematic](), typed[*runtime.KernelCmdline](), typed[*runtime.KernelModuleSpec](),
	typed[*runtime.KernelModuleStatus](), typed[*runtime.LoadedKernelModule](), typed[*runtime.MachineStatus](), typed[*runtime.MetaKey](),
	typed[*runtime.MountStatus](), typed[*runtime.PlatformMetadata](), typed[*runtime.SecurityState](), typed[*runtime.Version](),
	typed[*runtime.UnattendedInstallStatus](),
	typed[*secrets.EtcdRoot](), typed[*secrets.KubernetesRoot](), typed[*secrets.OSRoot](),
	typed[*time.Status](),
	typed[*v1alpha1.Service](),
}

func typedKindOf(name string) (typedKind, bool) {
	for _, kind := range typedKinds {
		if kind.definition.Type == name {
			return kind, true
		}
	}

	return typedKind{}, false
}
