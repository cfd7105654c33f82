import { type GpuGroup, gpuGroups, gpuStates, versionText } from "@/components/nodes/node-gpus";
import { isReady, nodesInWork, statusGroup, type StatusGroup, statusGroups } from "@/components/nodes/node-status";
import type { GpuDevice, GpuProof } from "@/lib/gpu/schema";
import type { NodeView } from "@/lib/inventory/schema";
import type { RunSummary } from "@/lib/upgrades/schema";

export type FleetFigures = {
  nodes: Record<StatusGroup, number>;
  /** Those that do their work, the ones that need attention for something else too. */
  ready: number;
  gpus: Record<GpuProof["state"], number>;
  gpuCount: number;
  /** Mean over the GPUs that say it; null where none does. */
  gpuUse: { percent: number; of: number } | null;
  gpuMemory: { usedBytes: number; totalBytes: number } | null;
  cpuPercent: number | null;
  cpuHistory: (number | null)[];
  /** Minor releases, newest first. */
  talos: { minor: string; count: number }[];
  newestTalos: string | null;
  newestReadMs: number | null;
};

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

const isNumber = (value: number | null | undefined): value is number => typeof value === "number";
const newer = new Intl.Collator("en", { numeric: true });

/** Newest last, so series of different lengths are laid end to end. */
function meanHistory(nodes: readonly NodeView[]): (number | null)[] {
  const length = Math.max(0, ...nodes.map(({ cpuHistory }) => cpuHistory.length));
  return Array.from({ length }, (_, index) =>
    mean(nodes.map(({ cpuHistory }) => cpuHistory.at(index - length)).filter(isNumber)),
  );
}

/** The fleet in numbers; what is not known counts as not known. */
export function fleetFigures(nodes: readonly NodeView[], runs: readonly RunSummary[]): FleetFigures {
  const groups = Object.fromEntries(statusGroups.map((group) => [group, 0])) as Record<StatusGroup, number>;
  const gpus: FleetFigures["gpus"] = { working: 0, broken: 0, unproven: 0, "no-profile": 0 };
  const minors = new Map<string, number>();
  const inWork = nodesInWork(nodes, runs);
  for (const node of nodes) {
    groups[statusGroup(node, inWork.has(node.id))] += 1;
    for (const state of gpuStates(node)) gpus[state] += 1;
    const minor = /^v?(\d+\.\d+)/.exec(node.talosVersion ?? "")?.[1];
    if (minor) minors.set(minor, (minors.get(minor) ?? 0) + 1);
  }
  const telemetry = nodes.flatMap((node) => node.telemetry);
  const use = telemetry.map(({ utilizationPercent }) => utilizationPercent).filter(isNumber);
  const percent = mean(use);
  const memory = telemetry.filter(
    ({ memoryUsedBytes, memoryTotalBytes }) => isNumber(memoryUsedBytes) && isNumber(memoryTotalBytes),
  );
  const versions = nodes.map(({ talosVersion }) => versionText(talosVersion)).filter((version) => version !== null);
  const reads = nodes.map(({ readAtMs }) => readAtMs).filter(isNumber);
  return {
    nodes: groups,
    ready: nodes.filter((node) => isReady(node) && !inWork.has(node.id)).length,
    gpus,
    gpuCount: nodes.reduce((sum, node) => sum + node.gpus.length, 0),
    gpuUse: percent === null ? null : { percent, of: use.length },
    gpuMemory:
      memory.length === 0
        ? null
        : {
            usedBytes: memory.reduce((sum, { memoryUsedBytes }) => sum + (memoryUsedBytes ?? 0), 0),
            totalBytes: memory.reduce((sum, { memoryTotalBytes }) => sum + (memoryTotalBytes ?? 0), 0),
          },
    cpuPercent: mean(nodes.map(({ counters }) => counters?.cpuPercent).filter(isNumber)),
    cpuHistory: meanHistory(nodes),
    talos: [...minors].map(([minor, count]) => ({ minor, count })).sort((a, b) => newer.compare(b.minor, a.minor)),
    newestTalos: versions.sort(newer.compare).at(-1) ?? null,
    newestReadMs: reads.length === 0 ? null : Math.max(...reads),
  };
}

export type GpuCell = { node: NodeView; gpu: GpuDevice; proof: GpuProof | null };
export type ModelGroup = Pick<GpuGroup, "model" | "vendor"> & { cells: GpuCell[] };

/** Every GPU of the fleet under its model; the models with most GPUs first. */
export function gpusByModel(nodes: readonly NodeView[]): ModelGroup[] {
  const models = new Map<string, ModelGroup>();
  for (const node of nodes) {
    for (const { model, vendor } of gpuGroups(node.gpus)) {
      if (!models.has(model)) models.set(model, { model, vendor, cells: [] });
    }
    for (const gpu of node.gpus) {
      const proof = node.proofs.find(({ pciAddress }) => pciAddress === gpu.pciAddress) ?? null;
      models.get(gpu.model)?.cells.push({ node, gpu, proof });
    }
  }
  return [...models.values()].sort((a, b) => b.cells.length - a.cells.length || newer.compare(a.model, b.model));
}
