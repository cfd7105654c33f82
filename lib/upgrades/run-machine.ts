import { nodePhase } from "./machine";
import type { RunNodeState, RunState } from "./schema";

export type RunNodeView = {
  nodeId: string;
  name: string;
  role: "controlplane" | "worker" | "unknown";
  position: number;
  state: RunNodeState;
};
/** What a person has asked of a run and the runner has not answered yet. */
export type RunRequest = "pause" | "resume" | "cancel" | "retry";
export type RunView = {
  state: RunState;
  requested: RunRequest | null;
  haltOnFailure: boolean;
  /** Nodes of the run in no particular order. */
  nodes: readonly RunNodeView[];
};

export type RunAction =
  /** Pull on these nodes; none is cordoned before all have ended. */
  | { kind: "pull"; nodeIds: string[] }
  /** Do the next step of one node. */
  | { kind: "advance"; nodeId: string }
  | { kind: "enter"; state: RunState; reason: string };

const enter = (state: RunState, reason = ""): RunAction => ({ kind: "enter", state, reason });

const endedStates: readonly RunState[] = ["done", "cancelled"];
export const isFinished = (state: RunState): boolean => endedStates.includes(state);
/** States in which a runner holds the run. */
export const isLive = (state: RunState): boolean =>
  state === "planned" || state === "running" || state === "cancelling";

function failureThatHalts(run: RunView): RunNodeView | undefined {
  const bad = run.nodes.filter(({ state }) => nodePhase[state] === "ended-badly");
  // A control plane that is not well may cost the quorum, and a lost node cannot be judged: those always halt.
  return bad.find(({ role, state }) => run.haltOnFailure || role === "controlplane" || state === "unknown");
}

/**
 * What a run does next. At most one node is ever beyond its pull: workers and the canary first, control planes last, as the
 * plan ordered them. Wishes of people are met between nodes: the node at work is finished first.
 */
export function nextRunAction(run: RunView): RunAction | null {
  if (isFinished(run.state)) return null;
  if (run.state === "planned") return enter("running");
  if (run.state === "paused" || run.state === "halted") {
    if (run.requested === "cancel") return enter("cancelled", "Cancelled; the nodes that were left are as they were.");
    if (run.state === "paused" && run.requested === "resume") return enter("running");
    if (run.state === "halted" && run.requested === "retry" && !failureThatHalts(run)) return enter("running");
    return null;
  }
  if (run.state === "running" && run.requested === "cancel") return enter("cancelling", "Finishing the node at work.");

  const ordered = [...run.nodes].sort((a, b) => a.position - b.position);
  const active = ordered.find(({ state }) => nodePhase[state] === "active");
  if (active) return { kind: "advance", nodeId: active.nodeId };
  const failed = failureThatHalts(run);
  if (failed && run.state === "running")
    return enter("halted", `${failed.name} ${haltWord[failed.state] ?? "failed"}.`);
  if (run.state === "cancelling") return enter("cancelled", "Cancelled; the nodes that were left are as they were.");
  if (run.requested === "pause") return enter("paused", "Paused between two nodes.");

  const toPull = ordered.filter(({ state }) => state === "queued" || state === "pulling");
  if (toPull.length > 0) return { kind: "pull", nodeIds: toPull.map(({ nodeId }) => nodeId) };
  const next = ordered.find(({ state }) => state === "pulled");
  if (next) return { kind: "advance", nodeId: next.nodeId };
  const bad = ordered.filter(({ state }) => nodePhase[state] === "ended-badly").length;
  return enter("done", bad > 0 ? `${bad} of ${ordered.length} nodes did not make it.` : "");
}

const haltWord: Partial<Record<RunNodeState, string>> = {
  failed: "failed",
  "rolled-back": "came back on its old version",
  unknown: "is in a state that cannot be told",
};
