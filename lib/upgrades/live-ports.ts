import "server-only";
import { recordIntent, recordOutcome } from "@/lib/audit/record";
import { systemContext } from "@/lib/auth/ctx";
import { errorMessage } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { sleep } from "@/lib/core/time";
import { db } from "@/lib/db/client";
import { openClusterKubernetes } from "@/lib/inventory/access";
import { fleet } from "@/lib/inventory/fleet";
import { readEtcdWithAway } from "@/lib/inventory/guard/judge-plane";
import { refreshFallback, refreshNodes } from "@/lib/inventory/refresh";
import { imageFactory } from "@/lib/image-factory/factory";
import { giveBackCordon, takeCordon } from "@/lib/kubernetes/cordon";
import { drainNode, drainStand } from "@/lib/kubernetes/drain";
import { getKubernetesNode } from "@/lib/kubernetes/nodes";
import type { LiveFrame } from "@/lib/live/frames";
import { hub } from "@/lib/live/hub";
import { extensionsOf, parseSchematic } from "@/lib/schematic/document";
import { schematicAtFactory } from "@/lib/schematic/told-by-factory";
import { livePlaneHolds } from "./live-hold";
import { openLiveNode } from "./live-node-port";
import { nodePhase } from "./machine";
import type { KubernetesPort, RunnerPorts } from "./ports";
import { isFinished } from "./run-machine";
import type { RunEvent, RunNodeState } from "./schema";
import { saveSnapshot } from "./snapshot-file";

/** Kubernetes through the cluster's kubeconfig. @throws AppError where there is none, or it cannot be used. */
export async function openLiveKubernetes(clusterId: string, signal: AbortSignal): Promise<KubernetesPort> {
  const client = await openClusterKubernetes(clusterId, { signal });
  return {
    node: (name, stop) => getKubernetesNode(client, name, stop),
    cordon: (name, mark, stop) => takeCordon(client, name, mark, stop),
    uncordon: (name, mark, stop) => giveBackCordon(client, name, mark, stop),
    drain: (name, options) => drainNode(client, name, options),
    close: () => client.close(),
  };
}

/** A run lets go of a node; how it ended stays to be seen on the node: that it fell back, or the image that it has now. */
function release({ nodeId, state }: { nodeId: string; state: RunNodeState }): void {
  fleet().apply(nodeId, { kind: "run", runId: null });
  const shown: Partial<Record<RunNodeState, () => Promise<void>>> = {
    "rolled-back": () => refreshFallback(nodeId),
    done: () => refreshNodes([nodeId]),
  };
  shown[state]?.().catch((error: unknown) =>
    log.unexpected("How a node's upgrade ended could not be shown on it", error, { nodeId }),
  );
}

/** Tells the fleet which nodes a run holds, beside telling the browsers. */
function publish(frame: LiveFrame): void {
  if (frame.type === "run.upsert") {
    for (const node of frame.run.nodes) {
      const over = isFinished(frame.run.state) || ["ended-well", "ended-badly"].includes(nodePhase[node.state]);
      const held = fleet().state(node.nodeId)?.runId ?? null;
      // A node that a later run holds is not this one's to free.
      if (!over) fleet().apply(node.nodeId, { kind: "run", runId: frame.run.id });
      else if (held === frame.run.id) release(node);
    }
  }
  if (frame.type === "run.event") showDrain(frame.event);
  hub().publish(frame);
}

/** The node's own page says how far its drain is, too. */
function showDrain(event: RunEvent): void {
  const { nodeId } = event;
  if (nodeId === null) return;
  if (event.kind === "drain") fleet().apply(nodeId, { kind: "drain", drain: drainStand(event) });
  if (event.kind === "node-state" && event.state !== "draining") fleet().apply(nodeId, { kind: "drain", drain: null });
}

/** The person that a run acts for, by its id in the audited detail. */
async function contextOf(runId: unknown) {
  const run =
    typeof runId === "string"
      ? await db.upgradeRun.findUnique({ where: { id: runId }, select: { startedByName: true } })
      : null;
  return systemContext("upgrade", run?.startedByName ?? null);
}

/** From our own store, else from the factory; null where neither has it. */
async function extensionsOfSchematic(schematicId: string): Promise<readonly string[] | null> {
  const row = await db.schematic.findUnique({ where: { id: schematicId }, select: { canonical: true } });
  if (row) return extensionsOf(parseSchematic(row.canonical));
  try {
    const text = await schematicAtFactory(imageFactory(), schematicId, AbortSignal.timeout(10_000));
    return text === null ? null : extensionsOf(parseSchematic(text));
  } catch (error) {
    // The proof then says that it could not compare, which is true.
    log.debug("A schematic could not be read from the factory", { schematicId, reason: errorMessage(error) });
    return null;
  }
}

/** The real world, for the runner of this process. */
export function livePorts(): RunnerPorts {
  return {
    openNode: openLiveNode,
    openKubernetes: openLiveKubernetes,
    readEtcd: (clusterId, signal, nodeId) => readEtcdWithAway(clusterId, nodeId, signal),
    ...livePlaneHolds,
    async clusterOf(nodeId) {
      const node = await db.node.findUnique({ where: { id: nodeId }, select: { clusterId: true } });
      const clusterId = node?.clusterId ?? null;
      return { clusterId, size: clusterId === null ? 0 : await db.node.count({ where: { clusterId } }) };
    },
    profilesOf: async (nodeId) => fleet().state(nodeId)?.record.profiles ?? [],
    extensionsOfSchematic,
    saveSnapshot: (clusterId, nodeName, chunks) => saveSnapshot(clusterId, nodeName, chunks, Date.now()),
    async auditIntent({ action, nodeId, nodeName, detail }) {
      const target = { kind: "node", id: nodeId, name: nodeName } as const;
      return recordIntent(await contextOf(detail.run), { action, target, detail });
    },
    async auditOutcome(intentId, result) {
      await recordOutcome(systemContext("upgrade"), intentId, result);
    },
    publish,
    report: (message, error) => log.unexpected(message, error, { reason: errorMessage(error) }),
    nowMs: Date.now,
    sleep,
  };
}
