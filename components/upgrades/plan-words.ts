import { countOf } from "@/lib/core/units";
import type { PlanEffect, UpgradePlan } from "@/lib/upgrades/schema";

/** `prod/db-0, prod/web-1 and 3 more pods are evicted`. */
function podsText(pods: PlanEffect["pods"], drained: boolean): string {
  if (!pods.known) return `its pods are not known: ${pods.reason}`;
  if (pods.count === 0) return drained ? "no pod has to move" : "no pod is cut off";
  const named = pods.names.slice(0, 3);
  const others = pods.count - named.length;
  const who = `${named.join(", ")}${others > 0 ? ` and ${others} more` : ""}`;
  return `${countOf(pods.count, "pod")} ${drained ? "evicted" : "cut off"}: ${who}`;
}

/** One line for what a node's turn does to others. */
export function effectText(effect: PlanEffect, { policy }: Pick<UpgradePlan, "policy">): string {
  const parts = ["restarts", podsText(effect.pods, policy.drain === "evict")];
  if (effect.minutes !== null) parts.push(`about ${effect.minutes} min`);
  const text = parts.join(" · ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** What all turns together do: `5 nodes restart, one after another. 12 pods are evicted. About 20 min in all.` */
export function summaryText(plan: UpgradePlan): string {
  const { nodes, policy } = plan;
  const sentences = [
    nodes.length === 1
      ? `${nodes[0]?.name ?? "1 node"} restarts.`
      : `${nodes.length} nodes restart, one after another.`,
  ];
  const known = nodes.flatMap(({ effect }) => (effect?.pods.known ? [effect.pods.count] : []));
  const pods = known.reduce((sum, count) => sum + count, 0);
  if (known.length === nodes.length) {
    const verb = policy.drain === "evict" ? "evicted" : "cut off";
    sentences.push(
      pods === 0 ? "No pod has to move." : `${countOf(pods, "pod")} ${pods === 1 ? "is" : "are"} ${verb}.`,
    );
  }
  const minutes = nodes.flatMap(({ effect }) => effect?.minutes ?? []);
  if (minutes.length === nodes.length)
    sentences.push(`About ${minutes.reduce((sum, each) => sum + each, 0)} min in all, by earlier runs.`);
  return sentences.join(" ");
}
