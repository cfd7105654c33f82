package machine

import (
	"net/netip"

	"github.com/siderolabs/talos/pkg/machinery/resources/cluster"
	"github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"

	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"

	"ichor.example/conformance/peer/spec"
)

// publishConfig says what config runs, what the next boot takes, and what follows for the cluster.
func (boot *Boot) publishConfig() {
	boot.mu.Lock()
	active, persistent := boot.active, boot.persistent
	boot.mu.Unlock()

	// The config of a resource cannot be changed, only replaced.
	if active != nil {
		boot.replace(config.NewMachineConfigWithID(active, config.ActiveID))
	}

	if persistent != nil {
		boot.replace(config.NewMachineConfigWithID(persistent, config.PersistentID))
	}

	if active == nil || active.Machine() == nil {
		return
	}

	put(boot, "config.MachineTypeController", config.NewMachineType(), func(kind *config.MachineType) {
		kind.SetMachineType(active.Machine().Type())
	})

	if identity := active.DiscoveryIdentityConfig(); identity != nil {
		put(boot, "cluster.InfoController", cluster.NewInfo(), func(info *cluster.Info) {
			*info.TypedSpec() = cluster.InfoSpec{ClusterID: identity.ClusterID(), ClusterName: active.K8sClusterConfig().ClusterName()}
		})
	}

	put(boot, "cluster.NodeIdentityController", cluster.NewIdentity(cluster.NamespaceName, cluster.LocalIdentity), func(identity *cluster.Identity) {
		identity.TypedSpec().NodeID = boot.Machine.seeded("identity", 44)
	})

	boot.publishMember(spec.Member{
		Hostname: boot.Hostname(), Address: boot.Machine.Spec.IP().String(), Role: active.Machine().Type().String(),
	}, boot.Release.Tag)
	for _, member := range boot.Machine.Spec.Members {
		boot.publishMember(member, boot.Release.Tag)
	}
}

func (boot *Boot) publishMember(known spec.Member, release string) {
	address, err := netip.ParseAddr(known.Address)
	if err != nil {
		boot.complain("the member "+known.Hostname, err)

		return
	}

	kind, err := machinetype.ParseType(known.Role)
	if err != nil {
		boot.complain("the member "+known.Hostname, err)

		return
	}

	put(boot, "cluster.MemberController", cluster.NewMember(cluster.NamespaceName, known.Hostname), func(member *cluster.Member) {
		*member.TypedSpec() = cluster.MemberSpec{
			NodeID: known.Hostname, Addresses: []netip.Addr{address}, Hostname: known.Hostname, MachineType: kind,
			OperatingSystem: "Talos (" + release + ")",
		}
		if kind.IsControlPlane() {
			member.TypedSpec().ControlPlane = &cluster.ControlPlane{APIServerPort: 6443}
		}
	})
}

// publishKubelet says how the node is called in Kubernetes, and which kubelet it runs.
func (boot *Boot) publishKubelet() {
	name := boot.Hostname()

	put(boot, "k8s.NodenameController", k8s.NewNodename(k8s.NamespaceName, k8s.NodenameID), func(node *k8s.Nodename) {
		*node.TypedSpec() = k8s.NodenameSpec{Nodename: name, HostnameVersion: "1"}
	})
	put(boot, "k8s.KubeletSpecController", k8s.NewKubeletSpec(k8s.NamespaceName, k8s.KubeletID), func(kubelet *k8s.KubeletSpec) {
		*kubelet.TypedSpec() = k8s.KubeletSpecSpec{Image: boot.kubeletImage(), ExpectedNodename: name, Config: map[string]any{}}
	})
	put(boot, "k8s.NodeIPController", k8s.NewNodeIP(k8s.NamespaceName, k8s.KubeletID), func(ip *k8s.NodeIP) {
		ip.TypedSpec().Addresses = []netip.Addr{boot.Machine.Spec.IP()}
	})

	if boot.Release.Since(14) {
		put(boot, "k8s.KubeletStatusController", k8s.NewKubeletStatus(k8s.NamespaceName, k8s.KubeletID), func(kubelet *k8s.KubeletStatus) {
			kubelet.TypedSpec().Image = boot.kubeletImage()
		})
	}
}
