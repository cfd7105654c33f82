package machine

import (
	"context"
	"errors"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
)

// steps makes phases of one idle task each, from pairs of names.
func steps(names ...string) []phase {
	phases := make([]phase, 0, len(names)/2)
	for at := 0; at+1 < len(names); at += 2 {
		phases = append(phases, phase{names[at], []task{{name: names[at+1]}}})
	}

	return phases
}

// working is a phase whose only task does something.
func working(phaseName, taskName string, work func(context.Context) error) []phase {
	return []phase{{phaseName, []task{{taskName, work}}}}
}

// join puts phases one after another.
func join(parts ...[]phase) (all []phase) {
	for _, part := range parts {
		all = append(all, part...)
	}

	return all
}

// initialize starts the early services and gets a config, by way of maintenance mode where there is none.
func (boot *Boot) initialize() error {
	starts := func(name string, ids ...string) task {
		return task{name, func(context.Context) error {
			for _, id := range ids {
				boot.services.start(id)
			}

			return nil
		}}
	}

	return boot.run("initialize", "", false, join(
		working("systemRequirements", "enforceKSPPRequirements", boot.kernelStarts),
		[]phase{{"earlyServices", []task{
			starts("startMachined", "machined"), starts("waitForUdevd", "udevd"), {"startApid", boot.openWithConfig},
			starts("startAuditd", "auditd"), starts("startSyslogd", "syslogd"), starts("startContainerd", "containerd"),
		}}},
		steps("usb", "waitForUSB", "meta", "reloadMeta"),
		[]phase{{"dashboard", []task{starts("startDashboard", "dashboard")}}},
		working("config", "loadConfig", boot.loadConfig),
	))
}

var errWillNotBoot = errors.New("the new image was told not to boot")

// bootUp brings a configured machine into service.
func (boot *Boot) bootUp() error {
	phases := join(
		steps("memorySizeCheck", "memorySizeCheck", "diskSizeCheck", "diskSizeCheck"),
		[]phase{{"env", []task{{name: "setUserEnvVars"}, {name: "waitForCARoots"}}}},
		steps("dbus", "startDBus", "ephemeral", "mountEphemeralPartition"),
		boot.late("promotableVolumes", "mountPromotableSystemPartitions"),
		steps("userDisks", "mountUserDisks"),
		working("userSetup", "writeUserFiles", func(context.Context) error {
			if boot.Machine.takeRollback() {
				return errWillNotBoot
			}

			return nil
		}),
		working("startEverything", "startAllServices", boot.startAll),
	)

	return boot.run("boot", "", false, phases)
}

// late are phases that came with 1.14.
func (boot *Boot) late(names ...string) []phase {
	if boot.Release.Since(14) {
		return steps(names...)
	}

	return nil
}

// teardown is the end of every orderly sequence that takes the machine down.
func (boot *Boot) teardown(kexec bool) []phase {
	var early, late []phase
	if kexec && boot.Release.Since(14) {
		late = steps("kexec", "kexecPrepare")
	} else if kexec {
		early = steps("kexec", "kexecPrepare")
	}

	return join(
		boot.late("denyNewServices", "denyNewServices"),
		working("stopServices", "stopServicesForUpgrade", boot.stopWorkload),
		steps("umount", "unmountPodMounts", "unmountBind", "unmountSystemDiskBindMounts"),
		boot.late("unmountPromotable", "unmountPromotableSystemPartitions"),
		steps("unmountSystem", "unmountEphemeralPartition", "volumeFinalize", "teardownLifecycle"),
		early, working("stopEverything", "stopAllServices", boot.stopAll), late,
	)
}

// leave is the last phase: the machine is gone after it.
func (boot *Boot) leave(name string, how ending) []phase {
	return working(name, name, func(context.Context) error {
		boot.Events.Publish("", &machine.RestartEvent{})
		boot.finish(how)

		return errLeaving
	})
}

var cleanup = steps("cleanup", "stopAllPods", "dbus", "stopDBus")

// Reboot restarts the machine.
func (boot *Boot) Reboot(actor string, mode machine.RebootRequest_Mode, takeover bool) error {
	phases := boot.leave("reboot", restarted)
	if mode != machine.RebootRequest_FORCE {
		phases = join(cleanup, boot.teardown(mode == machine.RebootRequest_DEFAULT), phases)
	}

	return boot.run("reboot", actor, takeover, phases)
}

// Shutdown switches the machine off.
func (boot *Boot) Shutdown(actor string, force bool) error {
	var drain []phase
	if !force {
		drain = steps("drain", "cordonAndDrainNode")
	}

	return boot.run("shutdown", actor, true, join(
		steps("storeShutdown", "storeShutdownEmergency"), drain, cleanup, boot.teardown(false), boot.leave("shutdown", poweredOff)))
}

// Reset wipes the system disk; the machine comes back without a config, or stays off.
func (boot *Boot) Reset(actor string, request *machine.ResetRequest) error {
	last := boot.leave("shutdown", poweredOff)
	if request.GetReboot() {
		last = boot.leave("reboot", restarted)
	}

	wipe := working("reset", "resetSystemDisk", func(context.Context) error {
		boot.Machine.change(func(disk *Disk) {
			disk.Installed, disk.Config, disk.Etcd, disk.Fallback, disk.Active = false, nil, nil, none, 0
			disk.Slots = [2]*Slot{&disk.media, nil}
		})

		return nil
	})

	return boot.run("reset", actor, false, join(
		cleanup, steps("preReset", "sendResetSignal"), boot.teardown(false), steps("forceCleanup", "forceCleanup"), wipe, last))
}
