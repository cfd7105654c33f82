import { nodeCan } from "@/lib/inventory/capabilities";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";

export type BootstrapState = { planes: readonly NodeView[]; reason: string | null };

/** The control planes on which the cluster can be bootstrapped now; else why on none. */
export function bootstrapState(cluster: ClusterView, members: readonly NodeView[]): BootstrapState {
  if (cluster.bootstrapped === true) return { planes: [], reason: `${cluster.name} is bootstrapped already.` };
  const planes = members.filter(({ role }) => role === "controlplane");
  if (planes.length === 0) return { planes, reason: "The cluster has no control plane yet." };
  const able = planes.filter((node) => nodeCan.bootstrap(node, cluster).ok);
  if (able.length > 0) return { planes: able, reason: null };
  const [first] = planes;
  const can = first && nodeCan.bootstrap(first, cluster);
  return { planes: [], reason: can && !can.ok && first ? `${first.name}: ${can.reason}` : null };
}
