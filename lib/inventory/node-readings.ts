import { type PciFunction, gpusFromPci, hasNvSwitch } from "@/lib/gpu/detect";
import { schematicOfNode } from "@/lib/schematic/shown";
import type { ServiceFacts } from "@/lib/talos/machine";
import type { Resource, resourceDefs, SpecOf } from "@/lib/talos/resources";
import { unattendedInstall } from "./adoption/course";
import type { NodeFacts } from "./facts";
import type { NodeView } from "./schema";

type Defs = typeof resourceDefs;
type Items<Name extends keyof Defs> = readonly Resource<SpecOf<Defs[Name]>>[];
type One<Name extends keyof Defs> = SpecOf<Defs[Name]> | null;

export const statusFacts = ({ stage, status }: SpecOf<Defs["machineStatus"]>): Partial<NodeFacts> => ({
  stage,
  ready: status.ready,
  unmetConditions: status.unmetConditions,
});

/** The installation of a first config; a phase that this Ichor does not know tells nothing. */
export function unattendedInstallFacts(items: Items<"unattendedInstallStatus">): Partial<NodeFacts> {
  const spec = items[0]?.spec;
  if (!spec) return { unattendedInstall: null };
  // Go leaves out the first of an enumeration.
  const parsed = unattendedInstall.safeParse({ ...spec, phase: spec.phase === "" ? "pending" : spec.phase });
  return { unattendedInstall: parsed.success ? parsed.data : null };
}

export const diagnosticFacts = (items: Items<"diagnostic">): Partial<NodeFacts> => ({
  diagnostics: items.map(({ id, spec }) => ({ id, message: spec.message, details: spec.details })),
});

/** The id of the schematic's own entry, and names that stand for parts of the image, are no extensions. */
const notExtensions = new Set(["schematic", "modules.dep", "embedded-config"]);
const schematicIdPattern = /^[0-9a-f]{64}$/;

