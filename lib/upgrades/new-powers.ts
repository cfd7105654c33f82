import { type Power, powerSentence } from "@/lib/gpu/meaning/profile-powers";
import type { SchematicDocument } from "@/lib/schematic/document";
import { powersOf } from "@/lib/schematic/powers";
import type { PlanFacts, PlanNodeFacts } from "./plan-facts";
import { imageSourceOf } from "./plan-image";
import type { PlanCheck, UpgradePlan } from "./schema";

type Target = { schematicId: string; document: SchematicDocument | null };

/** What the new image may do that the present one may not. Pure. */
export const newPowers = (node: PlanNodeFacts, { schematicId, document }: Target): Power[] =>
  document === null || schematicId === node.runningSchematicId ? [] : powersOf(document, node.runningDocument);

/** The verdict on it for a plan: said in words, and asked of an administrator at the start. */
export function judgePowers(node: PlanNodeFacts, target: Target): Pick<PlanCheck, "state" | "detail"> {
  const powers = newPowers(node, target);
  if (powers.length === 0)
    return { state: "ok", detail: "It gives nobody more power over the node than the image that runs." };
  const words = [...new Set(powers.map(powerSentence))].join(" ");
  return { state: "warning", detail: `${words} Only an administrator may start this.` };
}

/** All new powers of a plan's nodes, for the role of whoever starts it. */
export function powersOfPlan(plan: UpgradePlan, facts: Pick<PlanFacts, "nodes">): Power[] {
  const planned = new Set(plan.nodes.map(({ nodeId }) => nodeId));
  return facts.nodes
    .filter(({ nodeId }) => planned.has(nodeId))
    .flatMap((node) => {
      const image = imageSourceOf(node);
      return "skip" in image ? [] : newPowers(node, image);
    });
}
