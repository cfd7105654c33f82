import "server-only";
import { AppError } from "@/lib/core/errors";
import { judgeNode, rolledBackSentence } from "./judge";
import { type ProofInput, proveUpgrade } from "./proof";
import { tryRead } from "./return-watch";
import type { PlanCheck } from "./schema";
import { type StepContext, type StepResult, isAway, withNode } from "./step-context";

async function askKubernetes(ctx: StepContext): Promise<ProofInput["kubernetes"]> {
  const nodename = ctx.row.before?.nodename ?? null;
  if (!ctx.clusterId || nodename === null) return { unavailable: "It has no Kubernetes node." };
  try {
    const kubernetes = await ctx.ports.openKubernetes(ctx.clusterId, ctx.signal);
    try {
      return { node: await kubernetes.node(nodename, ctx.signal) };
    } finally {
      kubernetes.close();
    }
  } catch (error) {
    ctx.signal.throwIfAborted();
    if (error instanceof AppError) return { unavailable: error.message };
    throw error;
  }
}

async function look(ctx: StepContext): Promise<{ checks: PlanCheck[]; rolledBack: string | null } | null> {
  const reading = await tryRead(ctx);
  if (!reading) return null;
  if (judgeNode(ctx.row, reading) === "rolled-back" && reading.stage === "running") {
    return { checks: [], rolledBack: rolledBackSentence(ctx.row, reading) };
  }
  try {
    const hardware = await withNode(ctx, "reader", (port) => port.readHardware());
    const wantedExtensions = await ctx.ports.extensionsOfSchematic(ctx.row.toSchematicId);
    const kubernetes = await askKubernetes(ctx);
    return {
      checks: proveUpgrade({ row: ctx.row, reading, hardware, wantedExtensions, kubernetes }),
      rolledBack: null,
    };
  } catch (error) {
    ctx.signal.throwIfAborted();
    if (isAway(error)) return null;
    throw error;
  }
}

/** Reads back what the run promised, until all of it is so or the time is up: modules and kubelets come up late. */
export async function stepProve(ctx: StepContext): Promise<StepResult> {
  const deadlineMs = ctx.ports.nowMs() + ctx.tuning.proveTimeoutMs;
  let shown = "";
  for (;;) {
    const seen = await look(ctx);
    if (seen?.rolledBack) return { event: "rolled-back", reason: seen.rolledBack };
    const checks = seen?.checks ?? [];
    if (checks.length > 0 && JSON.stringify(checks) !== shown) {
      shown = JSON.stringify(checks);
      await ctx.journal.write({ events: [{ kind: "proof", nodeId: ctx.row.nodeId, checks }] });
    }
    const broken = checks.filter(({ state }) => state === "refused");
    if (checks.length > 0 && broken.length === 0) return { event: "proved" };
    if (ctx.ports.nowMs() >= deadlineMs) {
      const why = broken.map(({ title, detail }) => `${title}: ${detail}`).join(" ") || "It cannot be read.";
      return { event: "failed", reason: `It came back, but is not proven. ${why}` };
    }
    await ctx.ports.sleep(ctx.tuning.pollMs, ctx.signal);
  }
}

/** The node has to stay as it was proven for the policy's time. */
export async function stepSoak(ctx: StepContext): Promise<StepResult> {
  const untilMs = ctx.ports.nowMs() + ctx.policy.soakMs;
  const deadlineMs = untilMs + ctx.tuning.proveTimeoutMs;
  for (;;) {
    const reading = await tryRead(ctx);
    if (reading && judgeNode(ctx.row, reading) === "rolled-back" && reading.stage === "running") {
      return { event: "rolled-back", reason: rolledBackSentence(ctx.row, reading) };
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
