import type { ClusterView, NodeCounters, NodeView } from "@/lib/inventory/schema";
import type { LiveFrame } from "@/lib/live/frames";
import type { RunEvent, RunSummary } from "@/lib/upgrades/schema";

export type ScanProgress = Extract<LiveFrame, { type: "scan.progress" }>;
export type ScanAnswers = Extract<LiveFrame, { type: "scan.answers" }>;
export type FleetPart =
  "nodes" | "clusters" | "runs" | "scans" | "scan-answers" | `events:${string}` | `counters:${string}`;

const maxEventsPerRun = 5_000;
const cpuHistoryLength = 40;
const maxSamples = 1_200;
const byName = new Intl.Collator("en", { numeric: true });

const upsert = <T>(map: Map<string, T>, id: string, value: T, seen: Set<string> | null) => {
  map.set(id, value);
  seen?.add(id);
};

/**
 * All that the stream has told so far. `apply` takes a batch of frames and says which parts changed, so that each is
 * written to the cache once. A snapshot runs from `hello` to `synced`: what it does not name is gone.
 */
export class Fleet {
  readonly nodes = new Map<string, NodeView>();
  readonly clusters = new Map<string, ClusterView>();
  readonly runs = new Map<string, RunSummary>();
  readonly scans = new Map<string, ScanProgress>();
  readonly scanAnswers = new Map<string, ScanAnswers>();
  readonly events = new Map<string, RunEvent[]>();
  readonly counters = new Map<string, NodeCounters[]>();
  /** Ids by name: sorted anew only when a name comes, goes or changes, since most frames change neither. */
  private order: string[] | null = null;
  private snapshot: { nodes: Set<string>; clusters: Set<string>; runs: Set<string> } | null = null;

  apply(frames: readonly LiveFrame[]): Set<FleetPart> {
    const changed = new Set<FleetPart>();
    for (const frame of frames) this.applyOne(frame, changed);
    return changed;
  }

  /** Nodes by name, as people sort: `gpu-2` before `gpu-10`. */
  nodeList(): NodeView[] {
    this.order ??= [...this.nodes.values()].sort((a, b) => byName.compare(a.name, b.name)).map(({ id }) => id);
    return this.order.flatMap((id) => this.nodes.get(id) ?? []);
  }
  clusterList(): ClusterView[] {
    return [...this.clusters.values()].sort((a, b) => byName.compare(a.name, b.name));
  }
  /** Newest first. */
  runList(): RunSummary[] {
    return [...this.runs.values()].sort((a, b) => b.createdAtMs - a.createdAtMs);
  }

  private applyOne(frame: LiveFrame, changed: Set<FleetPart>): void {
    switch (frame.type) {
      case "hello":
        this.snapshot = { nodes: new Set(), clusters: new Set(), runs: new Set() };
        return;
      case "node.upsert":
        if (this.nodes.get(frame.node.id)?.name !== frame.node.name) this.order = null;
        upsert(this.nodes, frame.node.id, frame.node, this.snapshot?.nodes ?? null);
        return void changed.add("nodes");
      case "node.remove":
        if (this.nodes.delete(frame.id)) changed.add("nodes");
        this.order = null;
        return;
      case "node.counters": {
        const node = this.nodes.get(frame.id);
        if (!node) return;
        this.addSample(frame.id, frame.counters, changed);
        // An upsert that went out meanwhile has this sample in it.
        if (node.counters !== null && frame.counters.atMs <= node.counters.atMs) return;
        const cpuHistory = [...node.cpuHistory, frame.counters.cpuPercent].slice(-cpuHistoryLength);
        const readAtMs = Math.max(node.readAtMs ?? 0, frame.counters.atMs);
        this.nodes.set(frame.id, { ...node, counters: frame.counters, cpuHistory, readAtMs });
        return void changed.add("nodes");
      }
      case "cluster.upsert":
        upsert(this.clusters, frame.cluster.id, frame.cluster, this.snapshot?.clusters ?? null);
        return void changed.add("clusters");
      case "cluster.remove":
        if (this.clusters.delete(frame.id)) changed.add("clusters");
        return;
      case "run.upsert":
        upsert(this.runs, frame.run.id, frame.run, this.snapshot?.runs ?? null);
        return void changed.add("runs");
      case "run.event":
        return this.addEvent(frame.event, changed);
      case "scan.progress":
        this.scans.set(frame.id, frame);
        return void changed.add("scans");
      case "scan.answers":
        this.scanAnswers.set(frame.id, frame);
        return void changed.add("scan-answers");
      case "synced":
        return this.finishSnapshot(changed);
      case "error":
      case "done":
        return;
    }
  }

  private addEvent(event: RunEvent, changed: Set<FleetPart>): void {
    const known = this.events.get(event.runId) ?? [];
    const newest = known.at(-1)?.seq ?? -1;
    if (event.seq <= newest) return;
    this.events.set(event.runId, [...known, event].slice(-maxEventsPerRun));
    changed.add(`events:${event.runId}`);
  }

  /** Only the node that a page looks at keeps its samples: `keepSamples` says which. */
  keepSamples(nodeId: string | null): void {
    for (const id of this.counters.keys()) if (id !== nodeId) this.counters.delete(id);
    if (nodeId !== null && !this.counters.has(nodeId)) this.counters.set(nodeId, []);
  }

  private addSample(nodeId: string, sample: NodeCounters, changed: Set<FleetPart>): void {
    const known = this.counters.get(nodeId);
    if (!known || (known.at(-1)?.atMs ?? 0) >= sample.atMs) return;
    this.counters.set(nodeId, [...known, sample].slice(-maxSamples));
    changed.add(`counters:${nodeId}`);
  }

  private finishSnapshot(changed: Set<FleetPart>): void {
    const seen = this.snapshot;
    this.snapshot = null;
    this.order = null;
    for (const part of ["nodes", "clusters", "runs"] as const) {
      changed.add(part);
      if (!seen) continue;
      for (const id of [...this[part].keys()]) if (!seen[part].has(id)) this[part].delete(id);
    }
  }
}
