import { z } from "zod";
import { define } from "@/lib/talos/resource-def";
import { dictionary, flag, lines, list, number, struct, text } from "@/lib/talos/resource-fields";
import { readStage } from "@/lib/talos/stage";

const runtime = "runtime";

/** What the machine is doing, and why it is not ready: the one resource to watch first. */
export const machineStatus = define({
  namespace: runtime,
  type: "MachineStatuses.runtime.talos.dev",
  id: "machine",
  spec: struct({
    stage: z
      .union([z.string(), z.number()])
      .nullish()
      .transform((stage) => readStage(stage ?? 0)),
    status: struct({ ready: flag(), unmetConditions: list(struct({ name: text(), reason: text(1024) })) }),
  }),
});

export const version = define({
  namespace: runtime,
  type: "Versions.runtime.talos.dev",
  id: "version",
  since: "1.10.0",
  spec: struct({ version: text(), name: text() }),
});

/** Installed system extensions; the one named `schematic` is no extension: its version is the schematic ID. */
export const extensionStatus = define({
  namespace: runtime,
  type: "ExtensionStatuses.runtime.talos.dev",
  // One of them holds the schematic's document.
  caps: { ids: 256, specBytes: 128 * 1024 },
  spec: struct({
    image: text(),
    metadata: struct({
      name: text(),
      version: text(),
      author: text(),
      description: text(2048),
      extraInfo: lines(65_536),
    }),
  }),
});

export const imageFactorySchematic = define({
  namespace: runtime,
  type: "ImageFactorySchematics.runtime.talos.dev",
  id: "image-factory-schematic",
  since: "1.14.0-alpha.0",
  spec: struct({ schematicId: text(), flavor: text(), apiUrl: text() }),
});

/** Before 1.14; the id is the module's name. */
export const loadedKernelModule = define({
  namespace: runtime,
  type: "LoadedKernelModules.runtime.talos.dev",
  since: "1.11.0",
  spec: struct(
    {
      name: text(),
      size: number(),
      referenceCount: number(),
      dependencies: list(text()),
      state: text(),
      address: text(),
    },
    { instances: "referenceCount" },
  ),
});

/** Since 1.14, with those that are built in; the id is the module's name. `state` in lower case without its prefix: `live`. */
export const kernelModuleStatus = define({
  namespace: runtime,
  type: "KernelModuleStatuses.runtime.talos.dev",
  since: "1.14.0-alpha.0",
  spec: struct({
    type: text().transform((type) => type.toLowerCase().replace(/^kernel_module_type_/, "")),
    state: text().transform((state) => state.toLowerCase().replace(/^kernel_module_state_/, "")),
    size: number(),
    referenceCount: number(),
    dependencies: list(text()),
  }),
});

/** Modules that the machine config asks for; the id is the module's name. Not sensitive: os:reader may see it. */
export const kernelModuleSpec = define({
  namespace: runtime,
  type: "KernelModuleSpecs.runtime.talos.dev",
  // The id says it all; whatever else a node puts there is not kept.
  spec: z.unknown().transform(() => null),
});

export const kernelCmdline = define({
  namespace: runtime,
  type: "KernelCmdlines.runtime.talos.dev",
  id: "cmdline",
  since: "1.11.0",
  spec: struct({ cmdline: text(8192) }),
});

export const diagnostic = define({
  namespace: runtime,
  type: "Diagnostics.runtime.talos.dev",
  caps: { ids: 128 },
  spec: struct({ message: text(1024), details: list(text(1024)) }),
});

/** The id is the service's name. */
export const service = define({
  namespace: runtime,
  type: "Services.v1alpha1.talos.dev",
  spec: struct({ running: flag(), healthy: flag(), unknown: flag() }),
});

/** Changes with each boot, and `os:reader` may see it. */
export const bootId = define({
  namespace: runtime,
  type: "BootIDs.runtime.talos.dev",
  id: "boot-id",
  since: "1.14.0-alpha.2",
  spec: struct({ bootId: text(64) }),
});

export const securityState = define({
  namespace: runtime,
  type: "SecurityStates.talos.dev",
  id: "securitystate",
  spec: struct({
    secureBoot: flag(),
    ukiSigningKeyFingerprint: text(),
    pcrSigningKeyFingerprint: text(),
    seLinuxState: text(),
    bootedWithUki: flag(),
    fipsState: text(),
    moduleSignatureEnforced: flag(),
  }),
});

/**
 * The install that a config with `UnattendedInstallConfig` asks for: its image as the config names it, how far it is (`installing`, `installed`,
 * …), and why it failed. There while the config has that document, also long after the install; not in containers.
 */
export const unattendedInstallStatus = define({
  namespace: runtime,
  type: "UnattendedInstallStatuses.runtime.talos.dev",
  id: "unattended-install",
  since: "1.14.0-alpha.0",
  spec: struct({
    image: text(),
    phase: text(64).transform((phase) => phase.toLowerCase().replace(/^unattended_install_phase_/, "")),
    error: text(1024),
  }),
});

export const timeStatus = define({
  namespace: runtime,
  type: "TimeStatuses.v1alpha1.talos.dev",
  id: "node",
  spec: struct({ synced: flag(), epoch: number(), syncDisabled: flag() }),
});

/** Platform facts, such as the region and instance type of a cloud. */
export const platformMetadata = define({
  namespace: runtime,
  type: "PlatformMetadatas.talos.dev",
  id: "platformmetadata",
  spec: struct({
    platform: text(),
    hostname: text(),
    region: text(),
    zone: text(),
    instanceType: text(),
    instanceId: text(),
    tags: dictionary(),
  }),
});

/** Mounts of Talos' own partitions. */
export const mountStatus = define({
  namespace: runtime,
  type: "MountStatuses.runtime.talos.dev",
  spec: struct({ source: text(), target: text(), filesystemType: text(), options: list(text()), encrypted: flag() }),
});
