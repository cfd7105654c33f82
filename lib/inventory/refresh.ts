import "server-only";
import { fleet } from "./fleet";
import { loadFallbacks, loadNodes } from "./node-records";
import { watchList } from "./watch-list";

/** Brings changes of nodes from the database to the fleet, the watcher and so to browsers; a missing row is a removal. */
export async function refreshNodes(nodeIds: readonly string[]): Promise<void> {
  const stored = new Map((await loadNodes(nodeIds)).map((node) => [node.record.id, node]));
  for (const nodeId of nodeIds) {
    const node = stored.get(nodeId);
    if (!node) {
      watchList()?.drop(nodeId);
      fleet().remove(nodeId);
      continue;
    }
    const before = fleet().state(nodeId)?.record;
    const { record, facts, factsAtMs } = node;
    fleet().put(record, { ...facts, readAtMs: factsAtMs });
    const dialChanged = before?.address !== record.address || before.clusterId !== record.clusterId;
    if (dialChanged) watchList()?.sync(nodeId);
  }
}

/** Brings to the fleet how the last run of a node ended, if it fell back; for the runner, when it lets go of the node. */
export async function refreshFallback(nodeId: string): Promise<void> {
  const fallback = (await loadFallbacks([nodeId])).get(nodeId);
  if (fallback) fleet().apply(nodeId, { kind: "fallback", fallback });
}
