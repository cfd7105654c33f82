import "server-only";
import { AppError } from "@/lib/core/errors";
import type { Tx } from "@/lib/db/transaction";

/** Runs at work, or asked to be again. A halted run is not: it waits for a person. */
export const runsAtWork = {
  OR: [{ state: { in: ["planned", "running", "paused", "cancelling"] } }, { state: "halted", requested: "retry" }],
};

/**
 * Two runs may not be at work on one cluster. Asked in the transaction that starts one, or takes one up again (`ownRunId`).
 * @throws AppError `conflict`
 */
export async function refuseOverlap(tx: Tx, nodeIds: readonly string[], ownRunId?: string): Promise<void> {
  const others = await tx.upgradeRun.findMany({
    where: { ...runsAtWork, ...(ownRunId !== undefined && { id: { not: ownRunId } }) },
    select: { title: true, startedByName: true, nodes: { select: { nodeId: true } } },
  });
  if (others.length === 0) return;
  const rows = await tx.node.findMany({ select: { id: true, clusterId: true } });
  // A node without a cluster has only itself as a neighbour.
  const groupOf = new Map(rows.map(({ id, clusterId }) => [id, clusterId ?? id]));
  const groups = new Set(nodeIds.map((nodeId) => groupOf.get(nodeId) ?? nodeId));
  const other = others.find(({ nodes }) => nodes.some(({ nodeId }) => groups.has(groupOf.get(nodeId) ?? nodeId)));
  if (!other) return;
  throw new AppError(
    "conflict",
    `Another run is at work on this cluster: ${other.title}, started by ${other.startedByName}.`,
    { hint: "Wait until it has ended, or cancel it." },
  );
}
