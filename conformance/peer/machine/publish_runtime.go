package machine

import (
	"context"
	"fmt"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/extensions"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"github.com/siderolabs/talos/pkg/machinery/resources/time"
)

// kernelStarts publishes what is known before any config is: the boot, its image, its hardware.
func (boot *Boot) kernelStarts(context.Context) error {
	put(boot, "runtime.VersionController", runtime.NewVersion(), func(version *runtime.Version) {
		*version.TypedSpec() = runtime.VersionSpec{Name: "Talos", Version: boot.Release.Tag}
	})
	put(boot, "runtime.KernelCmdlineController", runtime.NewKernelCmdline(), func(line *runtime.KernelCmdline) {
		line.TypedSpec().Cmdline = boot.Cmdline()
	})
	put(boot, "runtime.SecurityStateController", runtime.NewSecurityStateSpec(runtime.NamespaceName), func(security *runtime.SecurityState) {
		*security.TypedSpec() = runtime.SecurityStateSpec{
			SELinuxState: runtime.SELinuxStatePermissive, BootedWithUKI: true, ModuleSignatureEnforced: true,
		}
	})
	put(boot, "runtime.PlatformMetadataController", runtime.NewPlatformMetadataSpec(runtime.NamespaceName, runtime.PlatformMetadataID),
		func(metadata *runtime.PlatformMetadata) {
			*metadata.TypedSpec() = runtime.PlatformMetadataSpec{Platform: "metal", Hostname: boot.Machine.Spec.Hostname}
		})
	put(boot, "runtime.MountStatusController", runtime.NewMountStatus(runtime.NamespaceName, "EPHEMERAL"), func(mount *runtime.MountStatus) {
		*mount.TypedSpec() = runtime.MountStatusSpec{
			Source: "/dev/nvme0n1p4", Target: "/var", FilesystemType: "xfs", Options: []string{"seclabel", "nodev", "nosuid"},
		}
	})
	put(boot, "time.SyncController", time.NewStatus(), func(status *time.Status) {
		*status.TypedSpec() = time.StatusSpec{Synced: true, Epoch: 1}
	})

	if boot.Release.Since(12) {
		put(boot, "runtime.BootedEntryController", runtime.NewBootedEntrySpec(), func(entry *runtime.BootedEntry) {
			entry.TypedSpec().BootedEntry = "Talos-" + boot.Release.Tag + ".efi"
		})
	}

	if boot.Release.Since(14) {
		put(boot, "runtime.BootIDController", runtime.NewBootID(), func(id *runtime.BootID) { id.TypedSpec().BootID = boot.ID })
	}

	boot.publishExtensions()
	boot.publishHardware()
	boot.publishStorage()
	boot.publishNetwork()
	boot.loadModules()

	return nil
}

// Cmdline is the kernel's.
func (boot *Boot) Cmdline() string {
	return strings.TrimSpace("talos.platform=metal console=tty0 slab_nomerge pti=on consoleblank=0 " +
		strings.Join(boot.Slot.Schematic.KernelArgs, " "))
}

// drivers of NVIDIA's branches, as the extensions' versions begin.
var branches = map[string]string{"lts": "580.178.04", "production": "595.91.07"}

func (boot *Boot) extensionVersion(name string) string {
	channel := name[strings.LastIndexByte(name, '-')+1:]
	if driver, known := branches[channel]; known && (strings.Contains(name, "nvidia")) {
		return driver + "-" + boot.Release.Tag
	}

	return boot.Release.Tag
}

// publishExtensions says what the image holds: its extensions, and the factory's word on what it was made of.
func (boot *Boot) publishExtensions() {
	layer := func(id string, metadata extensions.Metadata) {
		put(boot, "runtime.ExtensionStatusController", runtime.NewExtensionStatus(runtime.NamespaceName, id), func(status *runtime.ExtensionStatus) {
			*status.TypedSpec() = extensions.Layer{Image: id + ".sqsh", Metadata: metadata}
		})
	}
	any := extensions.Compatibility{Talos: extensions.Constraint{Version: ">= 1.0.0"}}

	schematic := boot.Slot.Schematic
	for at, name := range schematic.Extensions {
		layer(fmt.Sprintf("%d", at), extensions.Metadata{
			Name: name, Version: boot.extensionVersion(name), Author: "Sidero Labs", Description: "[official] " + name, Compatibility: any,
		})
	}

	author := "Image Factory"
	if boot.Release.Since(14) {
		author += " (" + boot.Machine.Spec.Factory + ")"
	}

	layer(fmt.Sprintf("%d", len(schematic.Extensions)), extensions.Metadata{
		Name: "schematic", Version: schematic.ID, Author: author, Description: "The schematic that the image was made of.",
		Compatibility: any, ExtraInfo: schematic.Text,
	})

	if len(schematic.Extensions) > 0 {
		layer("modules.dep", extensions.Metadata{
			Name: "modules.dep", Version: "6.18.51-talos", Author: "Talos Machinery", Description: "The modules of all extensions.",
		})
	}

	if boot.Release.Since(14) {
		put(boot, "runtime.ImageFactorySchematicController",
			runtime.NewImageFactorySchematic(runtime.NamespaceName, runtime.ImageFactorySchematicID), func(found *runtime.ImageFactorySchematic) {
				*found.TypedSpec() = runtime.ImageFactorySchematicSpec{
					SchematicID: schematic.ID, Flavor: "Image Factory", APIURL: boot.Machine.Spec.Factory,
				}
			})
	}
}

// publishModules says which kernel modules are live, and which of them the config asks for.
func (boot *Boot) publishModules() {
	specs, present := map[string]bool{}, boot.Drivers()
	for _, name := range boot.wantedModules() {
		specs[name] = true
		put(boot, "runtime.KernelModuleConfigController", runtime.NewKernelModuleSpec(runtime.NamespaceName, name), func(wanted *runtime.KernelModuleSpec) {
			wanted.TypedSpec().Name = name
		})
	}
	boot.keep(runtime.NewKernelModuleSpec(runtime.NamespaceName, ""), specs)

	for at, module := range present.Modules {
		address := fmt.Sprintf("0xffffffffc%07x", 0x100000+at*0x4000)
		loaded := runtime.NewLoadedKernelModule(runtime.NamespaceName, module.Name)                          //nolint:staticcheck // older clients read it
		put(boot, "runtime.LoadedKernelModuleController", loaded, func(loaded *runtime.LoadedKernelModule) { //nolint:staticcheck // as above
			*loaded.TypedSpec() = runtime.LoadedKernelModuleSpec{ //nolint:staticcheck // as above
				Size: module.Size, ReferenceCount: module.References, Dependencies: module.Dependencies, State: "Live", Address: address,
			}
		})
		if boot.Release.Since(14) {
			boot.publishModule(module.Name, runtime.KernelModuleStatusSpec{
				Type: runtime.KernelModuleTypeDynamic, Size: module.Size, ReferenceCount: module.References,
				Dependencies: module.Dependencies, State: runtime.KernelModuleStateLive, Address: address,
			})
		}
	}

	if boot.Release.Since(14) {
		boot.publishModule("efivarfs", runtime.KernelModuleStatusSpec{
			Type: runtime.KernelModuleTypeBuiltin, State: runtime.KernelModuleStateBuiltin,
		})
	}
}

func (boot *Boot) publishModule(name string, spec runtime.KernelModuleStatusSpec) {
	put(boot, "runtime.KernelModuleStatusController", runtime.NewKernelModuleStatus(runtime.NamespaceName, name),
		func(status *runtime.KernelModuleStatus) { *status.TypedSpec() = spec })
}
