import "server-only";
import { z } from "zod";
import { defineOperation } from "@/lib/operation/define-operation";
import { askOfRun, startRun } from "./commands";
import { computePlan } from "./preflight";
import { planInput, startInput, upgradePlan } from "./schema";

export { readChange } from "./change-operations";

const runInput = z.object({ runId: z.string().min(1).max(64) });
const runTarget = ({ runId }: z.infer<typeof runInput>) => ({ kind: "run", id: runId }) as const;

export const planUpgradeRun = defineOperation({
  name: "upgrade.plan",
  role: "viewer",
  kind: "compute",
  summary: "Plans an upgrade: order, images, changes, checks and refusals. Touches nothing.",
  input: planInput,
  output: upgradePlan,
  run: (_ctx, input) => computePlan(input),
});

export const startUpgrade = defineOperation({
  name: "upgrade.start",
  role: "operator",
  kind: "change",
  summary: "Starts the upgrade that a plan describes; refused when the plan has changed since.",
  input: startInput,
  output: runInput,
  auditDetail: ({ nodeIds, targetVersion, planHash }) => ({ nodeIds: nodeIds.slice(0, 50), targetVersion, planHash }),
  run: startRun,
});

export const pauseUpgrade = defineOperation({
  name: "upgrade.pause",
  role: "operator",
  kind: "change",
  summary: "Pauses a run after the node that it is working on.",
  input: runInput,
  output: runInput,
  target: runTarget,
  run: (ctx, { runId }) => askOfRun(ctx, runId, "pause"),
});

export const resumeUpgrade = defineOperation({
  name: "upgrade.resume",
  role: "operator",
  kind: "change",
  summary: "Goes on with a paused run.",
  input: runInput,
  output: runInput,
  target: runTarget,
  run: (ctx, { runId }) => askOfRun(ctx, runId, "resume"),
});

export const cancelUpgrade = defineOperation({
  name: "upgrade.cancel",
  role: "operator",
  kind: "change",
  summary: "Cancels a run after the node that it is working on; nodes that were not begun stay as they are.",
  input: runInput,
  output: runInput,
  target: runTarget,
  run: (ctx, { runId }) => askOfRun(ctx, runId, "cancel"),
});

export const retryUpgrade = defineOperation({
  name: "upgrade.retry",
  role: "operator",
  kind: "change",
  summary: "Tries the failed nodes of a halted run again; never one that fell back to its old image.",
  input: runInput,
  output: runInput,
  target: runTarget,
  run: (ctx, { runId }) => askOfRun(ctx, runId, "retry"),
});
