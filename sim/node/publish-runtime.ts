import {
  RuntimeKernelModuleState as ModuleState,
  RuntimeKernelModuleType as ModuleType,
  RuntimeSELinuxState,
} from "@/lib/talos/gen/resource/definitions/enums";
import type {
  KernelModuleSpecSpec,
  KernelModuleStatusSpec,
  LoadedKernelModuleSpec,
} from "@/lib/talos/gen/resource/definitions/runtime";
import { atLeast } from "../factory/releases";
import type { SpecInput } from "../resources/kind";
import { kernelModuleSpecs, kernelModuleStatuses, loadedKernelModules } from "../resources/kinds/kernel-modules";
import {
  bootedEntries,
  bootIds,
  kernelCmdlines,
  platformMetadatas,
  securityStates,
  versions,
} from "../resources/kinds/runtime";
import { timeStatuses } from "../resources/kinds/services";
import { publishExtensions } from "./publish-extensions";
import type { SimNode } from "./node";

export function kernelCmdline(node: SimNode): string {
  const schematic = node.world.schematics.get(node.running.schematicId);
  return [
    "talos.platform=metal",
    "console=tty0",
    "init_on_alloc=1",
    "slab_nomerge",
    "pti=on",
    "consoleblank=0",
    "nvme_core.io_timeout=4294967295",
    "printk.devkmsg=on",
    "selinux=1",
    "module.sig_enforce=1",
    ...(schematic?.kernelArgs ?? []),
  ].join(" ");
}

/** What the runtime controllers say of this boot: version, extensions, modules, boot id. */
export function publishRuntime(node: SimNode): void {
  const { resources, running } = node;
  resources.put(versions, "version", {
    version: running.release,
    name: atLeast(running.release, "1.13.0") ? "Talos" : "",
  });
  resources.put(bootIds, "boot-id", { bootId: node.bootId });
  resources.put(bootedEntries, "bootedentry", { bootedEntry: `Talos-${running.release}.efi` });
  resources.put(kernelCmdlines, "cmdline", { cmdline: kernelCmdline(node) });
  resources.put(securityStates, "securitystate", {
    seLinuxState: RuntimeSELinuxState.SE_LINUX_STATE_PERMISSIVE,
    bootedWithUki: true,
    moduleSignatureEnforced: true,
  });
  resources.put(platformMetadatas, "platformmetadata", { platform: "metal" });
  resources.put(timeStatuses, "node", { synced: true, epoch: 1 });
  publishExtensions(node);
  publishModules(node);
}

function publishModules(node: SimNode): void {
  const loaded = new Map<string, SpecInput<LoadedKernelModuleSpec>>();
  const status = new Map<string, SpecInput<KernelModuleStatusSpec>>();
  for (const [index, module] of node.drivers.modules.entries()) {
    const facts = {
      size: module.sizeBytes,
      referenceCount: module.referenceCount,
      dependencies: [...module.dependencies],
      address: `0xffffffffc0${(0x100000 + index * 0x4000).toString(16)}`,
    };
    loaded.set(module.name, { ...facts, state: "Live" });
    status.set(module.name, {
      ...facts,
      type: ModuleType.KERNEL_MODULE_TYPE_DYNAMIC,
      state: ModuleState.KERNEL_MODULE_STATE_LIVE,
    });
  }
  status.set("efivarfs", {
    type: ModuleType.KERNEL_MODULE_TYPE_BUILTIN,
    state: ModuleState.KERNEL_MODULE_STATE_BUILTIN,
  });
  node.resources.replace(loadedKernelModules, loaded);
  node.resources.replace(kernelModuleStatuses, status);
  node.resources.replace(
    kernelModuleSpecs,
    new Map((node.config?.modules ?? []).map((name): [string, SpecInput<KernelModuleSpecSpec>] => [name, { name }])),
  );
}
