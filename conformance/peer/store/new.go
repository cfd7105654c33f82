// Package store is the COSI state of one boot: the types that a release registers, behind its rules of access.
package store

import (
	"context"

	"github.com/cosi-project/runtime/pkg/state"
	"github.com/cosi-project/runtime/pkg/state/impl/inmem"
	"github.com/cosi-project/runtime/pkg/state/impl/namespaced"
	"github.com/cosi-project/runtime/pkg/state/registry"
	"github.com/siderolabs/talos/pkg/machinery/resources/cluster"
	"github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/containers"
	"github.com/siderolabs/talos/pkg/machinery/resources/cri"
	"github.com/siderolabs/talos/pkg/machinery/resources/etcd"
	"github.com/siderolabs/talos/pkg/machinery/resources/files"
	"github.com/siderolabs/talos/pkg/machinery/resources/hardware"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/siderolabs/talos/pkg/machinery/resources/kubespan"
	"github.com/siderolabs/talos/pkg/machinery/resources/network"
	"github.com/siderolabs/talos/pkg/machinery/resources/perf"
	"github.com/siderolabs/talos/pkg/machinery/resources/secrets"
	"github.com/siderolabs/talos/pkg/machinery/resources/security"
	"github.com/siderolabs/talos/pkg/machinery/resources/storage"
	"github.com/siderolabs/talos/pkg/machinery/resources/v1alpha1"

	"ichor.example/conformance/peer/spec"
)

// namespaces are Talos' own.
var namespaces = []string{
	v1alpha1.NamespaceName, cluster.NamespaceName, cluster.RawNamespaceName, config.NamespaceName, etcd.NamespaceName,
	files.NamespaceName, hardware.NamespaceName, k8s.NamespaceName, k8s.ControlPlaneNamespaceName, kubespan.NamespaceName,
	network.NamespaceName, network.ConfigNamespaceName, cri.NamespaceName, containers.NamespaceName, secrets.NamespaceName,
	security.NamespaceName, perf.NamespaceName, storage.NamespaceName,
}

// New makes the empty state of a boot of that release, with all that it knows of types and namespaces.
func New(ctx context.Context, release spec.Release) (state.State, error) {
	resources := state.WrapCore(namespaced.NewState(func(namespace string) state.CoreState {
		// As much history as machined keeps.
		return inmem.NewStateWithOptions(
			inmem.WithHistoryInitialCapacity(8), inmem.WithHistoryMaxCapacity(1024), inmem.WithHistoryGap(4),
		)(namespace)
	}))

	names := registry.NewNamespaceRegistry(resources)
	if err := names.RegisterDefault(ctx); err != nil {
		return nil, err
	}

	for _, name := range namespaces {
		if err := names.Register(ctx, name, name); err != nil {
			return nil, err
		}
	}

	types := registry.NewResourceRegistry(resources)
	if err := types.RegisterDefault(ctx); err != nil {
		return nil, err
	}

	known := always
	if release.Since(13) {
		known = append(known[:len(known):len(known)], since13...)
	}

	if release.Since(14) {
		known = append(known[:len(known):len(known)], since14...)
	}

	for _, definition := range known {
		if err := types.Register(ctx, definition); err != nil {
			return nil, err
		}
	}

	return resources, nil
}
