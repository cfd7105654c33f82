import type { V1LabelSelector, V1PodDisruptionBudget } from "@kubernetes/client-node";
import { kubernetesCaps } from "@/lib/core/bounds/input-caps";
import { AppError } from "@/lib/core/errors";
import type { KubernetesClient } from "./client";
import { shownText } from "./errors";
import { paged } from "./pages";
import type { NodePod } from "./pods";

export type DisruptionBudget = {
  namespace: string;
  name: string;
  disruptionsAllowed: number;
  healthyPods: number;
  /** Healthy pods that it demands. */
  desiredPods: number;
  matches: (labels: Readonly<Record<string, string>>) => boolean;
};

/** `policy/v1`: an empty selector selects every pod of the namespace, an absent one none. */
function matcher(selector: V1LabelSelector | undefined): DisruptionBudget["matches"] {
  if (!selector) return () => false;
  return (labels) =>
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === "In") return value !== undefined && values.includes(value);
      if (operator === "NotIn") return value === undefined || !values.includes(value);
      if (operator === "Exists") return value !== undefined;
      return operator === "DoesNotExist" && value === undefined;
    });
}

export const readBudget = (budget: V1PodDisruptionBudget): DisruptionBudget => ({
  namespace: shownText(budget.metadata?.namespace, 253),
  name: shownText(budget.metadata?.name, 253),
  disruptionsAllowed: budget.status?.disruptionsAllowed ?? 0,
  healthyPods: budget.status?.currentHealthy ?? 0,
  desiredPods: budget.status?.desiredHealthy ?? 0,
  matches: matcher(budget.spec?.selector),
});

/** The budgets that cover a pod. @throws AppError `unavailable` */
export async function budgetsOfPod(
  client: KubernetesClient,
  pod: Pick<NodePod, "namespace" | "labels">,
  signal?: AbortSignal,
): Promise<DisruptionBudget[]> {
  const what = `the PodDisruptionBudgets of ${pod.namespace}`;
  const all = paged(what, async (next) => {
    const { items, metadata } = await client.call(
      `list ${what}`,
      ({ policy }) =>
        policy.listNamespacedPodDisruptionBudget({
          namespace: pod.namespace,
          limit: kubernetesCaps.pageItems,
          ...(next ? { _continue: next } : {}),
        }),
      signal,
    );
    return { items, next: metadata?._continue || undefined };
  });
  const covering: DisruptionBudget[] = [];
  for await (const item of all) {
    const budget = readBudget(item);
    if (budget.matches(pod.labels)) covering.push(budget);
    if (covering.length > kubernetesCaps.budgets)
      throw new AppError("unavailable", `Kubernetes tells of more than ${kubernetesCaps.budgets} budgets for one pod.`);
  }
  return covering;
}

/** Why an eviction was answered 429: the budget by name and its figures, one sentence. */
export function budgetSentence(budgets: readonly DisruptionBudget[]): string {
  if (budgets.length > 1) {
    const names = budgets.map(({ name }) => name).join(", ");
    return `More than one PodDisruptionBudget covers it (${names}), and Kubernetes then refuses every eviction.`;
  }
  const budget = budgets.find(({ disruptionsAllowed }) => disruptionsAllowed < 1) ?? budgets[0];
  if (!budget) return "Kubernetes asks to wait before this pod is evicted.";
  const { name, healthyPods, desiredPods, disruptionsAllowed } = budget;
  return `PodDisruptionBudget ${name} allows ${disruptionsAllowed} disruptions now: ${healthyPods} ready, ${desiredPods} needed.`;
}
