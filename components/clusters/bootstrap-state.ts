import { listWords } from "@/lib/core/units";
import { bootstrapVerdict } from "@/lib/inventory/bootstrap";
import { nodeCan } from "@/lib/inventory/capabilities";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";

/**
 * Whether to speak of the bootstrap as the next step, for clusters made here and imported ones alike: a control plane says now
 * that its etcd has not run, and none is known whose etcd has. Control planes that cannot be asked say nothing.
 */
export function awaitsBootstrap(cluster: ClusterView, members: readonly NodeView[]): boolean {
  if (cluster.bootstrapped === true) return false;
  const verdict = bootstrapVerdict(members);
  if (verdict.state === "awaited") return true;
  const doubted = verdict.state === "unclear" ? new Set(verdict.unasked) : null;
  return doubted !== null && members.some(({ role, name }) => role === "controlplane" && !doubted.has(name));
}

export type BootstrapState = { planes: readonly NodeView[]; reason: string | null };

/** The control planes on which the cluster can be bootstrapped now; else why on none. */
export function bootstrapState(cluster: ClusterView, members: readonly NodeView[]): BootstrapState {
  if (cluster.bootstrapped === true) return { planes: [], reason: `${cluster.name} is bootstrapped already.` };
  const planes = members.filter(({ role }) => role === "controlplane");
  const [first] = planes;
  if (!first) return { planes, reason: "The cluster has no control plane yet." };
  const able = planes.filter((node) => nodeCan.bootstrap(node, cluster).ok);
  const can = nodeCan.bootstrap(first, cluster);
  if (able.length === 0) return { planes: [], reason: can.ok ? null : `${first.name}: ${can.reason}` };
  const verdict = bootstrapVerdict(members);
  switch (verdict.state) {
    case "awaited":
      return { planes: able, reason: null };
    case "done":
      return { planes: [], reason: `${cluster.name} is bootstrapped already: etcd has run on ${verdict.on}.` };
    case "unclear":
      return {
        planes: [],
        reason: `${listWords(verdict.unasked)} cannot be asked and may have the cluster's etcd: a second one would split the cluster. Bring ${verdict.unasked.length === 1 ? "it" : "them"} back, or remove ${verdict.unasked.length === 1 ? "it" : "them"} from Ichor first.`,
      };
    case "no-control-plane":
      return { planes: [], reason: "The cluster has no control plane yet." };
  }
}
