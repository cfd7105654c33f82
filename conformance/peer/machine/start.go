package machine

import (
	"context"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
)

// bootTimeout is how long services may take before a boot has failed.
const bootTimeout = 70 * time.Minute

// startAll starts what the machine is there for, and waits until all of it is up or has finished.
func (boot *Boot) startAll(ctx context.Context) error {
	boot.services.start("cri")

	if boot.controlPlane() {
		boot.services.start("trustd")
		boot.startEtcd()
	}

	boot.services.start("kubelet")
	boot.startKubelet()
	boot.startExtensions()

	limit, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()

	for {
		settled, changed := boot.services.settled()
		if settled {
			return nil
		}

		select {
		case <-limit.Done():
			return limit.Err()
		case <-changed:
		}
	}
}

// startExtensions starts the services of NVIDIA's container toolkit; its daemon waits for the driver, and with it the boot.
func (boot *Boot) startExtensions() {
	toolkit := false
	for _, name := range boot.Slot.Schematic.Extensions {
		toolkit = toolkit || strings.HasPrefix(name, "nvidia-container-toolkit")
	}

	if !toolkit {
		return
	}

	if !boot.Drivers().nvidia {
		boot.services.set("ext-nvidia-persistenced", machine.ServiceStateEvent_WAITING,
			`Waiting for file "/sys/bus/pci/drivers/nvidia" to exist`, nil)

		return
	}

	boot.services.start("ext-nvidia-persistenced")

	if boot.Release.Since(13) {
		boot.services.start("ext-nvidia-cdi-gen")
		boot.services.set("ext-nvidia-cdi-gen", machine.ServiceStateEvent_FINISHED, "Service finished successfully", nil)
	}
}

// stopWorkload stops what containers run in, and what depends on it.
func (boot *Boot) stopWorkload(context.Context) error {
	boot.stopKubelet()
	boot.services.stop("apid", "auditd", "containerd", "dashboard", "machined", "syslogd", "udevd")

	return nil
}

// apiGrace is how long the machine API lets calls end.
const apiGrace = 10 * time.Second

// stopAll closes the machine API in its own time, and stops the rest.
func (boot *Boot) stopAll(context.Context) error {
	boot.services.stop()
	boot.closing()
	boot.swapServer(nil, time.Duration(float64(apiGrace)*boot.Machine.Spec.TimeScale))

	return nil
}

// swapServer puts another API, or none, in the place of the present one.
func (boot *Boot) swapServer(next Server, grace time.Duration) {
	boot.mu.Lock()
	before := boot.server
	boot.server = next
	boot.mu.Unlock()

	if before != nil {
		before.Stop(grace)
	}
}

// Drop closes all connections of the machine API at once.
func (boot *Boot) Drop() {
	boot.mu.Lock()
	server := boot.server
	boot.mu.Unlock()

	if server != nil {
		server.Drop()
	}
}

// Restart restarts a service, if it is one that may be.
func (boot *Boot) Restart(id string) {
	boot.services.stop(boot.othersThan(id)...)
	boot.services.start(id)
}

func (boot *Boot) othersThan(id string) (others []string) {
	for _, other := range boot.services.ids() {
		if other != id {
			others = append(others, other)
		}
	}

	return others
}

// Stop stops one service.
func (boot *Boot) Stop(id string) { boot.services.stop(boot.othersThan(id)...) }
