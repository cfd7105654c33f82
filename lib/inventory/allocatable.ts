import "server-only";
import { errorMessage } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import type { KubernetesClient } from "@/lib/kubernetes/client";
import { getKubernetesNode } from "@/lib/kubernetes/nodes";
import { openClusterKubernetes } from "./access";
import type { KubernetesFacts } from "./life-ports";

/** A cluster whose kubeconfig cannot be had is asked again after so long, not by each of its nodes. */
const retryMs = 5 * 60_000;

type Slot = { client: Promise<KubernetesClient | null>; untilMs: number };

/** Allocatable GPU resources, over one Kubernetes connection per cluster. */
export function createAllocatableReader({ now = Date.now } = {}) {
  const slots = new Map<string, Slot>();

  async function open(clusterId: string): Promise<KubernetesClient | null> {
    try {
      return await openClusterKubernetes(clusterId);
    } catch (error) {
      log.info("Kubernetes of a cluster cannot be asked for its GPUs", { clusterId, reason: errorMessage(error) });
      return null;
    }
  }

  function clientOf(clusterId: string): Promise<KubernetesClient | null> {
    const known = slots.get(clusterId);
    if (known && known.untilMs > now()) return known.client;
    if (known) void known.client.then((open) => open?.close());
    const slot: Slot = { client: open(clusterId), untilMs: Number.POSITIVE_INFINITY };
    slots.set(clusterId, slot);
    void slot.client.then((client) => {
      if (!client) slot.untilMs = now() + retryMs;
    });
    return slot.client;
  }

  return {
    /** Null where Kubernetes cannot be asked or does not know the node: then it is unknown, not zero. */
    async read(clusterId: string, nodename: string, signal: AbortSignal): Promise<KubernetesFacts | null> {
      const client = await clientOf(clusterId);
      if (!client) return null;
      try {
        const node = await getKubernetesNode(client, nodename, signal);
        if (!node) return null;
        const entries = Object.entries(node.allocatableGpus).map(([name, count]) => [name, String(count)] as const);
        return { allocatable: Object.fromEntries(entries), kubeletVersion: node.kubeletVersion };
      } catch (error) {
        // Credentials are renewed and clusters move: it is opened anew in a while, not kept for the life of the server.
        const slot = slots.get(clusterId);
        if (slot && !signal.aborted) slot.untilMs = Math.min(slot.untilMs, now() + retryMs);
        log.debug("A Kubernetes node could not be read", { nodename, reason: errorMessage(error) });
        return null;
      }
    },
    close() {
      for (const { client } of slots.values()) void client.then((open) => open?.close());
      slots.clear();
    },
  };
}
