import { isReady, nodeStatus } from "@/components/nodes/node-status";
import type { Tone } from "@/components/ui/tone";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";
import { awaitsBootstrap } from "./bootstrap-state";

/** Where a cluster's secrets come from, and what that allows. */
export const secretsWords: Record<ClusterView["secrets"], { label: string; about: string }> = {
  generated: { label: "Made here", about: "Machines can be adopted, and certificates are made as they are needed." },
  imported: { label: "Imported", about: "Machines can be adopted, and certificates are made as they are needed." },
  none: {
    label: "Not held",
    about: "Only a client certificate is held. To adopt machines, import the secrets bundle of the cluster.",
  },
};

export const holdsAdmin = ({ secrets, credentialRole }: ClusterView): boolean =>
  secrets !== "none" || credentialRole.split(",").some((role) => role.trim() === "os:admin");

/** Why no file with fresh credentials can be had; null when one can. */
export const credentialRefusal = (cluster: ClusterView): string | null =>
  holdsAdmin(cluster)
    ? null
    : `This needs the Talos role os:admin; for ${cluster.name} only ${cluster.credentialRole || "nothing"} is held.`;

const dayMs = 86_400_000;

/** A certificate that cannot be renewed here is worth a warning a month before its end. */
export function expiryTone(expiresMs: number | null, nowMs: number): Tone {
  if (expiresMs === null) return "idle";
  if (expiresMs <= nowMs) return "bad";
  return expiresMs - nowMs < 30 * dayMs ? "warn" : "ok";
}

export type ClusterRow = {
  cluster: ClusterView;
  nodes: number;
  ready: number;
  /** Ready ones that need a person for something else. */
  troubled: number;
  gpus: number;
  waits: boolean;
  /** What its nodes run, else what was asked for. */
  kubernetes: string | null;
};

/** Clusters with what the fleet says of their nodes. */
export function clusterRows(clusters: readonly ClusterView[], nodes: readonly NodeView[]): ClusterRow[] {
  const rows = new Map<string, ClusterRow>(
    clusters.map((cluster) => [
      cluster.id,
      { cluster, nodes: 0, ready: 0, troubled: 0, gpus: 0, waits: false, kubernetes: cluster.kubernetesVersion },
    ]),
  );
  for (const node of nodes) {
    const row = node.clusterId === null ? undefined : rows.get(node.clusterId);
    if (!row) continue;
    row.nodes += 1;
    row.kubernetes = node.kubernetesVersion ?? row.kubernetes;
    row.gpus += node.gpus.length;
    if (!isReady(node)) continue;
    row.ready += 1;
    if (nodeStatus(node).group === "attention") row.troubled += 1;
  }
  for (const row of rows.values()) {
    row.waits = awaitsBootstrap(
      row.cluster,
      nodes.filter(({ clusterId }) => clusterId === row.cluster.id),
    );
  }
  return [...rows.values()];
}

export type ClusterStatus = { tone: Tone; words: string; reason?: string };

/** What a cluster is, in words. */
export function clusterStatus({ nodes, ready, troubled, waits }: ClusterRow): ClusterStatus {
  if (nodes === 0) return { tone: "idle", words: "No machines yet" };
  if (waits) return { tone: "warn", words: "Not bootstrapped yet", reason: "etcd has not run on a control plane" };
  if (ready === nodes) {
    if (troubled === 0) return { tone: "ok", words: "All nodes ready" };
    return {
      tone: "warn",
      words: "All nodes ready",
      reason: `${troubled} ${troubled === 1 ? "needs" : "need"} attention`,
    };
  }
  return { tone: ready === 0 ? "bad" : "warn", words: `${ready} of ${nodes} nodes ready` };
}
