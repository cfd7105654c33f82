import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import { AppError } from "@/lib/core/errors";
import { fleet } from "./fleet";
import { loadFleet } from "./load-fleet";
import { readRollups } from "./rollup-store";
import type { ClusterView, NodeCounters, NodeView } from "./schema";
import { watcher } from "./watcher";

const weekMs = 7 * 24 * 3_600_000;

/** The fleet as loaded: an empty list must mean that there is nothing, not that nothing was read yet. */
export async function loadedFleet() {
  const running = watcher();
  if (running) await running;
  else await loadFleet();
  return fleet();
}

/** All nodes, with what was last read of each. */
export const listNodes = async (_ctx: Ctx): Promise<NodeView[]> => (await loadedFleet()).views();

/** @throws AppError `not-found` */
export async function getNode(_ctx: Ctx, nodeId: string): Promise<NodeView> {
  const view = (await loadedFleet()).view(nodeId);
  if (!view) throw new AppError("not-found", "This node is not (or no longer) there.");
  return view;
}

export const listClusters = async (_ctx: Ctx): Promise<ClusterView[]> => (await loadedFleet()).clusters();

/** @throws AppError `not-found` */
export async function getCluster(_ctx: Ctx, clusterId: string): Promise<ClusterView> {
  const cluster = (await loadedFleet()).cluster(clusterId);
  if (!cluster) throw new AppError("not-found", "This cluster is not (or no longer) there.");
  return cluster;
}

export type CounterRange = "hour" | "week";

/**
 * Counters of a node, oldest first: the last hour as read (every 15 s), or seven days in means of five minutes.
 * @throws AppError `not-found`
 */
export async function nodeHistory(ctx: Ctx, nodeId: string, range: CounterRange): Promise<NodeCounters[]> {
  await getNode(ctx, nodeId);
  if (range === "week") return readRollups(nodeId, Date.now() - weekMs);
  return (await watcher())?.history(nodeId) ?? [];
}
