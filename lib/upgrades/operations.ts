import "server-only";
import { z } from "zod";
import { defineOperation } from "@/lib/operation/define-operation";
import { askOfRun, startRun } from "./commands";
import type { GatherOptions } from "./facts/gather";
import { computePlan } from "./preflight";
import { planRequest, startInput, upgradePlan } from "./schema";

export { readChange } from "./change-operations";
export * from "./cordon-operations";

const runInput = z.object({ runId: z.string().min(1).max(64) });
/** `beats`: the wish that was pending, and is not any more. */
const wishOutput = runInput.extend({ beats: z.enum(["pause", "resume", "cancel", "retry"]).nullable() });
const runTarget = ({ runId }: z.infer<typeof runInput>) => ({ kind: "run", id: runId }) as const;

/** The plan for one caller, who may follow it and leave it. */
export const planUpgradeFor = (caller: Pick<Partial<GatherOptions>, "signal" | "onProgress">) =>
  defineOperation({
    name: "upgrade.plan",
    role: "viewer",
    kind: "compute",
    unaudited: "A plan is worked out from readings; the start of a run, which takes its hash, is audited.",
    cost: "expensive",
    summary: "Plans an upgrade: order, images, changes, effects, checks and refusals. Touches nothing.",
    input: planRequest,
    output: upgradePlan,
    run: (_ctx, { fresh, ...input }) => computePlan(input, { ...caller, fresh, freshNodes: fresh }),
  });

export const planUpgradeRun = planUpgradeFor({});

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
  output: wishOutput,
  target: runTarget,
  run: (ctx, { runId }) => askOfRun(ctx, runId, "pause"),
});

export const resumeUpgrade = defineOperation({
  name: "upgrade.resume",
  role: "operator",
  kind: "change",
  summary: "Goes on with a paused run.",
  input: runInput,
  output: wishOutput,
  target: runTarget,
  run: (ctx, { runId }) => askOfRun(ctx, runId, "resume"),
});

export const cancelUpgrade = defineOperation({
  name: "upgrade.cancel",
  role: "operator",
  kind: "change",
  summary: "Cancels a run after the node that it is working on; nodes that were not begun stay as they are.",
  input: runInput,
  output: wishOutput,
  target: runTarget,
  run: (ctx, { runId }) => askOfRun(ctx, runId, "cancel"),
});

export const retryUpgrade = defineOperation({
  name: "upgrade.retry",
  role: "operator",
  kind: "change",
  summary: "Tries the failed nodes of a halted run again; never one that fell back to its old image.",
  input: runInput,
  output: wishOutput,
  target: runTarget,
  run: (ctx, { runId }) => askOfRun(ctx, runId, "retry"),
});
