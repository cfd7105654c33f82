import "server-only";
import { StorageUnavailable } from "@/lib/core/errors";
import { LeaseLost } from "./lease";
import { type NodeFlow, nextNodeState, nodePhase, stepOfState } from "./machine";
import type { RunEventBody, RunNodeState } from "./schema";
import { type StepContext, type StepResult, rowData } from "./step-context";
import { stepDrain } from "./step-drain";
import { releasePlane } from "./step-guard";
import { stepInstall } from "./step-install";
import { stepLegacyInstall } from "./step-legacy";
import { stepLegacyReturn } from "./step-legacy-return";
import { stepProve, stepSoak } from "./step-prove";
import { preflightNode, stepPull } from "./step-pull";
import { stepReboot } from "./step-reboot";
import { stepUncordon } from "./step-uncordon";

type Step = (ctx: StepContext) => Promise<StepResult>;
type Steps = Partial<Record<RunNodeState, Step>>;

const common: Steps = {
  queued: async (ctx) => (await preflightNode(ctx)) ?? { event: "pull-started" },
  pulling: stepPull,
  // Hours may lie between its pull and its turn.
  pulled: async (ctx) => (await preflightNode(ctx)) ?? { event: "turn" },
  draining: stepDrain,
  proving: stepProve,
  uncordoning: stepUncordon,
  soaking: stepSoak,
};
const steps: Record<NodeFlow, Steps> = {
  lifecycle: { ...common, installing: stepInstall, rebooting: stepReboot },
  legacy: { ...common, installing: stepLegacyInstall, rebooting: stepLegacyReturn },
};

async function runStep(ctx: StepContext, step: Step): Promise<StepResult> {
  try {
    const result = await step(ctx);
    // What was cut off by the end of the server, or of the lease, says nothing of the node: the next runner asks it again.
    if (result.event === "failed" || result.event === "lost") ctx.signal.throwIfAborted();
    return result;
  } catch (error) {
    ctx.signal.throwIfAborted();
    // Neither says anything of the node: the run goes on once its lease, or the database, can be had.
    if (error instanceof LeaseLost || error instanceof StorageUnavailable) throw error;
    ctx.ports.report(`An upgrade step failed unexpectedly (${ctx.row.state} of ${ctx.row.name})`, error);
    return {
      event: "lost",
      reason: "Ichor itself failed in this step; its log says more. Look at the node before you go on.",
    };
  }
}

/** Moves a node from one state to the next, and writes it. A result that does not fit the state is a defect: then nothing is known. */
export async function settle(ctx: StepContext, result: StepResult): Promise<void> {
  const { row } = ctx;
  // A node whose restart we have seen through is proven again before anything is called done.
  const event = result.event === "already-there" && row.cordonedByUs ? "returned" : result.event;
  const next = nextNodeState(row.flow, row.state, event) ?? "unknown";
  const told =
    next === "unknown" && result.event !== "lost"
      ? `${row.state} cannot end with ${result.event}.`
      : (result.reason ?? "");
  // Whatever the failure: a node that works again takes no pods, and nothing else says why.
  const cordoned = nodePhase[next] === "ended-badly" && row.cordonedByUs && !told.includes("cordoned");
  const reason = cordoned ? `${told} It stays cordoned, so that no pod lands on it.`.trim() : told;
  const step = stepOfState[row.state];
  const well = nodePhase[next] !== "ended-badly";
  const ended = nodePhase[next] === "ended-badly" || nodePhase[next] === "ended-well";
  const now = new Date(ctx.ports.nowMs());
  const events: RunEventBody[] = [{ kind: "node-state", nodeId: row.nodeId, state: next, reason }];
  if (step) events.unshift({ kind: "step-finished", nodeId: row.nodeId, step, ok: well, detail: reason });
  await ctx.journal.write({
    node: {
      rowId: row.id,
      data: {
        ...rowData(result.row ?? {}),
        state: next,
        reason,
        ...(row.startedAt === null ? { startedAt: now } : {}),
        ...(ended ? { finishedAt: now } : {}),
      },
    },
    ...(next === "done" && {
      installed: { nodeId: row.nodeId, schematicId: row.toSchematicId, installImage: row.image },
    }),
    events,
  });
  Object.assign(row, { ...result.row, state: next, reason, startedAt: row.startedAt ?? now });
  // One that ended otherwise counts as missing until the keeper has seen it well.
  if (next === "done") await releasePlane(ctx);
}

/** Does the step of the node's state, and enters the state that follows. Safe to repeat: each step first asks the node. */
export async function advanceNode(ctx: StepContext): Promise<void> {
  const step = steps[ctx.row.flow][ctx.row.state];
  if (!step) return;
  const name = stepOfState[ctx.row.state];
  if (name) await ctx.journal.write({ events: [{ kind: "step-started", nodeId: ctx.row.nodeId, step: name }] });
  await settle(ctx, await runStep(ctx, step));
}
