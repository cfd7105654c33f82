import { cpuStats, memoryStats } from "../resources/kinds/perf";
import type { SimNode } from "./node";
import { kernelCounters, memoryKib } from "./usage";

const id = "latest";
/** How often Talos takes a sample (controllers/perf/perf.go). */
const intervalMs = 30_000;

/** A sample of counters as resources. Taken when somebody looks: a thousand nodes that nobody reads cost nothing. */
export function publishUsage(node: SimNode): void {
  const memory = memoryKib(node);
  node.resources.put(cpuStats, id, kernelCounters(node));
  node.resources.put(memoryStats, id, {
    memTotal: memory.total,
    memUsed: memory.total - memory.free,
    memAvailable: memory.available,
    buffers: memory.buffers,
    cached: memory.cached,
    active: memory.active,
    inactive: memory.inactive,
    slab: memory.slab,
    sReclaimable: memory.reclaimable,
    mapped: memory.mapped,
    anonPages: memory.anonymous,
    hugepagesize: memory.hugepagesize,
  });
}

/** Samples for as long as somebody watches. Ends with PowerLoss when the boot does. */
export async function keepPublishingUsage(node: SimNode, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    await node.wait(intervalMs);
    if (!until.aborted) publishUsage(node);
  }
}
