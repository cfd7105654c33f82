import "server-only";
import { comesLate, type UpgradeProof, whyUnproven } from "./proof";
import { lookAtProof } from "./proof-look";
import type { PlanCheck } from "./schema";
import { isBadReturn, tellBadReturn } from "./return-story";
import { type StepContext, type StepResult, tryRead } from "./step-context";

/** Shown while the device plugin may still register: nothing is lost yet. */
const awaited = (checks: readonly PlanCheck[]): PlanCheck[] =>
  checks.map((check) =>
    comesLate.has(check.id) && check.state === "refused"
      ? { ...check, state: "warning", detail: `${check.detail} It has time to come back.` }
      : check,
  );

/**
 * Reads back what the run promised, until all of it is so or the time is up: modules and kubelets come up late, and device plugins
 * register their cards later still.
 */
export async function stepProve(ctx: StepContext): Promise<StepResult> {
  const startedMs = ctx.ports.nowMs();
  let shown: string | null = null;
  const show = async (checks: PlanCheck[], gpus: UpgradeProof["gpus"], bootId: string | null) => {
    const text = JSON.stringify([checks, gpus]);
    if (text === shown) return;
    shown = text;
    await ctx.journal.write({ events: [{ kind: "proof", nodeId: ctx.row.nodeId, checks, gpus, bootId }] });
  };
  for (;;) {
    const { proof, rolledBack, away, basis, bootId, kubernetesRefused } = await lookAtProof(ctx);
    if (rolledBack !== null) return rolledBack;
    // Stryker disable next-line ArrayDeclaration: without a proof nobody looks at what is broken
    const broken = proof?.checks.filter(({ state }) => state === "refused") ?? [];
    const late = proof !== null && broken.every(({ id }) => comesLate.has(id));
    const limitMs = late
      ? Math.max(ctx.tuning.allocatableGraceMs, ctx.tuning.proveTimeoutMs)
      : ctx.tuning.proveTimeoutMs;
    // What Kubernetes does not let us see is not seen by waiting.
    const blind = kubernetesRefused && broken.length > 0 && late;
    const over = blind || ctx.ports.nowMs() >= startedMs + limitMs;
    if (proof) await show(over ? proof.checks : awaited(proof.checks), proof.gpus, bootId);
    if (proof && broken.length === 0) return { event: "proved" };
    if (over) {
      const why = proof ? `${whyUnproven(proof)} ${basis}` : `It could not be read: ${away}`;
      return { event: "failed", reason: `It came back, but is not proven. ${why}` };
    }
    await ctx.ports.sleep(ctx.tuning.pollMs, ctx.signal);
  }
}

/** The node has to stay as it was proven for the policy's time. */
export async function stepSoak(ctx: StepContext): Promise<StepResult> {
  const untilMs = ctx.ports.nowMs() + ctx.policy.soakMs;
  const deadlineMs = untilMs + ctx.tuning.proveTimeoutMs;
  let bootId: string | null = null;
  for (;;) {
    const reading = await tryRead(ctx);
    if (reading && isBadReturn(ctx.row, reading)) return tellBadReturn(ctx, reading);
    if (reading) {
      bootId ??= reading.bootId;
      // One that restarts again and again may well be up at the end.
      if (reading.bootId !== bootId)
        return { event: "failed", reason: "It was proven, but restarted by itself afterwards." };
    }
    const well = reading !== null && reading.stage === "running" && reading.ready;
    const nowMs = ctx.ports.nowMs();
    if (well && nowMs >= untilMs) return { event: "soaked" };
    if (nowMs >= deadlineMs) return { event: "failed", reason: "It was proven, but did not stay well afterwards." };
    await ctx.ports.sleep(
      Math.max(1, Math.min(ctx.tuning.pollMs, untilMs > nowMs ? untilMs - nowMs : ctx.tuning.pollMs)),
      ctx.signal,
    );
  }
}
