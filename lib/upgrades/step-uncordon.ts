import "server-only";
import type { CordonMark } from "./ports";
import { type StepContext, type StepResult, call, isAway, note, save, sentenceOf } from "./step-context";

/** What marks this run's cordons in Kubernetes. One that was recorded as ours before there were marks has none. */
export const markOf = (ctx: StepContext): CordonMark => ({ by: `run:${ctx.journal.identity.runId}`, unmarked: true });

/** Takes back our own cordon, and only ours, trying until it works or the time is up. Gives the sentence of a failure. */
export async function releaseCordon(ctx: StepContext, limitMs = ctx.tuning.uncordonTimeoutMs): Promise<string | null> {
  const { clusterId, row } = ctx;
  const nodename = row.before?.nodename ?? null;
  if (!row.cordonedByUs || !clusterId || nodename === null) return null;
  const deadlineMs = ctx.ports.nowMs() + limitMs;
  for (;;) {
    try {
      const kubernetes = await ctx.ports.openKubernetes(clusterId, ctx.signal);
      try {
        await call(ctx, "Kubernetes uncordon", "node.uncordon", nodename, () =>
          kubernetes.uncordon(nodename, markOf(ctx), ctx.signal),
        );
      } finally {
        kubernetes.close();
      }
      await save(ctx, { cordonedByUs: false });
      return null;
    } catch (error) {
      ctx.signal.throwIfAborted();
      if (!isAway(error) || ctx.ports.nowMs() >= deadlineMs) return sentenceOf(error);
      await ctx.ports.sleep(ctx.tuning.pollMs, ctx.signal);
    }
  }
}

/** After the proof: the node may have pods again. */
export async function stepUncordon(ctx: StepContext): Promise<StepResult> {
  if (!ctx.row.cordonedByUs) await note(ctx, "This run did not cordon it, so there is nothing to take back.");
  const failure = await releaseCordon(ctx);
  return failure === null
    ? { event: "uncordoned" }
    : { event: "failed", reason: `It works, but is still cordoned by this run: ${failure}` };
}

/** After a failure that left the node as it was: gives it back to Kubernetes and passes the failure on. */
export async function stepReleaseCordon(ctx: StepContext, failure: StepResult): Promise<StepResult> {
  const still = await releaseCordon(ctx);
  return still === null
    ? failure
    : { ...failure, reason: `${failure.reason ?? ""} It is still cordoned by this run: ${still}`.trim() };
}
