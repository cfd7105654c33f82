import "server-only";
import { gpusFromPci, hasNvSwitch } from "@/lib/gpu/detect";
import { waitingServices } from "@/lib/inventory/boot-watch/waiting";
import { listGpuEvidence, readGpuKernelLog } from "@/lib/inventory/gpu-evidence";
import { extensionFacts, moduleFacts, pciFunctions, serviceFacts } from "@/lib/inventory/node-readings";
import type { TalosClient } from "@/lib/talos/client";
import { absentAsNull } from "@/lib/talos/errors";
import { resourceDefs } from "@/lib/talos/resources";
import type { NodeHardwareReading } from "./ports";

type Options = { signal: AbortSignal; deadlineMs: number };

/** Since 1.11 a resource tells the live modules, another one since 1.14; before, only /sys/module. */
async function readModules(client: TalosClient, options: Options): Promise<string[] | null> {
  const modules =
    (await absentAsNull(client.listResources(resourceDefs.kernelModuleStatus, options))) ??
    (await absentAsNull(client.listResources(resourceDefs.loadedKernelModule, options)));
  return modules && (moduleFacts(modules).kernelModules ?? null);
}

/**
 * All that the proof chain asks of a node, read now (role os:reader): extensions, cards, modules, bindings, device files, kernel log.
 * @throws TalosError when the node cannot be reached
 */
export async function readHardware(client: TalosClient, options: Options): Promise<NodeHardwareReading> {
  const { signal } = options;
  const [version, pci, statuses, modules, specs, services] = await Promise.all([
    client.version(options),
    client.listResources(resourceDefs.pciDevice, options),
    client.listResources(resourceDefs.extensionStatus, options),
    readModules(client, options),
    absentAsNull(client.listResources(resourceDefs.kernelModuleSpec, options)),
    client.serviceList(options),
  ]);
  const functions = pciFunctions(pci);
  const gpus = gpusFromPci(functions);
  const { extensions, runningSchematicId, runningSchematic } = extensionFacts(statuses);
  const [{ listed, modules: inSys }, kernelLog] = await Promise.all([
    listGpuEvidence(client, gpus, { signal }),
    gpus.length > 0 ? readGpuKernelLog(client, { signal }) : [],
  ]);
  return {
    ...listed,
    talosVersion: version.tag,
    arch: version.architecture === "arm64" ? "arm64" : "amd64",
    gpus,
    nvSwitch: hasNvSwitch(functions),
    runningSchematic: runningSchematicId
      ? { id: runningSchematicId, extensions: runningSchematic?.extensions ?? null }
      : null,
    extensions: extensions ?? [],
    modules: modules ?? inSys,
    configModules: specs?.map(({ id }) => id) ?? null,
    waiting: waitingServices(serviceFacts(services).services ?? []),
    kernelLog,
  };
}
