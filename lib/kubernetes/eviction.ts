import { ApiException } from "@kubernetes/client-node";
import { AppError } from "@/lib/core/errors";
import { budgetSentence, budgetsOfPod } from "./budgets";
import type { KubernetesClient } from "./client";
import { statusMessage } from "./errors";
import type { NodePod } from "./pods";

export type Eviction =
  | { kind: "accepted" }
  | { kind: "gone" }
  /** A budget, or the API server itself, asks to wait. */
  | { kind: "blocked"; reason: string };

function refusal(error: unknown): "gone" | "blocked" | null {
  if (!(error instanceof ApiException)) return null;
  if (error.code === 404 || error.code === 409) return "gone";
  // 500 is what Kubernetes answers where several budgets cover one pod.
  if (error.code === 429 || (error.code === 500 && /budget/i.test(statusMessage(error)))) return "blocked";
  return null;
}

async function whyBlocked(client: KubernetesClient, pod: NodePod, signal?: AbortSignal): Promise<string> {
  try {
    return budgetSentence(await budgetsOfPod(client, pod, signal));
  } catch (error) {
    // A kubeconfig that may not list budgets must not end a drain that only has to wait.
    if (error instanceof AppError) return `A PodDisruptionBudget blocks it; which one cannot be read: ${error.message}`;
    throw error;
  }
}

/**
 * Asks for a pod's eviction (`policy/v1`), which honours its grace period and budgets; 429 names the budget that blocks.
 * @throws AppError `unavailable`
 */
export async function evictPod(client: KubernetesClient, pod: NodePod, signal?: AbortSignal): Promise<Eviction> {
  const { name, namespace, uid } = pod;
  // The precondition keeps a namesake that started meanwhile (a StatefulSet's) from being evicted instead.
  const deleteOptions = { preconditions: { uid } };
  const answer = await client.call(
    `evict ${namespace}/${name}`,
    async ({ core }) => {
      try {
        const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace }, deleteOptions };
        await core.createNamespacedPodEviction({ name, namespace, body });
        return "accepted" as const;
      } catch (error) {
        const kind = refusal(error);
        if (kind) return kind;
        throw error;
      }
    },
    signal,
  );
  return answer === "blocked" ? { kind: answer, reason: await whyBlocked(client, pod, signal) } : { kind: answer };
}
