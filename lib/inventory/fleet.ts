import "server-only";
import { env } from "@/lib/core/env";
import { hub } from "@/lib/live/hub";
import type { NodeFacts } from "./facts";
import { gpuVerdict } from "./gpu-verdict";
import { initialNodeState, type NodeRecord, type NodeState, type Reading, reduceNode } from "./node-state";
import { type GpuVerdict, nodeViewOf } from "./node-view";
import type { ClusterView, NodeView } from "./schema";

type Entry = {
  state: NodeState;
  view: NodeView | null;
  madeAtMs: number;
  /** What browsers were last told of its stage by `tick`. */
  toldOfStage: string;
  /** What the verdict was made from; it is made again only when one of them changes. */
  verdict: { facts: NodeFacts; record: NodeRecord; value: GpuVerdict } | null;
};

/** So long a view of a node in a passing stage counts as new. */
const passingViewMs = 5_000;

export type Fleet = {
  /** Adds a node, or replaces its record; facts count only for a node that is new here. */
  put: (record: NodeRecord, facts?: NodeFacts) => void;
  remove: (nodeId: string) => void;
  /** Takes a reading and tells browsers; a node that is not (or no longer) here is ignored. */
  apply: (nodeId: string, reading: Reading) => void;
  state: (nodeId: string) => NodeState | null;
  states: () => NodeState[];
  view: (nodeId: string) => NodeView | null;
  views: () => NodeView[];
  /** Says anew of each node what changes by time alone: how long a stage lasts. */
  tick: () => void;
  putCluster: (cluster: ClusterView) => void;
  removeCluster: (clusterId: string) => void;
  cluster: (clusterId: string) => ClusterView | null;
  clusters: () => ClusterView[];
};

/** The nodes and clusters in memory: what the watcher writes, what pages read, what the hub tells. */
export function createFleet({ now = Date.now } = {}): Fleet {
  const entries = new Map<string, Entry>();
  const clusters = new Map<string, ClusterView>();

  function verdictOf(entry: Entry): GpuVerdict {
    const { facts, record } = entry.state;
    if (entry.verdict?.facts !== facts || entry.verdict.record !== record) {
      entry.verdict = { facts, record, value: gpuVerdict(facts, record) };
    }
    return entry.verdict.value;
  }

  function viewOf(entry: Entry): NodeView {
    const { clusterId } = entry.state.record;
    const cluster = clusterId === null ? null : clusters.get(clusterId);
    // With the cluster's own authority, or an admin's certificate, reader certificates are made as they are needed.
    const renewable = cluster != null && (cluster.secrets !== "none" || cluster.credentialRole.includes("os:admin"));
    const { gpuTelemetry } = env();
    // How long a stage lasts is told by time alone.
    if (entry.view?.passing && now() - entry.madeAtMs >= passingViewMs) entry.view = null;
    if (entry.view) return entry.view;
    entry.madeAtMs = now();
    return (entry.view = nodeViewOf(entry.state, { nowMs: now(), renewable, gpuTelemetry, gpu: verdictOf(entry) }));
  }

  function tell(nodeId: string): void {
    hub().publishLater(`node:${nodeId}`, () => {
      const entry = entries.get(nodeId);
      return entry ? { type: "node.upsert", node: viewOf(entry) } : null;
    });
  }

  const counted = (cluster: ClusterView): ClusterView => {
    let controlPlanes = 0;
    let workers = 0;
    let bootstrapped: boolean | null = cluster.bootstrapped;
    for (const { state } of entries.values()) {
      if (state.record.clusterId !== cluster.id) continue;
      const role = state.facts.role === "unknown" ? state.record.role : state.facts.role;
      // Only a bootstrapped control plane has an etcd to speak of.
      if (state.facts.etcd !== null) bootstrapped = true;
      if (role === "controlplane") controlPlanes += 1;
      else workers += 1;
    }
    return { ...cluster, controlPlanes, workers, bootstrapped };
  };

  function tellCluster(clusterId: string | null): void {
    if (clusterId === null) return;
    hub().publishLater(`cluster:${clusterId}`, () => {
      const cluster = clusters.get(clusterId);
      return cluster ? { type: "cluster.upsert", cluster: counted(cluster) } : null;
    });
  }

  return {
    put(record, facts) {
      const entry = entries.get(record.id);
      const before = entry?.state.record.clusterId ?? null;
      if (entry) {
        entry.state = reduceNode(entry.state, { kind: "record", atMs: now(), record });
        entry.view = null;
      } else {
        entries.set(record.id, {
          ...{ state: initialNodeState(record, facts), view: null, verdict: null },
          ...{ madeAtMs: 0, toldOfStage: "" },
        });
      }
      tell(record.id);
      tellCluster(record.clusterId);
      if (before !== record.clusterId) tellCluster(before);
    },
    remove(nodeId) {
      const entry = entries.get(nodeId);
      if (!entry) return;
      entries.delete(nodeId);
      hub().publish({ type: "node.remove", id: nodeId });
      tellCluster(entry.state.record.clusterId);
    },
    apply(nodeId, reading) {
      const entry = entries.get(nodeId);
      if (!entry) return;
      const next = reduceNode(entry.state, reading);
      if (next === entry.state) return;
      const roleChanged = next.facts.role !== entry.state.facts.role;
      entry.state = next;
      entry.view = null;
      if (reading.kind === "counters") {
        hub().publish({ type: "node.counters", id: nodeId, counters: reading.counters });
        return;
      }
      tell(nodeId);
      if (roleChanged) tellCluster(next.record.clusterId);
    },
    state: (nodeId) => entries.get(nodeId)?.state ?? null,
    states: () => [...entries.values()].map(({ state }) => state),
    view(nodeId) {
      const entry = entries.get(nodeId);
      return entry ? viewOf(entry) : null;
    },
    views: () => [...entries.values()].map(viewOf),
    tick() {
      for (const [nodeId, entry] of entries) {
        const { passing, attention } = viewOf(entry);
        const held = attention.filter(({ kind }) => kind === "held").map(({ sentence }) => sentence);
        const told = passing === null ? "" : [passing.late, ...held].join(" ");
        if (told === entry.toldOfStage) continue;
        entry.toldOfStage = told;
        tell(nodeId);
      }
    },
    putCluster(cluster) {
      clusters.set(cluster.id, cluster);
      tellCluster(cluster.id);
    },
    removeCluster(clusterId) {
      if (clusters.delete(clusterId)) hub().publish({ type: "cluster.remove", id: clusterId });
    },
    cluster(clusterId) {
      const cluster = clusters.get(clusterId);
      return cluster ? counted(cluster) : null;
    },
    clusters: () => [...clusters.values()].map(counted),
  };
}

const fleetKey = Symbol.for("ichor.fleet");

/** The one fleet of this process. Its first user also makes it the hub's snapshot of nodes and clusters. */
export function fleet(): Fleet {
  const shared = globalThis as { [fleetKey]?: Fleet };
  const known = shared[fleetKey];
  if (known) return known;
  const made = createFleet();
  shared[fleetKey] = made;
  hub().addSnapshotSource("clusters", () =>
    made.clusters().map((cluster) => ({ type: "cluster.upsert", cluster }) as const),
  );
  hub().addSnapshotSource("nodes", () => made.views().map((node) => ({ type: "node.upsert", node }) as const));
  return made;
}
