import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { nodeCan } from "@/lib/inventory/capabilities";
import { previewConfig } from "@/lib/inventory/config-commands";
import type { ShownPlan } from "@/lib/inventory/config-plan";
import { fleet } from "@/lib/inventory/fleet";
import { remedyOfProof } from "@/lib/inventory/remedies/gpu-remedy";
import type { NodeView } from "@/lib/inventory/schema";
import { computePlan } from "../preflight";
import { planInput, type UpgradePlan, type UpgradePolicy } from "../schema";
import type { ChangeStep } from "./schema";
import { changeSteps, type ConfigStand } from "./steps";

type Failure = { message: string; hint?: string };
export type NodeChange = {
  steps: ChangeStep[];
  config: ShownPlan | null;
  configError: Failure | null;
  plan: UpgradePlan | null;
  planError: Failure | null;
};
type Outcome<T> = { value: T; error: null } | { value: null; error: Failure | null };
const nothing = { value: null, error: null };

async function tried<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work(), error: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { message, hint } = error;
    return { value: null, error: { message, ...(hint !== undefined && { hint }) } };
  }
}

/** A node of which something is recorded, and that can be asked. */
function asks(node: NodeView): boolean {
  const cluster = node.clusterId === null ? null : fleet().cluster(node.clusterId);
  return node.intent.schematicId !== null && nodeCan.previewConfig(node, cluster).ok;
}

function standOf(config: Outcome<ShownPlan>): ConfigStand {
  if (config.error) return { state: "refused", reason: config.error.message };
  if (config.value === null) return { state: "unread" };
  const wrong = config.value.issues.find(({ severity }) => severity === "error");
  if (wrong) return { state: "refused", reason: `Talos would not take this config: ${wrong.path}: ${wrong.message}` };
  return { state: config.value.changed ? "differs" : "same" };
}

/**
 * Where a node's guided change stands: its steps, what its config would change, and the upgrade that it comes to. Reads the
 * node, stores and changes nothing.
 * @throws AppError `not-found`
 */
export async function readNodeChange(
  ctx: Ctx<Grants["operator"]>,
  nodeId: string,
  policy: Partial<UpgradePolicy>,
): Promise<NodeChange> {
  const node = fleet().view(nodeId);
  if (!node) throw new AppError("not-found", "This node is not (or no longer) there.");
  const ready = asks(node);
  // Only where the node lacks a part of the image that it runs: then the same one is installed again.
  const repair = node.proofs.some((proof) => remedyOfProof(proof, node)?.kind === "repair");
  const [config, plan] = await Promise.all([
    ready ? tried(() => previewConfig(ctx, { nodeId, patches: [], withIntent: true })) : nothing,
    ready && node.runId === null
      ? tried(() =>
          computePlan(planInput.parse({ nodeIds: [nodeId], targetVersion: null, policy: { ...policy, repair } })),
        )
      : nothing,
  ]);
  return {
    steps: changeSteps({ node, config: standOf(config), plan: plan.value }),
    config: config.value,
    configError: config.error,
    plan: plan.value,
    planError: plan.error,
  };
}
