// Command peer is one Talos node made of the libraries that Talos is built from: a machine to test a client against.
//
// It reads one JSON object (spec.Node) from its input, and says on its output, in one line, that it is ready and how it is
// reached. SIGTERM ends it, and so does the end of its input: a peer does not outlive whoever started it.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/role"

	"ichor.example/conformance/peer/api"
	"ichor.example/conformance/peer/control"
	"ichor.example/conformance/peer/machine"
	"ichor.example/conformance/peer/pki"
	"ichor.example/conformance/peer/spec"
)

// ready is the line that a peer says when it answers.
type ready struct {
	Ready             bool   `json:"ready"`
	Address           string `json:"address"`
	ControlURL        string `json:"controlUrl"`
	Talosconfig       string `json:"talosconfig"`
	ReaderTalosconfig string `json:"readerTalosconfig"`
	Secrets           string `json:"secrets"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	if err := run(ctx, stop); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, stop context.CancelFunc) error {
	input := json.NewDecoder(os.Stdin)
	input.DisallowUnknownFields()

	node := &spec.Node{}
	if err := input.Decode(node); err != nil {
		return fmt.Errorf("the description of the node: %w", err)
	}

	if err := node.Complete(); err != nil {
		return err
	}

	go func() {
		// Whatever comes is not looked at; that it ends is what counts.
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()

	release, err := spec.ParseRelease(node.Release)
	if err != nil {
		return err
	}

	contract, err := config.ParseContractFromVersion(release.Minor())
	if err != nil {
		return err
	}

	bundle, err := pki.Bundle(node.Secrets, contract)
	if err != nil {
		return err
	}

	journal := &api.Journal{}

	peer, err := machine.New(node, bundle, api.Open(journal), os.Stderr)
	if err != nil {
		return err
	}

	server, err := control.Open(peer, journal)
	if err != nil {
		return err
	}
	defer server.Close() //nolint:errcheck // the process ends

	said := ready{Ready: true, Address: node.Address, ControlURL: server.URL}
	if said.Talosconfig, err = pki.Talosconfig(bundle, node.Cluster, node.Address, role.Admin); err != nil {
		return err
	}

	if said.ReaderTalosconfig, err = pki.Talosconfig(bundle, node.Cluster, node.Address, role.Reader); err != nil {
		return err
	}

	if said.Secrets, err = pki.BundleText(bundle); err != nil {
		return err
	}

	peer.OnAnswer(func() {
		if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
			stop()
		}
	})

	return peer.Run(ctx)
}
