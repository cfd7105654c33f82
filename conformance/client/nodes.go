package main

import (
	"fmt"

	"github.com/siderolabs/talos/pkg/machinery/client"
)

// Roles of the fleet's talosconfigs.
const (
	admin  = "os:admin"
	reader = "os:reader"
)

func (s *suite) node(name string) Node {
	for _, node := range s.input.Nodes {
		if node.Name == name {
			return node
		}
	}

	panic("the fleet has no node " + name)
}

// members are all nodes of the cluster.
func (s *suite) members() []Node {
	var found []Node

	for _, node := range s.input.Nodes {
		if node.Cluster != nil {
			found = append(found, node)
		}
	}

	return found
}

// samples has a control plane and workers, and each release of the fleet.
func (s *suite) samples() []Node {
	return []Node{s.node("cp-01"), s.node("cp-03"), s.node("gpu-01"), s.node("gpu-02"), s.node("gpu-06")}
}

func (n Node) controlPlane() bool {
	return n.Role == "controlplane"
}

// release is the release that a node runs, as `v1.14.0`.
func (s *suite) release(node Node) string {
	state, err := s.control.of(s.ctx, node)
	if err != nil {
		return "(no release)"
	}

	return state.Running.Release
}

// minor is the second number of the release that a node runs.
func (s *suite) minor(node Node) int {
	var major, minor int

	if _, err := fmt.Sscanf(s.release(node), "v%d.%d.", &major, &minor); err != nil {
		panic(err)
	}

	return minor
}

// connect returns a client with a role whose calls a node answers, the same one each time.
func (s *suite) connect(node Node, role string) *client.Client {
	key := role + "/" + node.Name
	if known, ok := s.clients[key]; ok {
		return known
	}

	c, err := client.New(s.ctx, client.WithConfig(s.configs[role]), client.WithEndpoints(node.Endpoint), s.calls.recording())
	if err != nil {
		panic(err)
	}

	s.clients[key] = c

	return c
}

// asAdmin returns a client of the role os:admin.
func (s *suite) asAdmin(node Node) *client.Client {
	return s.connect(node, admin)
}

// connectMaintenance returns a client of a node in maintenance mode, which trusts the certificate with this fingerprint.
func (s *suite) connectMaintenance(node Node, fingerprint string) (*client.Client, error) {
	return client.New(s.ctx, client.WithMaintenanceMode(node.Endpoint, []string{fingerprint}), s.calls.recording())
}
