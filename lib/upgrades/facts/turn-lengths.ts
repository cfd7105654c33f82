import "server-only";
import { db } from "@/lib/db/client";
import type { PlanFacts } from "../plan-facts";

export type EndedNode = {
  runId: string;
  nodeId: string;
  state: string;
  flow: string;
  startedAt: Date | null;
  finishedAt: Date | null;
};

/** Longer ones waited for a person: a pause, a halt. */
const longestTurnMs = 2 * 3_600_000;

const median = (values: readonly number[]): number | undefined =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * How long turns took in earlier runs. Nodes go one after another, so a turn lasts from the end of the one before it, or from
 * the node's own start for the first. Pure.
 * @param ended nodes of past runs, in any order.
 */
export function turnLengths(ended: readonly EndedNode[]): PlanFacts["tookMs"] {
  const byNode = new Map<string, number>();
  const byFlow: Record<"lifecycle" | "legacy", number[]> = { lifecycle: [], legacy: [] };
  const runs = new Map<string, EndedNode[]>();
  for (const node of ended) runs.set(node.runId, [...(runs.get(node.runId) ?? []), node]);
  const endMs = (nodes: readonly EndedNode[]) => Math.max(...nodes.map(({ finishedAt }) => finishedAt?.getTime() ?? 0));
  for (const nodes of [...runs.values()].sort((a, b) => endMs(a) - endMs(b))) {
    let previousMs = 0;
    for (const node of nodes.sort((a, b) => (a.finishedAt?.getTime() ?? 0) - (b.finishedAt?.getTime() ?? 0))) {
      if (!node.finishedAt || !node.startedAt) continue;
      const turnMs = node.finishedAt.getTime() - Math.max(previousMs, node.startedAt.getTime());
      previousMs = node.finishedAt.getTime();
      if (node.state !== "done" || turnMs <= 0 || turnMs > longestTurnMs) continue;
      byNode.set(node.nodeId, turnMs);
      byFlow[node.flow === "legacy" ? "legacy" : "lifecycle"].push(turnMs);
    }
  }
  const medians = { lifecycle: median(byFlow.lifecycle), legacy: median(byFlow.legacy) };
  return {
    byNode,
    byFlow: {
      ...(medians.lifecycle !== undefined && { lifecycle: medians.lifecycle }),
      ...(medians.legacy !== undefined && { legacy: medians.legacy }),
    },
  };
}

/** Of the newest thousand turns. */
export async function readTurnLengths(): Promise<PlanFacts["tookMs"]> {
  const ended = await db.upgradeRunNode.findMany({
    where: { finishedAt: { not: null } },
    orderBy: { finishedAt: "desc" },
    take: 1_000,
    select: { runId: true, nodeId: true, state: true, flow: true, startedAt: true, finishedAt: true },
  });
  return turnLengths(ended);
}
