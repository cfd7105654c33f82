import "server-only";
import { formatDuration } from "@/lib/core/units";
import { type DrainOutcome, type DrainProgress, drainBlockers } from "@/lib/kubernetes/drain";
import type { KubernetesNode } from "@/lib/kubernetes/nodes";
import type { KubernetesPort } from "./ports";
import { type StepContext, type StepResult, call, isAway, note, save, sentenceOf, tryRead } from "./step-context";
import { markOf, stepReleaseCordon } from "./step-uncordon";

function whySkipped(ctx: StepContext): string | null {
  if (ctx.policy.drain === "skip") return "The drain is skipped, as chosen: pods are cut off by the restart.";
  if (ctx.clusterSize === 1) return "Its cluster has one node: there is nowhere to drain to.";
  if (!ctx.clusterId) return "It belongs to no cluster: there is nothing to drain.";
  return null;
}

/**
 * Remembers the cordon before it is made, and marks it with the run: a runner that takes over, and any later run, must know which
 * cordons are ours.
 */
async function cordon(ctx: StepContext, kubernetes: KubernetesPort, node: KubernetesNode): Promise<void> {
  const { unschedulable, cordonedBy, name } = node;
  const recorded = ctx.row.cordonedByUs;
  if (!recorded) {
    if (unschedulable && cordonedBy === null) {
      return note(ctx, "It was cordoned before this run, and stays so afterwards.");
    }
    await save(ctx, { cordonedByUs: true });
  }
  const mark = { ...markOf(ctx), unmarked: recorded };
  const taken = await call(ctx, "Kubernetes cordon", "node.cordon", name, () =>
    kubernetes.cordon(name, mark, ctx.signal),
  );
  if (taken === "foreign") {
    await save(ctx, { cordonedByUs: false });
    await note(ctx, "Somebody else cordoned it meanwhile, and it stays so afterwards.");
  }
  if (taken === "taken-over" && cordonedBy !== null && cordonedBy !== mark.by) {
    await note(ctx, "An earlier run, or a drain, of this console left it cordoned: this run has taken that over.");
  }
}

function reporter(ctx: StepContext): (progress: DrainProgress) => Promise<void> {
  let shown = "";
  return async (progress) => {
    const pods = progress.pods.slice(0, 200);
    // Countdowns of a grace period change every second and are not worth an event each.
    const next = JSON.stringify(pods.map(({ name, state, detail }) => [name, state, state === "ending" ? "" : detail]));
    if (next === shown) return;
    shown = next;
    const { total, gone } = progress;
    await ctx.journal.write({ events: [{ kind: "drain", nodeId: ctx.row.nodeId, total, gone, pods }] });
  };
}

/** Looks at the node itself while its pods are to end: one that is powered off ends none, and Kubernetes is long in saying so. */
async function watchNode(ctx: StepContext, away: { sentence: string }, stop: AbortSignal): Promise<void> {
  let told = false;
  for (let waitMs = 0; !stop.aborted; waitMs = ctx.tuning.drainLookMs) {
    await ctx.ports.sleep(waitMs, stop);
    const reading = await tryRead(ctx, (sentence) => (away.sentence = sentence));
    if (reading) away.sentence = "";
    else if (!told && !stop.aborted) {
      told = true;
      await note(
        ctx,
        `The node cannot be reached while it is drained: ${away.sentence} Its pods end only when it is back.`,
      );
    }
  }
}

/** Drains, and knows meanwhile whether the node is there. */
async function drainWatched(
  ctx: StepContext,
  away: { sentence: string },
  work: () => Promise<DrainOutcome>,
): Promise<DrainOutcome> {
  const stop = new AbortController();
  const watching = watchNode(ctx, away, AbortSignal.any([ctx.signal, stop.signal])).catch((error: unknown) => {
    if (!stop.signal.aborted && !ctx.signal.aborted)
      ctx.ports.report("A node could not be watched while drained", error);
  });
  try {
    return await work();
  } finally {
    stop.abort(new Error("The drain is over."));
    await watching;
  }
}

async function drain(ctx: StepContext, clusterId: string, nodename: string, timeoutMs: number): Promise<StepResult> {
  const away = { sentence: "" };
  const kubernetes = await ctx.ports.openKubernetes(clusterId, ctx.signal);
  try {
    const node = await kubernetes.node(nodename, ctx.signal);
    if (!node) {
      await note(ctx, `Kubernetes has no node ${nodename}: there is nothing to drain.`);
      return { event: "drained" };
    }
    await cordon(ctx, kubernetes, node);
    const outcome = await call(ctx, "Kubernetes eviction", "node.drain", nodename, () =>
      drainWatched(ctx, away, () =>
        kubernetes.drain(nodename, { timeoutMs, onProgress: reporter(ctx), signal: ctx.signal }),
      ),
    );
    if (outcome.kind === "drained") return { event: "drained" };
    const time = formatDuration(ctx.policy.drainTimeoutMs);
    const blockers = drainBlockers(outcome.progress).join(" ");
    const gone =
      away.sentence === "" ? "" : ` The node itself cannot be reached, so its pods cannot end: ${away.sentence}`;
    return { event: "failed", reason: `The drain did not end within ${time}. ${blockers}${gone}`.trim() };
  } finally {
    kubernetes.close();
  }
}

/** Cordons the node and evicts its pods within their budgets. What blocks is shown as it happens. */
export async function stepDrain(ctx: StepContext): Promise<StepResult> {
  const skipped = whySkipped(ctx);
  const nodename = ctx.row.before?.nodename ?? null;
  if (skipped !== null || nodename === null || ctx.clusterId === null) {
    await note(ctx, skipped ?? "It has no Kubernetes node: there is nothing to drain.");
    return { event: "drained" };
  }
  const deadlineMs = ctx.ports.nowMs() + ctx.policy.drainTimeoutMs;
  for (let told = false; ; told = true) {
    let result: StepResult;
    try {
      result = await drain(ctx, ctx.clusterId, nodename, Math.max(1, deadlineMs - ctx.ports.nowMs()));
    } catch (error) {
      ctx.signal.throwIfAborted();
      if (isAway(error) && ctx.ports.nowMs() < deadlineMs) {
        if (!told) await note(ctx, `The drain waits. ${sentenceOf(error)}`);
        await ctx.ports.sleep(ctx.tuning.pollMs, ctx.signal);
        continue;
      }
      result = { event: "failed", reason: `It could not be drained: ${sentenceOf(error)}` };
    }
    return result.event === "failed" ? stepReleaseCordon(ctx, result) : result;
  }
}
