import "server-only";
import { setMaxListeners } from "node:events";
import { AppError, StorageUnavailable } from "@/lib/core/errors";
import { advanceNode } from "./advance";
import { RunJournal } from "./journal";
import { LeaseLost, claimRun, leaseMs, releaseRun, renewLease } from "./lease";
import { nextNodeState, refusedForGood } from "./machine";
import type { RunnerPorts } from "./ports";
import { type RunNodeRecord, type RunRecord, loadRun } from "./records";
import { type RunAction, isFinished, nextRunAction } from "./run-machine";
import type { StepContext, Tuning } from "./step-context";
import { releaseCordon } from "./step-uncordon";

export type DriveOptions = { ports: RunnerPorts; owner: string; tuning: Tuning; signal: AbortSignal };
type Drive = DriveOptions & { journal: RunJournal };

/** Pulls at the same time: enough to be quick, few enough for a small registry. */
const parallelPulls = 4;

async function contextOf(drive: Drive, run: RunRecord, row: RunNodeRecord): Promise<StepContext> {
  const { ports, journal, tuning, signal } = drive;
  const plan = run.plan.nodes.find(({ nodeId }) => nodeId === row.nodeId);
  if (!plan) throw new AppError("internal", `The plan of the run ${run.id} does not hold the node ${row.name}.`);
  const { clusterId, size: clusterSize } = await ports.clusterOf(row.nodeId);
  return { ports, journal, tuning, policy: run.plan.policy, plan, row, clusterId, clusterSize, signal };
}

async function decide(runId: string): Promise<{ run: RunRecord; action: RunAction | null }> {
  const run = await loadRun(runId);
  const { state, requested, plan } = run;
  const roleOf = (nodeId: string) => plan.nodes.find((node) => node.nodeId === nodeId)?.role ?? "unknown";
  const nodes = run.nodes.map((node) => ({ ...node, role: roleOf(node.nodeId) }));
  return { run, action: nextRunAction({ state, requested, haltOnFailure: plan.policy.haltOnFailure, nodes }) };
}

async function pullAll(drive: Drive, run: RunRecord, nodeIds: readonly string[]): Promise<void> {
  const waiting = run.nodes.filter(({ nodeId }) => nodeIds.includes(nodeId));
  const worker = async (): Promise<void> => {
    // Between two pulls a wish or a failure counts: of a fleet, the last one may be hours away.
    for (let row = waiting.shift(); row && (await decide(run.id)).action?.kind === "pull"; row = waiting.shift()) {
      const ctx = await contextOf(drive, run, row);
      while (ctx.row.state === "queued" || ctx.row.state === "pulling") await advanceNode(ctx);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: parallelPulls }, worker));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** Of a run that is cancelled nothing stays: each cordon of ours is taken back, and one that cannot be is told. */
async function uncordonAll(drive: Drive, run: RunRecord): Promise<string> {
  const still: string[] = [];
  for (const row of run.nodes.filter(({ cordonedByUs }) => cordonedByUs)) {
    const failure = await releaseCordon(await contextOf(drive, run, row), cancelUncordonMs);
    if (failure !== null) still.push(`${row.name} is still cordoned by this run: ${failure}`);
  }
  return still.join(" ");
}
const cancelUncordonMs = 30_000;

async function enter(drive: Drive, run: RunRecord, action: Extract<RunAction, { kind: "enter" }>): Promise<void> {
  const { state } = action;
  const still = state === "cancelled" ? await uncordonAll(drive, run) : "";
  const reason = still === "" ? action.reason : `${action.reason} ${still}`.trim();
  const met = state !== "running" || run.requested === "resume" || run.requested === "retry";
  const finished = isFinished(state) ? { finishedAt: new Date(drive.ports.nowMs()), requested: null } : {};
  await drive.journal.write({
    run: { state, reason, ...finished },
    answers: met ? run.requested : null,
    events: [{ kind: "run-state", nodeId: null, state, reason }],
  });
}

/** Takes failed nodes up again, except those that must never be: fallen back, or refused by the installer for good. */
async function retryNodes(drive: Drive, run: RunRecord): Promise<void> {
  for (const row of run.nodes) {
    const next = nextNodeState(row.flow, row.state, "retry");
    if (!next) continue;
    const { installBootId, installExit } = row;
    if (refusedForGood(installExit)) continue;
    const failedInstall = installBootId !== null && installExit !== null && installExit !== 0;
    await drive.journal.write({
      node: {
        rowId: row.id,
        data: {
          state: next,
          reason: "",
          finishedAt: null,
          attempt: { increment: 1 },
          rebootBootId: null,
          ...(failedInstall ? { installBootId: null, installExit: null } : {}),
        },
      },
      events: [{ kind: "node-state", nodeId: row.nodeId, state: next, reason: "Tried again, as asked." }],
    });
  }
}

async function work(drive: Drive, runId: string): Promise<void> {
  for (;;) {
    drive.signal.throwIfAborted();
    const found = await loadRun(runId);
    if (found.state === "halted" && found.requested === "retry") await retryNodes(drive, found);
    const { run, action } = await decide(runId);
    if (!action) {
      // A wish that cannot be met must not be asked about for ever.
      if (run.requested !== null) await drive.journal.write({ answers: run.requested });
      return;
    }
    if (action.kind === "enter") await enter(drive, run, action);
    if (action.kind === "pull") await pullAll(drive, run, action.nodeIds);
    if (action.kind === "advance") {
      const row = run.nodes.find(({ nodeId }) => nodeId === action.nodeId);
      if (row) await advanceNode(await contextOf(drive, run, row));
    }
  }
}

/** Renews the lease three times in its length, until `over` aborts. A renewal that fails is told, and tried again. */
async function keepLease(over: AbortSignal, ports: RunnerPorts, renew: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await ports.sleep(leaseMs / 3, over);
    } catch {
      // Over: the only thing that ends a wait early.
      return;
    }
    await renew().catch((error: unknown) => ports.report("The lease of an upgrade run could not be extended", error));
  }
}

/**
 * Drives a run until it ends, halts or pauses. @returns false where another process holds it, or took it over meanwhile.
 * A restart goes on where the rows and the nodes say that it stands.
 */
export async function driveRun(runId: string, options: DriveOptions): Promise<boolean> {
  const { ports, owner } = options;
  const fence = await claimRun(runId, owner, ports.nowMs());
  if (fence === null) return false;
  const lost = new AbortController();
  const signal = AbortSignal.any([options.signal, lost.signal]);
  // Calls to several nodes listen to it at once.
  setMaxListeners(200, signal, options.signal);
  const over = new AbortController();
  const beating = keepLease(over.signal, ports, async () => {
    if (!(await renewLease(runId, owner, fence, ports.nowMs()))) lost.abort(new LeaseLost(runId));
  });
  try {
    const journal = await RunJournal.open({ runId, owner, fence }, ports);
    await work({ ...options, signal, journal }, runId);
    return true;
  } catch (error) {
    if (error instanceof LeaseLost || signal.reason instanceof LeaseLost) return false;
    throw error;
  } finally {
    over.abort();
    await beating;
    // Not given back it ends by itself, and its owner may take it again at once.
    await releaseRun(runId, owner, fence).catch((error: unknown) => {
      if (!(error instanceof StorageUnavailable)) throw error;
    });
  }
}
