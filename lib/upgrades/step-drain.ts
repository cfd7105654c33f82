import "server-only";
import { type DrainProgress, drainBlockers } from "@/lib/kubernetes/drain";
import type { KubernetesPort } from "./ports";
import { type StepContext, type StepResult, call, isAway, note, save, sentenceOf } from "./step-context";
import { stepReleaseCordon } from "./step-uncordon";

function whySkipped(ctx: StepContext): string | null {
  if (ctx.policy.drain === "skip") return "The drain is skipped, as chosen: pods are cut off by the restart.";
  if (ctx.clusterSize === 1) return "Its cluster has one node: there is nowhere to drain to.";
  if (!ctx.clusterId) return "It belongs to no cluster: there is nothing to drain.";
  return null;
}

/** Remembers the cordon before it is made: a runner that takes over must know which cordons are ours. */
async function cordon(
  ctx: StepContext,
  kubernetes: KubernetesPort,
  nodename: string,
  unschedulable: boolean,
): Promise<void> {
  if (!ctx.row.cordonedByUs) {
    if (unschedulable) return note(ctx, "It was cordoned before this run, and stays so afterwards.");
    await save(ctx, { cordonedByUs: true });
  }
  await call(ctx, "Kubernetes cordon", "node.cordon", nodename, () => kubernetes.cordon(nodename, ctx.signal));
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

async function drain(ctx: StepContext, clusterId: string, nodename: string, timeoutMs: number): Promise<StepResult> {
  const kubernetes = await ctx.ports.openKubernetes(clusterId, ctx.signal);
  try {
    const node = await kubernetes.node(nodename, ctx.signal);
    if (!node) {
      await note(ctx, `Kubernetes has no node ${nodename}: there is nothing to drain.`);
      return { event: "drained" };
    }
    await cordon(ctx, kubernetes, nodename, node.unschedulable);
    const outcome = await call(ctx, "Kubernetes eviction", "node.drain", nodename, () =>
      kubernetes.drain(nodename, { timeoutMs, onProgress: reporter(ctx), signal: ctx.signal }),
    );
    if (outcome.kind === "drained") return { event: "drained" };
    const seconds = Math.round(ctx.policy.drainTimeoutMs / 1000);
    return {
      event: "failed",
      reason: `The drain did not end within ${seconds} s. ${drainBlockers(outcome.progress).join(" ")}`,
    };
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
  for (;;) {
    let result: StepResult;
    try {
      result = await drain(ctx, ctx.clusterId, nodename, Math.max(1, deadlineMs - ctx.ports.nowMs()));
    } catch (error) {
      ctx.signal.throwIfAborted();
      if (isAway(error) && ctx.ports.nowMs() < deadlineMs) {
        await ctx.ports.sleep(ctx.tuning.pollMs, ctx.signal);
        continue;
      }
      result = { event: "failed", reason: `It could not be drained: ${sentenceOf(error)}` };
    }
    return result.event === "failed" ? stepReleaseCordon(ctx, result) : result;
  }
}
