import "server-only";
import { AppError } from "@/lib/core/errors";
import { withNodeClient } from "@/lib/inventory/access";
import { createGate } from "@/lib/inventory/gate";
import { extensionFacts } from "@/lib/inventory/node-readings";
import type { NodeView } from "@/lib/inventory/schema";
import { standingConnection } from "@/lib/inventory/standing";
import type { TalosClient } from "@/lib/talos/client";
import { absentAsNull, isReconnectable } from "@/lib/talos/errors";
import { resourceDefs } from "@/lib/talos/resources";
import { kernelModuleSpec } from "../live-node-port";
import type { PlanNodeFacts } from "../plan-facts";
import { Kept, unlessAborted } from "./kept";

/** What only the node itself can tell. */
export type NodeAnswer = Pick<PlanNodeFacts, "unreachable" | "configuredModules" | "timeSynced" | "plainExtensions">;

const silent = (reason: string): NodeAnswer => ({
  unreachable: reason,
  configuredModules: null,
  timeSynced: null,
  plainExtensions: null,
});

const deadlineMs = 6_000;

async function read(client: TalosClient, view: NodeView, signal: AbortSignal): Promise<NodeAnswer> {
  const options = { signal, deadlineMs };
  const [modules, time, extensions] = await Promise.all([
    absentAsNull(client.listResources(kernelModuleSpec, options)),
    absentAsNull(client.get(resourceDefs.timeStatus, undefined, options)),
    // An image without a schematic holds what it says it holds; nothing may be taken for granted of it.
    view.runningSchematicId === null ? absentAsNull(client.listResources(resourceDefs.extensionStatus, options)) : null,
  ]);
  const told = extensions && extensionFacts(extensions);
  return {
    unreachable: null,
    configuredModules: modules?.map(({ id }) => id) ?? null,
    timeSynced: time ? time.spec.synced || time.spec.syncDisabled : null,
    plainExtensions: told?.runningSchematicId === null ? (told.extensions ?? []).map(({ name }) => name) : null,
  };
}

async function askOrSilent(view: NodeView): Promise<NodeAnswer> {
  try {
    return await ask(view);
  } catch (error) {
    if (error instanceof AppError) return silent(error.message);
    throw error;
  }
}

async function ask(view: NodeView): Promise<NodeAnswer> {
  const signal = AbortSignal.timeout(deadlineMs * 2);
  const standing = standingConnection(view.id);
  if (standing) {
    try {
      return await read(standing, view, signal);
    } catch (error) {
      // It may have ended just now, which says nothing of the node.
      if (!isReconnectable(error)) throw error;
    }
  }
  return withNodeClient(view.id, "reader", (client) => read(client, view, signal), { signal });
}

/** Why a node cannot be asked at all; null when it can. */
function whyAway({ reachability, attention }: NodeView): string | null {
  if (attention.some(({ kind }) => kind === "replaced")) return "another machine answers at its address.";
  if (reachability.state === "reachable") return null;
  return reachability.state === "unreachable" ? reachability.reason : "It has not answered yet.";
}

const kept = new Kept<NodeAnswer>({
  // One that is back is asked soon.
  keepMs: ({ unreachable }) => (unreachable === null ? 60_000 : 5_000),
  most: 5_000,
});
/** So many are asked at once: enough to be quick, few enough for one process. */
const gate = createGate(64);

/**
 * What a node tells for a plan: asked over the watcher's connection where one stands, and used again for a minute while the node
 * stays in the same boot and config. A node that does not answer is told as such; a plan must not fail for it.
 * @throws the signal's reason, also while it waits for its turn.
 */
export async function askNode(view: NodeView, signal: AbortSignal, fresh: boolean): Promise<NodeAnswer> {
  const away = whyAway(view);
  if (away !== null) return silent(away);
  // A config that was applied, or read anew, may load other modules than the answer that is kept.
  const config = [view.intent.configHash, view.config.state === "known" ? view.config.readAtMs : null];
  const key = JSON.stringify([view.id, view.bootId, view.address, view.runningSchematicId, config]);
  if (fresh) kept.forget(key);
  if (kept.has(key))
    return unlessAborted(
      kept.get(key, () => askOrSilent(view)),
      signal,
    );
  const release = await gate(signal);
  try {
    return await unlessAborted(
      kept.get(key, () => askOrSilent(view)),
      signal,
    );
  } finally {
    release();
  }
}
