// Package spec holds what a test tells a peer: which machine it is, and what it runs.
package spec

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/siderolabs/talos/pkg/machinery/config/machine"
)

// Node is the whole description of a peer, one JSON object.
type Node struct {
	// Address is where the machine API listens, `127.77.0.1:50000`; its IP is the node's only address.
	Address  string `json:"address"`
	Hostname string `json:"hostname"`
	// Role is `controlplane` or `worker`; what a config says later comes first.
	Role string `json:"role"`
	// Release is what the booted image claims; the libraries' own when empty.
	Release string `json:"release"`
	// Maintenance boots from media without a config.
	Maintenance bool `json:"maintenance"`
	// Secrets is the cluster's secrets bundle; made when empty. A worker's certificates are signed with it, as trustd would.
	Secrets string `json:"secrets"`
	Cluster string `json:"cluster"`
	// Kubernetes is the URL of the cluster's Kubernetes API.
	Kubernetes        string `json:"kubernetes"`
	KubernetesVersion string `json:"kubernetesVersion"`
	// Schematic is the document that the booted image was made of.
	Schematic string `json:"schematic"`
	// Factory is the URL of the image factory whose installers the node can pull.
	Factory string `json:"factory"`
	// Modules are kernel modules that the first config asks for.
	Modules []string `json:"modules"`
	PCI     []Device `json:"pci"`
	// Members are the other machines of the cluster.
	Members []Member `json:"members"`
	Pods    []Pod    `json:"pods"`
	// TimeScale multiplies all that takes time: 1 is about a real machine's minute, 0 no time at all.
	TimeScale float64 `json:"timeScale"`
	// Control is where the control API listens.
	Control string `json:"control"`
}

// Device is one function on the PCI bus. Ids are hex without 0x.
type Device struct {
	Address    string `json:"address"`
	ClassID    string `json:"classId"`
	SubclassID string `json:"subclassId"`
	VendorID   string `json:"vendorId"`
	DeviceID   string `json:"deviceId"`
	Class      string `json:"class"`
	Vendor     string `json:"vendor"`
	Product    string `json:"product"`
	// Driver is one of the kernel's own that binds by itself.
	Driver string `json:"driver"`
}

// Member is another machine of the cluster.
type Member struct {
	Hostname string `json:"hostname"`
	Address  string `json:"address"`
	Role     string `json:"role"`
}

// Pod is one that runs on some node of the cluster, with the budget that covers it.
type Pod struct {
	Node      string `json:"node"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Owner is `ReplicaSet`, `DaemonSet`, or empty for none.
	Owner string `json:"owner"`
	// GraceMs is how long it takes to end, before the time scale.
	GraceMs int `json:"graceMs"`
	// Budget is the name of the PodDisruptionBudget that covers it, if one does.
	Budget string `json:"budget"`
	// DisruptionsAllowed is that budget's.
	DisruptionsAllowed int `json:"disruptionsAllowed"`
}

// Where parses the address.
func (node *Node) Where() (netip.AddrPort, error) { return netip.ParseAddrPort(node.Address) }

// IP is the node's only address. Complete has checked it.
func (node *Node) IP() netip.Addr { return netip.MustParseAddrPort(node.Address).Addr() }

// Type is the machine type of its role.
func (node *Node) Type() machine.Type {
	kind, err := machine.ParseType(node.Role)
	if err != nil {
		return machine.TypeUnknown
	}

	return kind
}

// Complete fills in what was left out and refuses what cannot be.
func (node *Node) Complete() error {
	where, err := node.Where()
	if err != nil {
		return fmt.Errorf("address: %w", err)
	}

	if !where.Addr().IsLoopback() {
		return errors.New("a peer listens on loopback only")
	}

	if node.Hostname == "" {
		node.Hostname = "peer"
	}

	if node.Role == "" {
		node.Role = "controlplane"
	}

	if node.Type() == machine.TypeUnknown {
		return fmt.Errorf("the role %q is neither controlplane nor worker", node.Role)
	}

	if node.Cluster == "" {
		node.Cluster = "peers"
	}

	if node.Kubernetes == "" {
		node.Kubernetes = fmt.Sprintf("https://%s:6443", where.Addr())
	}

	if node.Control == "" {
		node.Control = "127.0.0.1:0"
	}

	node.PCI = append(boringDevices(), node.PCI...)

	return node.completeVersions()
}
