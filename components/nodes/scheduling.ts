import type { NodeView } from "@/lib/inventory/schema";

/** Of the two the one that fits; both where the node does not say whether it is cordoned. */
export function offersScheduling({ cordon }: Pick<NodeView, "cordon">): readonly ("cordon" | "uncordon")[] {
  if (cordon.state === "unknown") return ["cordon", "uncordon"];
  return cordon.state === "none" ? ["cordon"] : ["uncordon"];
}

/** Why nobody can change it now; null where it can be. */
export function schedulingRefusal({
  runId,
  clusterId,
  nodename,
}: Pick<NodeView, "runId" | "clusterId" | "nodename">): string | null {
  if (runId !== null) return "An upgrade run holds this node: wait for it or cancel it.";
  return clusterId !== null && nodename !== null ? null : "No Kubernetes node is known for it.";
}
