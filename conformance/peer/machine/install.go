package machine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/compatibility"
	"google.golang.org/grpc/status"

	"ichor.example/conformance/peer/factory"
)

// Exit codes of an installer.
const (
	exitDone        int32 = 0
	exitEnvironment int32 = 4
	exitDependency  int32 = 5
)

// tagOf finds the tag of an image that may be named by its digest only.
func (boot *Boot) tagOf(instance string, image factory.Installer) string {
	if image.Tag != "" {
		return image.Tag
	}

	for _, known := range boot.Images(instance) {
		if named, err := factory.ParseInstaller(known.Name); err == nil && named.Tag != "" && known.Digest == image.Digest() {
			return named.Tag
		}
	}

	return ""
}

// fits asks Talos' own rules whether one release can be installed over another.
func fits(from, to string) error {
	host, err := compatibility.ParseTalosVersion(&machine.VersionInfo{Tag: from})
	if err != nil {
		return err
	}

	target, err := compatibility.ParseTalosVersion(&machine.VersionInfo{Tag: to})
	if err != nil {
		return err
	}

	return target.UpgradeableFrom(host)
}

// Install runs the installer of an image: it writes the slot that does not run, says so line by line and gives its exit
// code. The context is the machine's, since an installer does not end when nobody listens.
func (boot *Boot) Install(ctx context.Context, instance, name string, say func(line string)) int32 {
	line := func(format string, args ...any) bool {
		say(fmt.Sprintf(format, args...) + "\n")

		return boot.Machine.pause(ctx, 400*time.Millisecond) == nil
	}

	image, known, err := boot.resolve(ctx, name)
	if err != nil {
		line("the image is not usable: %s", err)

		return exitDependency
	}

	tag := boot.tagOf(instance, image)
	line("installer of Talos %s begins", tag)

	if boot.Machine.Disk().Installed {
		if err = fits(boot.Release.Tag, tag); err != nil {
			line("pre-flight checks failed: %s", err)

			return exitEnvironment
		}
	}

	for _, step := range []string{"the host is fit for it", "copying the kernel and the initramfs", "writing the boot entry ↪ slot"} {
		if !line("%s", step) {
			return exitEnvironment
		}
	}

	if code := boot.Machine.Faults().InstallerExit; code != exitDone {
		line("the installer was told to fail")

		return code
	}

	boot.write(Slot{Release: tag, Schematic: known})
	line("installation of Talos %s is complete", tag)

	return exitDone
}

// write puts an image into the slot that does not run, for the next boot.
func (boot *Boot) write(slot Slot) {
	boot.Machine.change(func(disk *Disk) {
		if !disk.Installed {
			disk.Installed, disk.Slots, disk.Active, disk.Fallback = true, [2]*Slot{&slot, nil}, 0, none

			return
		}
		disk.Slots[1-boot.index] = &slot
		disk.Active, disk.Fallback = 1-boot.index, boot.index
	})
}

// TryInstall makes sure that only one installer runs; the function it gives lets the next one in.
func (boot *Boot) TryInstall() (func(), bool) {
	if !boot.installing.TryLock() {
		return nil, false
	}

	return boot.installing.Unlock, true
}

var errInstaller = errors.New("the installer failed")

// installerImage is what the config wants to be installed.
func (boot *Boot) installerImage() string {
	config := boot.Config()
	if unattended := config.UnattendedInstallConfig(); unattended != nil {
		return unattended.InstallerImage()
	}

	if install := config.Machine().Install(); install != nil {
		return install.Image()
	}

	return ""
}

// system is the containerd instance of Talos' own images.
const system = "CONTAINERD/NS_SYSTEM"

// install puts Talos on the disk of a machine that booted from media, and restarts into it.
func (boot *Boot) install() error {
	if boot.Machine.Disk().Installed {
		return nil
	}

	work := func(ctx context.Context) error {
		text, err := boot.Config().Bytes()
		if err != nil {
			return err
		}

		code := boot.Install(ctx, system, boot.installerImage(), func(line string) { boot.talos("%s", line) })
		if code != exitDone {
			return fmt.Errorf("%w with %d", errInstaller, code)
		}

		boot.Machine.change(func(disk *Disk) { disk.Config = text })

		return nil
	}

	return boot.run("install", "", false, join(
		steps("env", "setUserEnvVars"), working("install", "install", work), steps("meta", "reloadMeta", "saveMeta", "flushMeta"),
		boot.late("denyNewServices", "denyNewServices"), steps("volumeFinalize", "teardownLifecycle"),
		working("stopEverything", "stopAllServices", boot.stopAll), steps("kexec", "kexecPrepare"), boot.leave("reboot", restarted)))
}

// UpgradeLegacy is the call of 1.12 and older: it pulls, then the machine drains, installs and restarts by itself.
func (boot *Boot) UpgradeLegacy(ctx context.Context, actor string, request *machine.UpgradeRequest) error {
	image := request.GetImage()
	if _, err := boot.Pull(ctx, system, image, func(string, *progress) {}); err != nil {
		// The code of the pull is lost on the way, as on a real node.
		return fmt.Errorf("error validating installer image %q: %s", image, status.Convert(err).Message())
	}

	if boot.controlPlane() && !request.GetForce() {
		if data := boot.Etcd(); data != nil && len(data.Members) == 2 {
			return errors.New("etcd: of two members none may go away for an upgrade")
		}
	}

	work := func(ctx context.Context) error {
		if code := boot.Install(ctx, system, image, func(line string) { boot.talos("%s", line) }); code != exitDone {
			return fmt.Errorf("%w with %d", errInstaller, code)
		}

		return nil
	}

	go func() {
		err := boot.run("upgrade", actor, false, join(
			boot.late("denyNewServices", "denyNewServices"), steps("drain", "cordonAndDrainNode"), cleanup,
			working("stopServices", "stopServicesForUpgrade", boot.stopWorkload),
			steps("unmount", "unmountPodMounts", "unmountBind", "unmountSystemDiskBindMounts"),
			boot.late("unmountPromotable", "unmountPromotableSystemPartitions"),
			steps("unmountSystem", "unmountEphemeralPartition", "volumeFinalize", "teardownLifecycle"),
			working("upgrade", "upgrade", work), steps("meta", "reloadMeta", "kexec", "kexecPrepare"),
			working("stopEverything", "stopAllServices", boot.stopAll), boot.leave("reboot", restarted)))
		if err != nil && !errors.Is(err, errLeaving) && !errors.Is(err, errLocked) && !errors.Is(err, errTakenOver) {
			boot.fall(err)
			boot.finish(restarted)
		}
	}()

	return nil
}

// Rollback makes the other slot boot, and restarts.
func (boot *Boot) Rollback() error {
	var err error
	boot.Machine.change(func(disk *Disk) { err = disk.revert(boot.index) })

	if err != nil {
		return err
	}

	go func() {
		if err := boot.Reboot("", machine.RebootRequest_DEFAULT, true); !errors.Is(err, errLeaving) {
			boot.complain("the reboot after a rollback", err)
		}
	}()

	return nil
}
