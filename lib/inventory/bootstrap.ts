import type { NodeView } from "./schema";

/** States of the etcd service before it has ever run: it waits for the bootstrap, or for a member to join. */
const beforeFirstRun = new Set(["Waiting", "Preparing", "Initialized"]);

/** Does this node have an etcd that has never run? */
export const waitsForBootstrap = ({ services }: Pick<NodeView, "services">): boolean =>
  services.some(({ id, state }) => id === "etcd" && beforeFirstRun.has(state));

type Member = Pick<NodeView, "name" | "role" | "stage" | "reachability" | "services" | "etcd" | "clusterId">;

export type BootstrapVerdict =
  /** An etcd runs or ran: on this control plane. */
  | { state: "done"; on: string }
  /** Every known control plane says that its etcd has never run. */
  | { state: "awaited" }
  /** These cannot be asked, or say nothing of etcd: one of them may hold the cluster's etcd, and a second one would split it. */
  | { state: "unclear"; unasked: readonly string[] }
  | { state: "no-control-plane" };

/**
 * Whether a cluster waits for its bootstrap, by what its control planes say now. A control plane that was added to a running
 * cluster looks just like one before the bootstrap (etcd waits in `Preparing`), so that all of them have to be heard.
 */
export function bootstrapVerdict(members: readonly Member[]): BootstrapVerdict {
  const planes = members.filter(({ role }) => role === "controlplane");
  if (planes.length === 0) return { state: "no-control-plane" };
  const etcdOf = (node: Member) => node.services.find(({ id }) => id === "etcd");
  const ran = planes.find((node) => {
    const service = etcdOf(node);
    return node.etcd !== null || (service !== undefined && !beforeFirstRun.has(service.state));
  });
  if (ran) return { state: "done", on: ran.name };
  const unasked = planes.filter((node) => node.reachability.state !== "reachable" || etcdOf(node) === undefined);
  // A machine without a config has no etcd, whatever it was recorded as.
  const doubtful = unasked.filter(
    ({ stage, reachability }) => !(reachability.state === "reachable" && stage === "maintenance"),
  );
  if (doubtful.length > 0) return { state: "unclear", unasked: doubtful.map(({ name }) => name) };
  return unasked.length === planes.length ? { state: "no-control-plane" } : { state: "awaited" };
}
