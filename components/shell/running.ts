import type { RunState, RunSummary } from "@/lib/upgrades/schema";

const underWay: Record<RunState, boolean> = {
  planned: false,
  running: true,
  paused: true,
  cancelling: true,
  halted: true,
  done: false,
  cancelled: false,
};

/** Runs that are not over, the halted ones too: they wait for a person. */
export const unfinished = (runs: readonly RunSummary[]): RunSummary[] => runs.filter(({ state }) => underWay[state]);

/** How many of a run's nodes need nothing more. */
export const settledNodes = (run: RunSummary): number =>
  run.nodes.filter(({ state }) => state === "done" || state === "skipped").length;
