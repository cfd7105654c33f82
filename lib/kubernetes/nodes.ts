import type { V1Node } from "@kubernetes/client-node";
import { AppError } from "@/lib/core/errors";
import type { KubernetesClient } from "./client";
import { shownText } from "./errors";

export type KubernetesNode = {
  name: string;
  ready: boolean;
  /** Why it is not ready, in the kubelet's words; empty when it is. */
  readyMessage: string;
  unschedulable: boolean;
  /** Who of ours cordoned it, `run:run_4x…` or `operation:request_7b…`; null where nobody of ours did. */
  cordonedBy: string | null;
  kubeletVersion: string;
  /** Extended resources that are GPUs, `nvidia.com/gpu` → 2. */
  allocatableGpus: Record<string, number>;
};

/** `nvidia.com/gpu`, `nvidia.com/mig-1g.5gb`, `amd.com/gpu`, `gpu.intel.com/i915`, `gpu.intel.com/xe`. */
const gpuResource = /^(nvidia\.com\/(gpu|mig-.+)|amd\.com\/gpu|gpu\.intel\.com\/(i915|xe))$/;

/** Says whose a cordon is, so that a later run, or a console after a crash, knows which are ours. */
export const cordonMark = "ichor-console/cordoned-by";

const markOf = (node: V1Node): string | null => shownText(node.metadata?.annotations?.[cordonMark], 100) || null;

/** Reads what a run needs of a Kubernetes node. */
export function readKubernetesNode(node: V1Node): KubernetesNode {
  const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
  const gpus = Object.entries(node.status?.allocatable ?? {}).filter(([name]) => gpuResource.test(name));
  return {
    name: shownText(node.metadata?.name, 253),
    ready: ready?.status === "True",
    readyMessage: ready?.status === "True" ? "" : shownText(ready?.message ?? "the kubelet has not reported yet"),
    unschedulable: node.spec?.unschedulable === true,
    cordonedBy: node.spec?.unschedulable === true ? markOf(node) : null,
    kubeletVersion: shownText(node.status?.nodeInfo?.kubeletVersion, 40),
    allocatableGpus: Object.fromEntries(gpus.map(([name, quantity]) => [name, Number.parseInt(quantity, 10) || 0])),
  };
}

/**
 * The Kubernetes node of that name (Talos' `Nodename`), or null where Kubernetes has none.
 * @throws AppError `unavailable`
 */
export async function getKubernetesNode(
  client: KubernetesClient,
  name: string,
  signal?: AbortSignal,
): Promise<KubernetesNode | null> {
  try {
    return readKubernetesNode(await client.call(`read node ${name}`, ({ core }) => core.readNode({ name }), signal));
  } catch (error) {
    if (error instanceof AppError && error.code === "not-found") return null;
    throw error;
  }
}
