package main

import (
	"context"

	"github.com/cosi-project/runtime/pkg/controller/generic"
	"github.com/cosi-project/runtime/pkg/safe"

	"github.com/siderolabs/talos/pkg/machinery/client"
)

// reading is a look at one node: what it says over its API, and what the fleet says of it.
type reading struct {
	*suite
	ctx   context.Context //nolint:containedctx // a reading lives no longer than its context
	node  Node
	truth machineState
	minor int
	api   *client.Client
}

// content is a check of what resources say.
type content struct {
	name string
	// since is the first release that has them, controlPlane whether only control planes have.
	since        int
	controlPlane bool
	check        func(r *reading) error
}

var contents = []content{
	{name: "machine status", check: checkMachineStatus},
	{name: "version", check: checkVersionResource},
	{name: "boot ID", since: 14, check: checkBootID},
	{name: "kernel command line and security state", check: checkBootFacts},
	{name: "extensions and schematic", check: checkExtensions},
	{name: "Image Factory's schematic", since: 14, check: checkFactorySchematic},
	{name: "kernel modules", check: checkKernelModules},
	{name: "kernel modules' status", since: 14, check: checkKernelModuleStatuses},
	{name: "services", check: checkServiceResources},
	{name: "time", check: checkTime},
	{name: "machine type and config", check: checkMachineConfig},

	{name: "PCI devices", check: checkPCIDevices},
	{name: "processors, memory and system", check: checkHardware},
	{name: "usage", check: checkUsage},

	{name: "system disk", check: checkSystemDisk},
	{name: "volumes and mounts", check: checkVolumes},

	{name: "host name", check: checkHostname},
	{name: "node addresses", check: checkNodeAddresses},
	{name: "links", check: checkLinks},
	{name: "addresses and routes", check: checkAddressesAndRoutes},
	{name: "resolvers and time servers", check: checkNetworkServers},

	{name: "members", check: checkMembers},
	{name: "cluster", check: checkCluster},
	{name: "Kubernetes node", check: checkKubernetesNode},
	{name: "static pods", controlPlane: true, check: checkStaticPods},
	{name: "etcd member", controlPlane: true, check: checkEtcdMember},
	{name: "root secrets", check: checkRootSecrets},
	{name: "root secrets of a control plane", controlPlane: true, check: checkControlPlaneSecrets},
}

// checkContents looks at what resources say, on a node of each sort.
func checkContents(s *suite) {
	for _, node := range append(s.samples(), s.node("gpu-05"), s.node("gpu-08")) {
		for _, one := range contents {
			if one.since > s.minor(node) || (one.controlPlane && !node.controlPlane()) {
				continue
			}

			s.on(node, "what resources say: "+one.name, func(ctx context.Context) error {
				r, err := s.read(ctx, node)
				if err != nil {
					return err
				}

				return one.check(r)
			})
		}
	}
}

func (s *suite) read(ctx context.Context, node Node) (*reading, error) {
	truth, err := s.control.of(ctx, node)
	if err != nil {
		return nil, err
	}

	api, err := s.look(node)

	return &reading{suite: s, ctx: ctx, node: node, truth: truth, minor: s.minor(node), api: api}, err
}

// resourceOf gets a resource of a type.
func resourceOf[T generic.ResourceWithRD](r *reading, id string) (T, error) {
	return safe.StateGetByID[T](r.ctx, r.api.COSI, id)
}

// resourcesOf are all resources of a type, by id.
func resourcesOf[T generic.ResourceWithRD](r *reading) (map[string]T, error) {
	listed, err := safe.StateListAll[T](r.ctx, r.api.COSI)
	if err != nil {
		return nil, err
	}

	found := make(map[string]T, listed.Len())
	for one := range listed.All() {
		found[one.Metadata().ID()] = one
	}

	return found, nil
}
