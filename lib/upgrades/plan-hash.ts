import { createHash } from "node:crypto";
import type { UpgradePlan } from "./schema";

/**
 * sha256 of what a plan would do and of every verdict on it, in hex. Sentences and clocks are left out: a plan that only
 * words things differently is the same plan.
 */
export function planHash(plan: Omit<UpgradePlan, "hash">): string {
  const verdicts = (checks: readonly { id: string; state: string }[]) => checks.map(({ id, state }) => [id, state]);
  const content = [
    plan.targetVersion,
    plan.hops,
    plan.nodes.map((node) => [
      ...[node.nodeId, node.order, node.fromVersion, node.toVersion, node.fromSchematicId, node.toSchematicId],
      ...[node.image, node.flow, node.hops, node.repairs, verdicts(node.checks)],
    ]),
    plan.skipped.map(({ nodeId }) => nodeId),
    verdicts(plan.checks),
    Object.entries(plan.policy).sort(),
    plan.refused,
  ];
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}
