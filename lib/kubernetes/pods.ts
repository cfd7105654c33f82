import type { V1Pod } from "@kubernetes/client-node";
import { kubernetesCaps } from "@/lib/core/bounds/input-caps";
import { AppError } from "@/lib/core/errors";
import type { KubernetesClient } from "./client";
import { shownText } from "./errors";
import { paged } from "./pages";

export type NodePod = {
  uid: string;
  namespace: string;
  name: string;
  labels: Record<string, string>;
  /** Whether a drain evicts it; a skipped one says why. */
  drain: { kind: "evict" } | { kind: "skip"; reason: string };
  /** Milliseconds since the epoch by which it must have ended; null while it is not ending. */
  endsByMs: number | null;
  /** Nothing will start it again elsewhere. */
  unmanaged: boolean;
};

const mirrorAnnotation = "kubernetes.io/config.mirror";

function classify(pod: V1Pod): NodePod["drain"] {
  if (pod.metadata?.annotations?.[mirrorAnnotation]) return { kind: "skip", reason: "static pod of the node" };
  if (pod.metadata?.ownerReferences?.some((owner) => owner.controller && owner.kind === "DaemonSet")) {
    return { kind: "skip", reason: "belongs to a DaemonSet" };
  }
  if (pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") {
    return { kind: "skip", reason: "has finished" };
  }
  return { kind: "evict" };
}

/** Reads what a drain needs of a pod. */
export const readPod = (pod: V1Pod): NodePod => ({
  uid: shownText(pod.metadata?.uid, 64),
  namespace: shownText(pod.metadata?.namespace, 253),
  name: shownText(pod.metadata?.name, 253),
  labels: Object.fromEntries(Object.entries(pod.metadata?.labels ?? {}).slice(0, kubernetesCaps.labels)),
  drain: classify(pod),
  endsByMs: pod.metadata?.deletionTimestamp ? new Date(pod.metadata.deletionTimestamp).getTime() : null,
  unmanaged: !pod.metadata?.ownerReferences?.some((owner) => owner.controller),
});

/** Every pod, of one node or of the whole cluster. */
function podsOf(client: KubernetesClient, nodeName: string | null, signal?: AbortSignal): AsyncGenerator<V1Pod> {
  const what = nodeName === null ? "the pods" : `the pods on ${nodeName}`;
  return paged(what, async (next) => {
    const { items, metadata } = await client.call(
      `list ${what}`,
      ({ core }) =>
        core.listPodForAllNamespaces({
          ...(nodeName === null ? {} : { fieldSelector: `spec.nodeName=${nodeName}` }),
          limit: kubernetesCaps.pageItems,
          ...(next ? { _continue: next } : {}),
        }),
      signal,
    );
    return { items, next: metadata?._continue || undefined };
  });
}

/** Every pod on a node. @throws AppError `unavailable` */
export async function listPodsOnNode(
  client: KubernetesClient,
  nodeName: string,
  signal?: AbortSignal,
): Promise<NodePod[]> {
  const pods: NodePod[] = [];
  for await (const pod of podsOf(client, nodeName, signal)) {
    if (pods.length >= kubernetesCaps.podsOnNode)
      throw new AppError(
        "unavailable",
        `Kubernetes tells of more than ${kubernetesCaps.podsOnNode} pods on ${nodeName}.`,
      );
    pods.push(readPod(pod));
  }
  return pods;
}

/**
 * Names (`namespace/name`, sorted) of the pods that a drain would evict, by node. Few nodes are asked for one by one, else the
 * whole cluster at once.
 * @throws AppError `unavailable`
 */
export async function drainedPodsByNode(
  client: KubernetesClient,
  nodeNames: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, string[]>> {
  const byNode = new Map<string, string[]>(nodeNames.map((name) => [name, []]));
  const scopes = nodeNames.length <= fewNodes ? nodeNames : [null];
  for (const scope of scopes) {
    for await (const pod of podsOf(client, scope, signal)) {
      const { namespace, name, drain } = readPod(pod);
      if (drain.kind === "evict") byNode.get(scope ?? pod.spec?.nodeName ?? "")?.push(`${namespace}/${name}`);
    }
  }
  for (const names of byNode.values()) names.sort();
  return byNode;
}
const fewNodes = 5;
