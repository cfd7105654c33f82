import "server-only";
import { loadClusters } from "./cluster-records";
import { fleet } from "./fleet";
import { loadFallbacks, loadHeldNodes, loadNodes } from "./node-records";

/** Brings all clusters and nodes from the database to the fleet, with stored facts and their age. Gives the nodes' ids. */
export async function loadFleet(): Promise<string[]> {
  const all = fleet();
  for (const cluster of await loadClusters()) all.putCluster(cluster);
  const held = await loadHeldNodes();
  const fallbacks = await loadFallbacks();
  const nodes = await loadNodes();
  for (const { record, facts, factsAtMs } of nodes) {
    all.put(record, { ...facts, readAtMs: factsAtMs });
    all.apply(record.id, { kind: "run", runId: held.get(record.id) ?? null });
    const fallback = fallbacks.get(record.id);
    if (fallback && !held.has(record.id)) all.apply(record.id, { kind: "fallback", fallback });
  }
  return nodes.map(({ record }) => record.id);
}
