import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { registerAgain } from "@/lib/schematic/commands";
import type { PlanFacts } from "./plan-facts";
import { imageSourceOf } from "./plan-image";
import type { UpgradePlan } from "./schema";

/**
 * Has the factory know every schematic of a plan that it does not have now, before anything is pulled.
 * @throws AppError where it does not take one, or gives it another ID.
 */
export async function registerForRun(
  ctx: Ctx<Grants["operator"]>,
  plan: UpgradePlan,
  facts: Pick<PlanFacts, "nodes" | "atFactory">,
): Promise<void> {
  const wanted = new Set(plan.nodes.map(({ toSchematicId }) => toSchematicId));
  const done = new Set<string>();
  for (const node of facts.nodes) {
    const image = imageSourceOf(node);
    if ("skip" in image || !image.document || !wanted.has(image.schematicId) || done.has(image.schematicId)) continue;
    done.add(image.schematicId);
    if (facts.atFactory.get(image.schematicId) === "to-register")
      await registerAgain(ctx, image.schematicId, image.document);
  }
}
