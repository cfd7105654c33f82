import { extensionVersion, kernelOf } from "../factory/releases";
import type { SpecValue } from "../resources/yaml-spec";
import type { SimNode } from "./node";

const metadata = (
  name: string,
  version: string,
  author: string,
  description: string,
  extraInfo?: string,
): SpecValue => ({
  name,
  version,
  author,
  description,
  compatibility: { talos: { version: ">= v1.0.0" } },
  ...(extraInfo === undefined ? {} : { extraInfo }),
});

/** Extensions that this boot loaded, without `siderolabs/`: those of the schematic minus a fault's. */
export function loadedExtensions(node: SimNode): string[] {
  const missing = node.faults.get("missing-extension");
  const schematic = node.world.schematics.get(node.running.schematicId);
  return (schematic?.extensions ?? []).filter(
    (name) => !(missing?.kind === "missing-extension" && missing.extension.replace(/^siderolabs\//, "") === name),
  );
}

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
  resources.put("Versions.runtime.talos.dev", "version", { name: "Talos", version: running.release });
  resources.put("BootIDs.runtime.talos.dev", "boot-id", { bootID: node.bootId });
  resources.put("BootedEntries.talos.dev", "bootedentry", { bootedEntry: `Talos-${running.release}.efi` });
  resources.put("KernelCmdlines.runtime.talos.dev", "cmdline", { cmdline: kernelCmdline(node) });
  resources.put("SecurityStates.talos.dev", "securitystate", {
    secureBoot: false,
    selinuxState: "enabled, permissive",
    bootedWithUKI: true,
    moduleSignatureEnforced: true,
  });
  resources.put("PlatformMetadatas.talos.dev", "platformmetadata", { platform: "metal", hostname: node.hostname });
  resources.put("TimeStatuses.v1alpha1.talos.dev", "node", { synced: true, epoch: 1, syncDisabled: false });
  publishExtensions(node);
  publishModules(node);
}

function publishExtensions(node: SimNode): void {
  const { running } = node;
  const schematic = node.world.schematics.get(running.schematicId);
  const layers = new Map<string, SpecValue>();
  for (const [index, name] of loadedExtensions(node).entries()) {
    layers.set(String(index), {
      image: `${String(index).padStart(3, "0")}.ghcr.io-siderolabs-${name}-${extensionVersion(name, running.release)}.sqsh`,
      metadata: metadata(name, extensionVersion(name, running.release), "Sidero Labs", `[official] ${name}`),
    });
  }
  const count = layers.size;
  layers.set(String(count), {
    image: `${String(count).padStart(3, "0")}.schematic.sqsh`,
    metadata: metadata(
      "schematic",
      running.schematicId,
      "Image Factory",
      "Virtual extension which specifies the schematic of the image built with Image Factory.",
      schematic?.canonical ?? "",
    ),
  });
  if (count > 0)
    layers.set("modules.dep", {
      image: "modules.dep.sqsh",
      metadata: metadata(
        "modules.dep",
        kernelOf(running.release),
        "Talos Machinery",
        "Combined modules.dep for all extensions",
      ),
    });
  node.resources.replace("ExtensionStatuses.runtime.talos.dev", layers);
  node.resources.put("ImageFactorySchematics.runtime.talos.dev", "image-factory-schematic", {
    schematicId: running.schematicId,
    flavor: "community",
    apiUrl: `https://${node.world.imageRegistry}`,
  });
}

function publishModules(node: SimNode): void {
  const loaded = new Map<string, SpecValue>();
  const status = new Map<string, SpecValue>();
  for (const [index, module] of node.drivers.modules.entries()) {
    const address = `0xffffffffc${(0x100000 + index * 0x4000).toString(16)}`;
    const dependencies = module.dependencies.length > 0 ? module.dependencies : undefined;
    loaded.set(module.name, {
      size: module.sizeBytes,
      referenceCount: module.referenceCount,
      dependencies,
      state: "Live",
      address,
    });
    status.set(module.name, {
      type: "dynamic",
      size: module.sizeBytes,
      referenceCount: module.referenceCount,
      dependencies,
      state: "live",
      address,
    });
  }
  status.set("efivarfs", { type: "built-in", size: 0, referenceCount: 0, state: "built-in", address: "" });
  node.resources.replace("LoadedKernelModules.runtime.talos.dev", loaded);
  node.resources.replace("KernelModuleStatuses.runtime.talos.dev", status);
  node.resources.replace(
    "KernelModuleSpecs.runtime.talos.dev",
    new Map((node.config?.modules ?? []).map((name) => [name, { string: name, parameters: [] }])),
  );
}
