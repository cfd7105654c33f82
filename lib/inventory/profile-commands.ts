import "server-only";
import type { z } from "zod";
import type { Ctx } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { withTransaction } from "@/lib/db/transaction";
import { type Power, powerSentence, powersOfProfile } from "@/lib/gpu/meaning/profile-powers";
import { requireAdminFor } from "@/lib/gpu/meaning/require-admin";
import type { GpuProfile } from "@/lib/gpu/profile-schema";
import { installerImage } from "@/lib/image-factory/asset-urls";
import { imageFactory } from "@/lib/image-factory/factory";
import { schematicId } from "@/lib/schematic/canonical";
import { ensureSchematic, rememberSchematic } from "@/lib/schematic/commands";
import { powersOf } from "@/lib/schematic/powers";
import { shownSchematic } from "@/lib/schematic/shown";
import { type AssignmentPlan, planAssignment, profilesById } from "./assignment-plan";
import { fleet } from "./fleet";
import { holdNode } from "./guard/hold-node";
import type { assignOutput, previewAssignOutput } from "./operation-schema";
import { refreshNodes } from "./refresh";

type AssignResult = z.output<typeof assignOutput>;
type PreviewResult = z.output<typeof previewAssignOutput>;
type Operator = Ctx<Grants["operator"]>;
type Choice = { nodeIds: string[]; profileIds: string[] };

const imageOf = ({ talosVersion, platform, secureBoot }: AssignmentPlan, id: string): string =>
  installerImage({
    factoryUrl: imageFactory().baseUrl,
    schematicId: id,
    talosVersion,
    platform,
    ...(secureBoot && { secureboot: true }),
  });

/** What assigning gives beyond an operator's rights: in the profiles themselves, and in the image beside what runs. */
const powersOfAssignment = (plan: AssignmentPlan, profiles: readonly GpuProfile[]): Power[] => [
  ...profiles.flatMap(powersOfProfile),
  ...powersOf(plan.document, plan.running?.document ?? null),
];
const askedOfAdmin = (power: Power): string => `Only an administrator may decide this: ${powerSentence(power)}`;

/**
 * For each node in turn; those that are refused are told with the reason.
 * @throws AppError for a single node that is refused.
 */
async function forEachNode<T>({ nodeIds, profileIds }: Choice, run: (nodeId: string, of: GpuProfile[]) => Promise<T>) {
  const profiles = await profilesById(profileIds);
  const done: T[] = [];
  const refused: AssignResult["refused"] = [];
  for (const nodeId of new Set(nodeIds)) {
    try {
      done.push(await run(nodeId, profiles));
    } catch (error) {
      if (!(error instanceof AppError) || nodeIds.length === 1) throw error;
      refused.push({ nodeId, name: fleet().view(nodeId)?.name ?? nodeId, reason: error.message });
    }
  }
  return { done, refused };
}

/** What assigning would record, node by node. Nothing is stored, registered or sent to a node but a read. */
export async function previewAssignment(_ctx: Operator, choice: Choice): Promise<PreviewResult> {
  const { done, refused } = await forEachNode(choice, async (nodeId, profiles) => {
    const plan = await planAssignment(nodeId, profiles);
    const id = schematicId(plan.document);
    const { kernelModules, sysctls, warnings } = plan.resolution;
    return {
      nodeId,
      name: plan.name,
      running: plan.running && { id: plan.running.id, text: shownSchematic(plan.running.document).text },
      schematic: { id, text: shownSchematic(plan.document).text },
      installImage: imageOf(plan, id),
      kernelModules: kernelModules.map(({ name }) => name),
      sysctls,
      warnings: [...warnings, ...powersOfAssignment(plan, profiles).map(askedOfAdmin)],
    };
  });
  return { previews: done, refused };
}

async function assignOne(ctx: Operator, nodeId: string, profiles: readonly GpuProfile[]) {
  const plan = await planAssignment(nodeId, profiles);
  const powers = powersOfAssignment(plan, profiles);
  if (plan.running?.text != null) await rememberSchematic(ctx, plan.running.id, plan.running.text);
  requireAdminFor(ctx, powers);
  const ensured = await ensureSchematic(ctx, plan.document, { running: plan.running?.document ?? null });
  const installImage = imageOf(plan, ensured.id);
  await withTransaction(async (tx) => {
    await tx.nodeProfile.deleteMany({ where: { nodeId } });
    await tx.nodeProfile.createMany({ data: profiles.map(({ id }) => ({ nodeId, profileId: id })) });
    await tx.node.update({
      where: { id: nodeId },
      data: { schematicId: ensured.id, installImage, recordedAsFound: false },
    });
  });
  await refreshNodes([nodeId]);
  return {
    nodeId,
    name: plan.name,
    schematicId: ensured.id,
    installImage,
    registered: ensured.registered,
    warnings: plan.resolution.warnings,
  };
}

/**
 * Records GPU profiles as the intent of nodes: resolves them for each node's release and cards, composes its schematic
 * (keeping what else was in the running one), registers that, and records schematic and installer image. Nothing is
 * changed on the nodes.
 * @throws AppError for a single node that is refused; of several, those that are refused are listed with the reason.
 */
export async function assignProfiles(ctx: Operator, choice: Choice): Promise<AssignResult> {
  const { done, refused } = await forEachNode(choice, (nodeId, profiles) =>
    holdNode(ctx, { nodeId, operation: "gpu-profile.assign" }, () => assignOne(ctx, nodeId, profiles)),
  );
  return { assigned: done, refused };
}
