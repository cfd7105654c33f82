import "server-only";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { openNodeClient } from "@/lib/inventory/access";
import { extensionFacts } from "@/lib/inventory/node-readings";
import { uuidOf } from "@/lib/inventory/node-snapshot";
import { absentAsNull, isTalosError } from "@/lib/talos/errors";
import type { TalosEvent } from "@/lib/talos/events";
import type { TalosClient } from "@/lib/talos/client";
import { resourceDefs } from "@/lib/talos/resources";
import { readHardware } from "./live-hardware";
import { readConsole } from "./live-console";
import type { NodePort, PullFrame, PullLayer, SequenceFrame } from "./ports";
import { signOf } from "./sequence-course";

/** Short: a node that restarts must be noticed, not waited for. */
const readDeadlineMs = 8_000;

export const { kernelModuleSpec } = resourceDefs;

const orNull = async <T>(reading: Promise<T>): Promise<T | null> => {
  try {
    return await absentAsNull(reading);
  } catch (error) {
    if (isTalosError(error, "not-found")) return null;
    throw error;
  }
};

/** Since 1.14 a resource that readers may see; before, only the file, which takes an admin. */
async function readBootId(client: TalosClient, options: { signal: AbortSignal }): Promise<string> {
  const resource = await orNull(client.get(resourceDefs.bootId, undefined, { ...options, deadlineMs: readDeadlineMs }));
  if (resource) return resource.spec.bootId;
  const file = await client.read("/proc/sys/kernel/random/boot_id", {
    ...options,
    maxBytes: 256,
    deadlineMs: readDeadlineMs,
  });
  return file.toString("utf8").trim().slice(0, 64);
}

async function readSchematicId(
  client: TalosClient,
  options: { signal: AbortSignal; deadlineMs: number },
): Promise<string | null> {
  const { runningSchematicId } = extensionFacts(await client.listResources(resourceDefs.extensionStatus, options));
  if (runningSchematicId) return runningSchematicId;
  const resource = await orNull(client.get(resourceDefs.imageFactorySchematic, undefined, options));
  return resource && /^[0-9a-f]{64}$/.test(resource.spec.schematicId) ? resource.spec.schematicId : null;
}

const layerStates: Record<string, PullLayer["status"]> = {
  downloading: "downloading",
  "download-complete": "downloaded",
  extracting: "extracting",
  "extract-complete": "extracted",
  "already-exists": "already-exists",
};

async function* pull(client: TalosClient, image: string, signal: AbortSignal): AsyncGenerator<PullFrame> {
  for await (const frame of client.pullImage(image, "system", { signal })) {
    if (frame.kind === "pulled") yield frame;
    else {
      const { id, offsetBytes, totalBytes } = frame;
      yield {
        kind: "layer",
        layer: { id, status: layerStates[frame.status] ?? "downloading", offsetBytes, totalBytes },
      };
    }
  }
}

function sequenceText(event: TalosEvent): string | null {
  const error = event.kind === "sequence" && event.error ? `: ${event.error.message || event.error.code}` : "";
  if (event.kind === "sequence") return `${event.sequence}: ${event.action}${error}`;
  if (event.kind === "phase") return event.action === "start" ? `Phase ${event.phase}` : null;
  if (event.kind === "task") return event.action === "start" ? `Task ${event.task}` : null;
  return event.kind === "machine-status" ? `Stage ${event.stage}${event.ready ? ", ready" : ""}` : null;
}

/** Enough for what a sequence has said shortly before somebody took over. */
const lastFew = 20;

async function* sequence(
  client: TalosClient,
  signal: AbortSignal,
  after: string | null,
): AsyncGenerator<SequenceFrame> {
  const since = after === null ? { tailEvents: 1 } : after === "" ? { tailEvents: lastFew } : { tailId: after };
  let past = after === null;
  for await (const event of client.events(since, { signal })) {
    // Of what was before, only the place counts.
    const isPast = past && event.kind !== "hello";
    past &&= !isPast;
    yield isPast
      ? { id: event.id, text: null, sign: null }
      : { id: event.id, text: sequenceText(event), sign: signOf(event) };
  }
}

/** Is it still the machine that the run is for? After a restart another one may have its address, and as old a version. */
async function checkMachine(client: TalosClient, nodeId: string, signal: AbortSignal): Promise<void> {
  const [known, system] = await Promise.all([
    db.node.findUnique({ where: { id: nodeId }, select: { machineUuid: true } }),
    orNull(client.get(resourceDefs.systemInformation, undefined, { signal, deadlineMs: readDeadlineMs })),
  ]);
  const uuid = uuidOf(system?.spec ?? null);
  if (uuid === null || known?.machineUuid == null || uuid === known.machineUuid) return;
  throw new AppError("unavailable", `Another machine answers at ${client.address}.`, {
    hint: "Give the node an address of its own, or remove it if the machine was replaced.",
  });
}

/**
 * A node over the Talos API, with credentials of the given role for as long as the port is open.
 * @throws AppError `unavailable` when another machine has taken its address; TalosError when it cannot be reached.
 */
export async function openLiveNode(
  nodeId: string,
  role: "reader" | "operator" | "admin",
  signal: AbortSignal,
): Promise<NodePort> {
  const client = await openNodeClient(nodeId, role, { signal });
  try {
    await checkMachine(client, nodeId, signal);
  } catch (error) {
    client.close();
    throw error;
  }
  const options = { signal, deadlineMs: readDeadlineMs };
  return {
    async read() {
      const { tag } = await client.version(options);
      const [bootId, schematicId, status, name] = await Promise.all([
        readBootId(client, { signal }),
        readSchematicId(client, options),
        client.get(resourceDefs.machineStatus, undefined, options),
        orNull(client.get(resourceDefs.nodename, undefined, options)),
      ]);
      const { stage, status: conditions } = status.spec;
      return {
        version: tag,
        bootId,
        schematicId,
        stage,
        ready: conditions.ready,
        unmetConditions: conditions.unmetConditions,
        nodename: name?.spec.nodename || null,
      };
    },
    readHardware: () => readHardware(client, options),
    pull: (image, stop) => pull(client, image, stop),
    install: (image, stop) => client.upgradeLifecycle(image, "system", { signal: stop }),
    upgradeLegacy: async (image) => void (await client.upgradeLegacy({ image }, { signal })),
    reboot: async () => void (await client.reboot({}, { signal })),
    forfeitEtcdLeadership: async () => void (await client.etcdForfeitLeadership({ signal })),
    etcdSnapshot: (stop) => client.etcdSnapshot({ signal: stop }),
    sequence: (stop, after) => sequence(client, stop, after),
    console: () => readConsole(client, signal),
    close: () => client.close(),
  };
}
