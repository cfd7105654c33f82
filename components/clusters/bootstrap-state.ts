import { nodeCan } from "@/lib/inventory/capabilities";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";

/** States of the etcd service before it has ever run: it waits for the bootstrap. */
const beforeFirstRun = new Set(["Waiting", "Preparing", "Initialized"]);

/**
 * Whether a cluster that was made here waits for its bootstrap: a control plane says now that its etcd has not run, and
 * none is known whose etcd has. Control planes that cannot be asked say nothing.
 */
export const awaitsBootstrap = (cluster: ClusterView, members: readonly NodeView[]): boolean =>
  cluster.secrets === "generated" &&
  cluster.bootstrapped !== true &&
  members.some(
    ({ role, reachability, services }) =>
      role === "controlplane" &&
      reachability.state === "reachable" &&
      services.some(({ id, state }) => id === "etcd" && beforeFirstRun.has(state)),
  );

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
