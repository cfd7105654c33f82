package machine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cosi-project/runtime/pkg/state"
	"github.com/siderolabs/talos/pkg/machinery/config"

	"ichor.example/conformance/peer/events"
	"ichor.example/conformance/peer/logs"
	"ichor.example/conformance/peer/spec"
	"ichor.example/conformance/peer/store"
)

// ending is how a boot came to its end.
type ending int

const (
	// ended with the peer itself.
	ended ending = iota
	restarted
	poweredOff
)

// Boot is all that a restart forgets.
type Boot struct {
	Machine *Machine
	ID      string
	Slot    Slot
	Release spec.Release
	State   state.State
	Events  *events.Ring
	Logs    *logs.Registry
	Kernel  *logs.Kernel
	Started time.Time
	// Context ends with the boot.
	Context context.Context

	index    int
	cancel   context.CancelFunc
	finished chan ending
	services *services
	kubelet  *kubelet

	mu          sync.Mutex
	drivers     Drivers
	active      config.Provider
	persistent  config.Provider
	revert      *time.Timer
	arrived     chan struct{}
	fingerprint string
	server      Server
	running     *sequence
	closing     context.CancelFunc
	// Closing ends when the API is about to close: streams that never end by themselves end well then.
	Closing    context.Context
	applying   sync.Mutex
	installing sync.Mutex
}

func newUUID() string {
	bytes := make([]byte, 16)
	if _, err := rand.Read(bytes); err != nil {
		panic(err)
	}

	bytes[6], bytes[8] = bytes[6]&0x0f|0x40, bytes[8]&0x3f|0x80

	return fmt.Sprintf("%x-%x-%x-%x-%x", bytes[0:4], bytes[4:6], bytes[6:8], bytes[8:10], bytes[10:16])
}

// start makes the next boot out of what is on the disk.
func (machine *Machine) start() (*Boot, error) {
	machine.mu.Lock()
	defer machine.mu.Unlock()

	index, slot := machine.disk.next()

	release, err := spec.ParseRelease(slot.Release)
	if err != nil {
		return nil, err
	}

	boot := &Boot{
		Machine: machine, ID: newUUID(), Slot: slot, Release: release, Events: events.NewRing(), Logs: logs.NewRegistry(),
		Kernel: logs.NewKernel(), Started: time.Now(), index: index, finished: make(chan ending, 1), arrived: make(chan struct{}, 1),
	}
	boot.Context, boot.cancel = context.WithCancel(machine.home)
	boot.Closing, boot.closing = context.WithCancel(boot.Context)
	boot.services = newServices(boot)

	if boot.State, err = store.New(boot.Context, release); err != nil {
		return nil, err
	}

	machine.boot = boot

	return boot, nil
}

// firmware is how long a machine is away before its kernel starts.
const firmware = 8 * time.Second

// live goes through the boot's sequences and waits for its end.
func (boot *Boot) live(ctx context.Context, first bool) ending {
	defer boot.close()

	if !first {
		if boot.Machine.Faults().NeverReturns {
			<-ctx.Done()

			return ended
		}
		if boot.Machine.pause(ctx, firmware) != nil {
			return ended
		}
	}

	boot.Kernel.Say("kern", "notice", "Linux version 6.18.51-talos (builder@host) #1 SMP PREEMPT_DYNAMIC")
	boot.Kernel.Say("kern", "info", "Command line: %s", boot.Cmdline())

	go boot.watchStatus()

	if err := boot.comeUp(); err != nil && ctx.Err() == nil {
		boot.fall(err)

		return restarted
	}

	select {
	case <-ctx.Done():
		return ended
	case how := <-boot.finished:
		return how
	}
}

// comeUp runs the sequences of every boot. One that another sequence took over is no failure.
func (boot *Boot) comeUp() error {
	for _, step := range []func() error{boot.initialize, boot.install, boot.bootUp} {
		if err := step(); err != nil {
			if errors.Is(err, errTakenOver) || errors.Is(err, errLeaving) {
				return nil
			}

			return err
		}
	}

	return nil
}

// fall is what a failed boot does: it goes back to the slot that worked, and restarts.
func (boot *Boot) fall(reason error) {
	boot.talos("%s", reason)
	boot.Machine.change(func(disk *Disk) {
		if disk.Fallback != none {
			disk.Active, disk.Fallback = disk.Fallback, none
		}
	})

	if err := boot.Machine.pause(boot.Context, 10*time.Second); err != nil {
		return
	}
}

// finish ends the boot.
func (boot *Boot) finish(how ending) {
	select {
	case boot.finished <- how:
	default:
	}
}

// close drops everything that the boot holds.
func (boot *Boot) close() {
	boot.mu.Lock()
	server, timer := boot.server, boot.revert
	boot.server = nil
	boot.mu.Unlock()

	if timer != nil {
		timer.Stop()
	}

	if server != nil {
		server.Stop(0)
	}

	boot.cancel()
	boot.stopKubelet()
}

// talos writes a line of machined to the kernel log and its own.
func (boot *Boot) talos(format string, args ...any) {
	boot.Kernel.Say("user", "warning", "[talos] "+format, args...)
	boot.Logs.Of("machined").Append("[talos] " + fmt.Sprintf(format, args...))
}

// complain tells of a fault of the peer itself.
func (boot *Boot) complain(what string, err error) {
	if err != nil && boot.Context.Err() == nil {
		boot.Machine.Log.Printf("%s: %v", what, err)
	}
}