/** Extensions that run, and the schematic: its entry is named `schematic`, its version is the ID, its extra info the document. */
export function extensionFacts(items: Items<"extensionStatus">): Partial<NodeFacts> {
  const all = items.map(({ spec }) => spec.metadata);
  const schematic = all.find(({ name }) => name === "schematic");
  const id = schematic?.version ?? "";
  return {
    extensions: all
      .filter(({ name }) => !notExtensions.has(name))
      .map(({ name, version }) => ({ name, version }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    runningSchematicId: schematicIdPattern.test(id) ? id : null,
    runningSchematic: schematicOfNode(schematic?.extraInfo ?? ""),
  };
}

const bareHex = (id: string): string => id.toLowerCase().replace(/^0x/, "");

/** PCI functions in the terms of lib/gpu. */
export const pciFunctions = (items: Items<"pciDevice">): PciFunction[] =>
  items.map(({ id, spec }) => ({
    id,
    classId: spec.classId,
    subclassId: spec.subclassId,
    vendorId: spec.vendorId,
    productId: spec.productId,
    vendor: spec.vendor,
    product: spec.product,
    driver: spec.driver,
  }));

type Hardware = NonNullable<NodeView["hardware"]>;

export const pciHardware = (items: Items<"pciDevice">): Hardware["pciDevices"] =>
  items
    .map(({ id, spec }) => ({
      id,
      class: spec.subclass || spec.class,
      vendor: spec.vendor,
      product: spec.product,
      ids: `${bareHex(spec.vendorId)}:${bareHex(spec.productId)}`,
      driver: spec.driver,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));

/** GPUs as the PCI scan shows them; the driver that is bound now comes from the evidence, since the scan is made once. */
export function gpuFacts(items: Items<"pciDevice">, before: NodeFacts): Partial<NodeFacts> {
  const functions = pciFunctions(items);
  const bound = before.evidence.boundDrivers;
  const gpus = gpusFromPci(functions).map((gpu) =>
    bound === null ? gpu : { ...gpu, driver: bound[gpu.pciAddress] ?? null },
  );
  return {
    gpus,
    hardware: before.hardware && { ...before.hardware, pciDevices: pciHardware(items) },
    evidence: { ...before.evidence, nvSwitch: hasNvSwitch(functions) },
  };
}

const usableModules = new Set(["live", "built-in", "builtin"]);

/** Modules that are live, by name. Before 1.14 the state is `Live`, since then `live`, with `built-in` ones beside them. */
export const moduleFacts = (items: readonly { id: string; spec: { state: string } }[]): Partial<NodeFacts> => ({
  kernelModules: items
    .filter(({ spec }) => usableModules.has(spec.state.toLowerCase()))
    .map(({ id }) => id)
    .sort(),
});

const bareAddress = (prefix: string): string => prefix.split("/")[0] ?? prefix;

export const addressFacts = (items: Items<"nodeAddress">): Partial<NodeFacts> => {
  const chosen = items.find(({ id }) => id === "routed") ?? items.find(({ id }) => id === "default");
  return chosen ? { addresses: chosen.spec.addresses.map(bareAddress) } : {};
};

/** A NIC has a bus; bridges, bonds, VLANs and veths have a kind instead. */
const isPhysical = ({ type, kind, busPath }: SpecOf<Defs["linkStatus"]>): boolean =>
  type.toLowerCase() === "ether" && kind === "" && busPath !== "";

export const linkFacts = (items: Items<"linkStatus">): Partial<NodeFacts> => ({
  links: items.map(({ id, spec }) => ({
    name: id,
    hardwareAddress: (spec.permanentAddress || spec.hardwareAddress).toLowerCase(),
    up: spec.linkState || spec.operationalState.toLowerCase() === "up",
    speedMegabits: spec.speedMegabits > 0 && spec.speedMegabits < 10_000_000 ? spec.speedMegabits : null,
    mtu: spec.mtu,
    driver: spec.driver,
    physical: isPhysical(spec),
  })),
});

export const serviceFacts = (services: readonly ServiceFacts[]): Partial<NodeFacts> => ({
  services: services.map(({ id, state, healthy, lastMessage, lastChangeMs }) => ({
    id,
    state,
    healthy,
    lastMessage,
    lastChangeMs,
  })),
  // machined loads it together with all others that a boot waits for.
  servicesSinceMs: services.find(({ id }) => id === "kubelet")?.events[0]?.atMs ?? null,
});

/** Volumes that failed: the boot waits for them, and nothing else on the node tells of it. */
export const volumeFacts = (items: Items<"volumeStatus">): Partial<NodeFacts> => ({
  failedVolumes: items
    .filter(({ spec }) => spec.phase === "failed")
    .map(({ id, spec }) => ({ id, error: spec.errorMessage })),
});

export type HardwareParts = {
  system: One<"systemInformation">;
  processors: Items<"processor">;
  memory: Items<"memoryModule">;
  disks: Items<"disk">;
  systemDisk: One<"systemDisk">;
  pci: Items<"pciDevice">;
};

const mebibyte = 1024 * 1024;

/** Hardware as SMBIOS, the block layer and the PCI scan tell it; empty sockets, slots and read-only media are left out. */
export function hardwareFacts(parts: HardwareParts): Partial<NodeFacts> {
  const { system, processors, memory, disks, systemDisk, pci } = parts;
  if (!system) return {};
  const memoryBytes = memory.reduce((sum, { spec }) => sum + spec.sizeMib * mebibyte, 0);
  return {
    hardware: {
      manufacturer: system.manufacturer,
      productName: system.productName,
      serialNumber: system.serialNumber,
      uuid: system.uuid.toLowerCase(),
      biosVersion: system.biosVersion,
      processors: processors
        .filter(({ spec }) => spec.coreCount > 0)
        .map(({ spec }) => ({ name: spec.productName, cores: spec.coreCount, threads: spec.threadCount })),
      memoryBytes: memoryBytes > 0 ? memoryBytes : null,
      disks: disks
        .filter(({ spec }) => !spec.cdrom && !spec.readOnly && spec.sizeBytes > 0)
        .map(({ id, spec }) => ({
          id,
          devPath: spec.devPath || `/dev/${id}`,
          sizeBytes: spec.sizeBytes,
          model: spec.model,
          serial: spec.serial,
          transport: spec.transport,
          system: systemDisk !== null && (systemDisk.diskId === id || systemDisk.devPath === spec.devPath),
        })),
      pciDevices: pciHardware(pci),
    },
  };
}

/** `ghcr.io/siderolabs/kubelet:v1.35.2` → `v1.35.2`. */
export const kubernetesVersionOf = (kubeletImage: string): string | null =>
  /:(v\d+\.\d+\.\d+[\w.-]*)(?:@|$)/.exec(kubeletImage)?.[1] ?? null;
