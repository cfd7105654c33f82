import type { TalosClient } from "@/lib/talos/client";
import { resourceDefs } from "@/lib/talos/resources";
import type { NodeFacts } from "./facts";
import { listOrEmpty, specOrNull, unlessAbsent } from "./node-follow";
import { extensionFacts, hardwareFacts, kubernetesVersionOf, linkFacts } from "./node-readings";

/** Who the machine is; null where its firmware does not say (or says only zeros). */
export async function readUuid(client: TalosClient, signal: AbortSignal): Promise<string | null> {
  const uuid = (await specOrNull(client, resourceDefs.systemInformation, signal))?.uuid.toLowerCase() ?? "";
  return /^[0-9a-f-]{32,36}$/.test(uuid) && !/^[0-]+$/.test(uuid) ? uuid : null;
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

/** Facts of one boot: hardware and how it was booted. */
export async function readBootFacts(client: TalosClient, signal: AbortSignal): Promise<Partial<NodeFacts>> {
  const [system, processors, memory, disks, systemDisk, pci, cmdline, security, extensions, schematic] =
    await Promise.all([
      specOrNull(client, resourceDefs.systemInformation, signal),
      listOrEmpty(client, resourceDefs.processor, signal),
      listOrEmpty(client, resourceDefs.memoryModule, signal),
      listOrEmpty(client, resourceDefs.disk, signal),
      specOrNull(client, resourceDefs.systemDisk, signal),
      listOrEmpty(client, resourceDefs.pciDevice, signal),
      specOrNull(client, resourceDefs.kernelCmdline, signal),
      specOrNull(client, resourceDefs.securityState, signal),
      listOrEmpty(client, resourceDefs.extensionStatus, signal),
      specOrNull(client, resourceDefs.imageFactorySchematic, signal),
    ]);
  const told = extensionFacts(extensions);
  return {
    ...hardwareFacts({ system, processors, memory, disks, systemDisk, pci }),
    ...told,
    runningSchematicId: told.runningSchematicId ?? (schematic?.schematicId || null),
    kernelCmdline: cmdline?.cmdline || null,
    secureBoot: security?.secureBoot ?? null,
  };
}
