import "server-only";
import { AppError } from "@/lib/core/errors";
import { isReconnectable, isTalosError } from "@/lib/talos/errors";
import { fullJitterMs } from "@/lib/core/time";
import type { RunJournal } from "./journal";
import type { NodeEvent } from "./machine";
import type { NodePort, NodeReading, RunnerPorts } from "./ports";
import type { RunNodeRecord } from "./records";
import type { PlanNode, RunEventBody, UpgradePolicy } from "./schema";

/** Waits that are ours to choose, as opposed to the policy's. */
export type Tuning = {
  /** Between two looks at a node that is expected to change. */
  pollMs: number;
  /** Longest that one layer may be unpacked. */
  unpackTimeoutMs: number;
  /** Longest that the installer may take. */
  installTimeoutMs: number;
  /** Longest from readiness to a complete proof: modules and device plugins come up late. */
  proveTimeoutMs: number;
  /** Longest until Kubernetes offers the cards again: a device plugin's pod has to start first. */
  allocatableGraceMs: number;
  /** How long a boot may be held on the new image before its cards are looked at. */
  heldBootMs: number;
  /** How long a reboot that was asked for may take to show before it is asked for again. */
  rebootGraceMs: number;
  uncordonTimeoutMs: number;
  /** Between two looks at a node whose pods are being evicted. */
  drainLookMs: number;
  /** Longest that a control plane waits for another one that somebody takes away by hand. */
  planeWaitMs: number;
  /** Between two writes of progress; at most four a second reach the browsers. */
  progressMs: number;
};
export const defaultTuning: Tuning = {
  pollMs: 2_000,
  unpackTimeoutMs: 10 * 60_000,
  installTimeoutMs: 30 * 60_000,
  proveTimeoutMs: 5 * 60_000,
  allocatableGraceMs: 10 * 60_000,
  heldBootMs: 5 * 60_000,
  rebootGraceMs: 90_000,
  uncordonTimeoutMs: 10 * 60_000,
  drainLookMs: 5_000,
  planeWaitMs: 15 * 60_000,
  progressMs: 250,
};

/** One node's step: what it works on and with. `row` is as last written; steps that change it go through `save`. */
export type StepContext = {
  ports: RunnerPorts;
  journal: RunJournal;
  tuning: Tuning;
  policy: UpgradePolicy;
  plan: PlanNode;
  row: RunNodeRecord;
  clusterId: string | null;
  clusterSize: number;
  signal: AbortSignal;
};
/** How a step ended. A `reason` is shown beside the state that follows; `row` is written together with it. */
export type StepResult = { event: NodeEvent; reason?: string; row?: Partial<Savable> };

type Savable = Pick<
  RunNodeRecord,
  "pulledImage" | "bootIdBefore" | "installBootId" | "installExit" | "rebootBootId" | "cordonedByUs" | "flow" | "before"
>;

/** Part of a row as the database holds it. */
export function rowData({ before, ...plain }: Partial<Savable>) {
  return before === undefined ? plain : { ...plain, before: JSON.stringify(before) };
}

/** Writes part of the node's row, with events, and keeps `ctx.row` in step. */
export async function save(ctx: StepContext, patch: Partial<Savable>, events: RunEventBody[] = []): Promise<void> {
  await ctx.journal.write({ node: { rowId: ctx.row.id, data: rowData(patch) }, events });
  Object.assign(ctx.row, patch);
}

export const note = (ctx: StepContext, text: string): Promise<void> =>
  ctx.journal.write({ events: [{ kind: "note", nodeId: ctx.row.nodeId, text }] });

/** A journaled, audited call on this node. */
export const call = <T>(
  ctx: StepContext,
  name: string,
  action: string,
  detail: string,
  run: () => Promise<T>,
): Promise<T> =>
  ctx.journal.call(
    { nodeId: ctx.row.nodeId, nodeName: ctx.row.name, call: name, action, detail },
    run,
    // The node may have carried out what it could not answer any more.
    (error) => (isAway(error) || isTalosError(error, "cancelled") ? "unknown" : "failed"),
  );

/** The node, or a cluster's API, cannot be had just now; asking again may work. What a node itself refuses is not that. */
export const isAway = (error: unknown): boolean =>
  isTalosError(error) ? isReconnectable(error) : error instanceof AppError && error.code === "unavailable";

/** Opens the node for one piece of work and closes it whatever happens. */
export async function withNode<T>(
  ctx: StepContext,
  role: "reader" | "operator" | "admin",
  work: (port: NodePort) => Promise<T>,
): Promise<T> {
  const port = await ctx.ports.openNode(ctx.row.nodeId, role, ctx.signal);
  try {
    return await work(port);
  } finally {
    port.close();
  }
}

/**
 * Work that only reads, done again over a short absence (a flap, a restart of apid): one lost call says nothing of a node, nor of
 * what was asked. @throws what it throws, once `tries` are over or where asking again cannot help.
 */
export async function overFlaps<T>(ctx: StepContext, work: () => Promise<T>, tries = 5): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= tries || !isAway(error)) throw error;
      await ctx.ports.sleep(ctx.tuning.pollMs + fullJitterMs(attempt, { capMs: 5_000 }), ctx.signal);
    }
  }
}

/** Reads the node, also over a short absence. @throws AppError when it stays away. */
export const readNode = (ctx: StepContext): Promise<NodeReading> =>
  overFlaps(ctx, () => withNode(ctx, "admin", (port) => port.read()));

/** The sentence of a failure for a node's `reason`. Unexpected ones are thrown on. */
export function sentenceOf(error: unknown): string {
  if (error instanceof AppError) return error.hint ? `${error.message} ${error.hint}` : error.message;
  throw error;
}

/** Reads the node once; `onAway` gets the sentence while it is away, or is starting and answers with anything else. */
export async function tryRead(ctx: StepContext, onAway?: (sentence: string) => void): Promise<NodeReading | null> {
  try {
    return await withNode(ctx, "admin", (port) => port.read());
  } catch (error) {
    ctx.signal.throwIfAborted();
    // While apid starts, it may refuse or not know what it will answer a moment later.
    onAway?.(sentenceOf(error));
    return null;
  }
}
