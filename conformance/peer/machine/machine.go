// Package machine is one Talos node: a disk with two slots, and boots that come and go.
package machine

import (
	"context"
	"io"
	"log"
	"sync"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"

	"ichor.example/conformance/peer/factory"
	"ichor.example/conformance/peer/kube"
	"ichor.example/conformance/peer/pki"
	"ichor.example/conformance/peer/spec"
)

// Server is an open machine API.
type Server interface {
	// Stop lets calls end for so long, then drops them.
	Stop(grace time.Duration)
	// Drop closes all connections at once; the API stays open.
	Drop()
}

// Serve opens the machine API of a boot.
type Serve func(boot *Boot, identity *pki.Identity) (Server, error)

// Machine outlives its boots.
type Machine struct {
	Spec   *spec.Node
	Secret *secrets.Bundle
	// Kubernetes is what the etcd of a control plane keeps.
	Kubernetes *kube.Store
	// Log says what goes wrong in the peer itself.
	Log *log.Logger

	serve Serve
	// answering is called once, when the machine API first listens.
	answering func()
	once      sync.Once
	// home is the context of the whole machine.
	home context.Context

	mu     sync.Mutex
	disk   Disk
	faults Faults
	boot   *Boot
	off    bool
	power  chan struct{}
}

// New makes a machine that is switched off.
func New(node *spec.Node, bundle *secrets.Bundle, serve Serve, report io.Writer) (*Machine, error) {
	running, err := factory.ParseSchematic(node.Schematic)
	if err != nil {
		return nil, err
	}

	slot := Slot{Release: node.Release, Schematic: running}
	machine := &Machine{
		Spec: node, Secret: bundle, Kubernetes: kube.NewStore(node.Pods, node.TimeScale), serve: serve,
		Log: log.New(report, "peer "+node.Hostname+": ", log.Ltime|log.Lmicroseconds), power: make(chan struct{}, 1),
		disk: Disk{Slots: [2]*Slot{&slot, nil}, Fallback: none, media: slot, Images: map[string]map[string]string{}},
	}

	if node.Maintenance {
		return machine, nil
	}

	if machine.disk.Config, err = machine.firstConfig(running); err != nil {
		return nil, err
	}

	machine.disk.Installed = true
	if node.Role == "controlplane" {
		machine.disk.Etcd = newEtcd(node)
	}

	return machine, nil
}

// Run lives through one boot after the other until the context ends. The first comes up at once.
func (machine *Machine) Run(ctx context.Context) error {
	machine.home = ctx
	for first := true; ctx.Err() == nil; first = false {
		boot, err := machine.start()
		if err != nil {
			return err
		}

		switch boot.live(ctx, first) {
		case poweredOff:
			machine.setOff(true)
			select {
			case <-ctx.Done():
			case <-machine.power:
			}
			machine.setOff(false)
		case restarted, ended:
		}
	}

	return nil
}

func (machine *Machine) setOff(off bool) {
	machine.mu.Lock()
	defer machine.mu.Unlock()
	machine.off = off
}

// PowerOn presses the button of a machine that is off.
func (machine *Machine) PowerOn() {
	select {
	case machine.power <- struct{}{}:
	default:
	}
}

// Boot is the present one.
func (machine *Machine) Boot() *Boot {
	machine.mu.Lock()
	defer machine.mu.Unlock()

	return machine.boot
}

// pause takes the time that something takes, scaled.
func (machine *Machine) pause(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(time.Duration(float64(duration) * machine.Spec.TimeScale))
	defer timer.Stop()

	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Off tells whether the machine is switched off.
func (machine *Machine) Off() bool {
	machine.mu.Lock()
	defer machine.mu.Unlock()

	return machine.off
}

// OnAnswer asks to be told when the machine first answers.
func (machine *Machine) OnAnswer(tell func()) { machine.answering = tell }
