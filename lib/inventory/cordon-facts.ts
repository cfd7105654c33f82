import { shownText } from "@/lib/kubernetes/errors";
import { cordonMark } from "@/lib/kubernetes/nodes";
import type { Resource, SpecOf, resourceDefs } from "@/lib/talos/resources";
import type { NodeFacts } from "./facts";

type Items = readonly Resource<SpecOf<(typeof resourceDefs)["nodeStatus"]>>[];

/**
 * Whether Kubernetes keeps pods away from a node, and whose mark the cordon has, as Talos itself watches it (`NodeStatuses`, each node its
 * own): it is there without a kubeconfig, and a moment after each change. Pure.
 */
export function cordonFacts(items: Items): Pick<NodeFacts, "cordon"> {
  const spec = items[0]?.spec;
  if (!spec) return { cordon: { state: "unknown" } };
  if (!spec.unschedulable) return { cordon: { state: "none" } };
  const mark = shownText(spec.annotations[cordonMark], 100);
  if (mark === "") return { cordon: { state: "other" } };
  return { cordon: { state: "ours", runId: /^run:(.+)$/.exec(mark)?.[1] ?? null } };
}
