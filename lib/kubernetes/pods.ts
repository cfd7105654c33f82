import type { V1Pod } from "@kubernetes/client-node";
import type { KubernetesClient } from "./client";
import { shownText } from "./errors";

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
  labels: pod.metadata?.labels ?? {},
  drain: classify(pod),
  endsByMs: pod.metadata?.deletionTimestamp ? new Date(pod.metadata.deletionTimestamp).getTime() : null,
  unmanaged: !pod.metadata?.ownerReferences?.some((owner) => owner.controller),
});

/** Every pod on a node, read in pages of 500. @throws AppError `unavailable` */
export async function listPodsOnNode(
  client: KubernetesClient,
  nodeName: string,
  signal?: AbortSignal,
): Promise<NodePod[]> {
  const pods: NodePod[] = [];
  let next: string | undefined;
  do {
    const page = await client.call(
      `list the pods on ${nodeName}`,
      ({ core }) =>
        core.listPodForAllNamespaces({
          fieldSelector: `spec.nodeName=${nodeName}`,
          limit: 500,
          ...(next ? { _continue: next } : {}),
        }),
      signal,
    );
    pods.push(...page.items.map(readPod));
    next = page.metadata?._continue || undefined;
  } while (next);
  return pods;
}
