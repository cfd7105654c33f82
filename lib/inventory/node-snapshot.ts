import { nodeCaps } from "@/lib/core/bounds/input-caps";
import type { TalosClient } from "@/lib/talos/client";
import { type Resource, resourceDefs, type SpecOf } from "@/lib/talos/resources";
import type { NodeFacts } from "./facts";
import { listOrEmpty, specOrNull, unlessAbsent } from "./node-follow";
import { extensionFacts, gpuFacts, hardwareFacts, kubernetesVersionOf, linkFacts } from "./node-readings";

export type SystemSpec = SpecOf<typeof resourceDefs.systemInformation>;

/** What the firmware says of the machine; null where the node cannot tell. */
export const readSystem = (client: TalosClient, signal: AbortSignal): Promise<SystemSpec | null> =>
  specOrNull(client, resourceDefs.systemInformation, signal);

/** Who the machine is; null where its firmware does not say: all zeros or all ones, by SMBIOS 3.7, 7.2.1. */
export function uuidOf(system: SystemSpec | null): string | null {
  const uuid = system?.uuid.toLowerCase() ?? "";
  return /^[0-9a-f-]{32,36}$/.test(uuid) && !/^([0-]+|[f-]+)$/.test(uuid) ? uuid : null;
}

/** Facts that change only with the machine's stage: read at each connection and when the stage or readiness changes. */
export async function readIdentityFacts(client: TalosClient, signal: AbortSignal): Promise<Partial<NodeFacts>> {
  const [version, versionResource, machineType, info, nodename, hostname, bootId, kubelet, links] = await Promise.all([
    unlessAbsent(client.version({ signal })),
    specOrNull(client, resourceDefs.version, signal),
    specOrNull(client, resourceDefs.machineType, signal),
    specOrNull(client, resourceDefs.clusterInfo, signal),
    specOrNull(client, resourceDefs.nodename, signal),
    specOrNull(client, resourceDefs.hostnameStatus, signal),
    specOrNull(client, resourceDefs.bootId, signal),
    specOrNull(client, resourceDefs.kubeletStatus, signal),
    listOrEmpty(client, resourceDefs.linkStatus, signal),
  ]);
  const kubernetesVersion = kubelet ? kubernetesVersionOf(kubelet.image) : null;
  return {
    talosVersion: version?.tag ?? versionResource?.version ?? null,
    ...(version && { architecture: version.architecture || null, platform: version.platform || null }),
    role: machineType?.machineType ?? "unknown",
    talosClusterId: info?.clusterId || null,
    nodename: nodename?.nodename || null,
    hostname: hostname?.hostname || null,
    ...(bootId && { bootId: bootId.bootId }),
    // Before 1.14 no resource tells; what Kubernetes said of it stays.
    ...(kubernetesVersion && { kubernetesVersion }),
    ...linkFacts(links),
  };
}

/** GPUs as `gpuFacts` reads them. @throws TalosError "misbehaving" for more than any machine has: each is asked about on its own. */
export function checkedGpus(client: TalosClient, items: PciDevices, before: NodeFacts): Partial<NodeFacts> {
  const facts = gpuFacts(items, before);
  if ((facts.gpus?.length ?? 0) > nodeCaps.gpus) throw client.accuse(`more than ${nodeCaps.gpus} GPUs`);
  return facts;
}

export type PciDevices = Resource<SpecOf<typeof resourceDefs.pciDevice>>[];

/** What is on the bus; null where the release does not tell. */
export const readPci = (client: TalosClient, signal: AbortSignal): Promise<PciDevices | null> =>
  unlessAbsent(client.listResources(resourceDefs.pciDevice, { signal }));

/** Facts of one boot: hardware and how it was booted. `known` are parts that were read already, or are being read. */
export async function readBootFacts(
  client: TalosClient,
  known: { system: SystemSpec | null | Promise<SystemSpec | null>; pci: Promise<PciDevices | null> },
  signal: AbortSignal,
): Promise<Partial<NodeFacts>> {
  const [system, processors, memory, disks, systemDisk, pci, cmdline, security, extensions, schematic] =
    await Promise.all([
      known.system,
      listOrEmpty(client, resourceDefs.processor, signal),
      listOrEmpty(client, resourceDefs.memoryModule, signal),
      listOrEmpty(client, resourceDefs.disk, signal),
      specOrNull(client, resourceDefs.systemDisk, signal),
      known.pci,
      specOrNull(client, resourceDefs.kernelCmdline, signal),
      specOrNull(client, resourceDefs.securityState, signal),
      listOrEmpty(client, resourceDefs.extensionStatus, signal),
      specOrNull(client, resourceDefs.imageFactorySchematic, signal),
    ]);
  const told = extensionFacts(extensions);
  return {
    ...hardwareFacts({ system, processors, memory, disks, systemDisk, pci: pci ?? [] }),
    ...told,
    runningSchematicId: told.runningSchematicId ?? (schematic?.schematicId || null),
    kernelCmdline: cmdline?.cmdline || null,
    secureBoot: security?.secureBoot ?? null,
  };
}

/** Who a machine is and what it has, read once, for a machine that is not followed yet. */
export async function readMachine(
  client: TalosClient,
  signal: AbortSignal,
): Promise<{ uuid: string | null; facts: Partial<NodeFacts>; pci: PciDevices | null }> {
  const system = readSystem(client, signal);
  const pciDevices = readPci(client, signal);
  const [spec, identity, boot, pci] = await Promise.all([
    system,
    readIdentityFacts(client, signal),
    readBootFacts(client, { system, pci: pciDevices }, signal),
    pciDevices,
  ]);
  return { uuid: uuidOf(spec), facts: { ...identity, ...boot }, pci };
}
