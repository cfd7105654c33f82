import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError, errorMessage } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { type GpuProfile, gpuProfile } from "@/lib/gpu/profile-schema";
import { builtInProfile, builtInProfiles } from "@/lib/gpu/profiles";
import { resolveProfiles } from "@/lib/gpu/resolve";
import { installerImage, parseInstallerImage } from "@/lib/image-factory/asset-urls";
import { extensionsIfReachable, imageFactory } from "@/lib/image-factory/factory";
import { ensureSchematic, rememberSchematic } from "@/lib/schematic/commands";
import { recomposeSchematic } from "@/lib/schematic/compose";
import { parseSchematic, type SchematicDocument } from "@/lib/schematic/document";
import { isTalosError } from "@/lib/talos/errors";
import { resourceDefs } from "@/lib/talos/resources";
import { withNodeClient } from "./access";
import { nodeCan } from "./capabilities";
import { fleet } from "./fleet";
import type { NodeState } from "./node-state";
import { refreshNodes } from "./refresh";

export type Assignment = {
  nodeId: string;
  name: string;
  schematicId: string;
  installImage: string;
  registered: boolean;
  warnings: string[];
};
export type AssignResult = { assigned: Assignment[]; refused: { nodeId: string; name: string; reason: string }[] };
type Operator = Ctx<Grants["operator"]>;

async function profilesById(ids: readonly string[]): Promise<GpuProfile[]> {
  const custom = await db.gpuProfile.findMany({ where: { id: { in: [...ids] } } });
  return ids.map((id) => {
    const row = custom.find((one) => one.id === id);
    const profile = builtInProfile(id) ?? (row && gpuProfile.parse(JSON.parse(row.definition)));
    if (!profile) throw new AppError("not-found", `There is no GPU profile ${id}.`);
    return profile;
  });
}

/** The parts of a schematic that belong to profiles of these vendors: they make way for the new ones. */
function partsOf(profiles: readonly GpuProfile[]) {
  const vendors = new Set(profiles.map(({ vendor }) => vendor));
  const replaced = vendors.has("none") ? builtInProfiles : builtInProfiles.filter(({ vendor }) => vendors.has(vendor));
  const all = [...replaced, ...profiles];
  return {
    extensions: all.flatMap(({ extensions }) => extensions.map(({ name }) => name)),
    kernelArgs: all.flatMap(({ kernelArgs }) => kernelArgs.map(({ arg }) => arg)),
  };
}

async function documentFromNode(ctx: Operator, nodeId: string): Promise<SchematicDocument | null> {
  const statuses = await withNodeClient(nodeId, "reader", (client) =>
    client.listResources(resourceDefs.extensionStatus),
  );
  const own = statuses.find(({ spec }) => spec.metadata.name === "schematic")?.spec.metadata;
  if (!own?.extraInfo) return null;
  const document = parseSchematic(own.extraInfo);
  await rememberSchematic(ctx, own.version, own.extraInfo);
  return document;
}

/** The schematic that the new one is made from: what runs, so that nothing that others put into it is lost. */
async function runningDocument(ctx: Operator, state: NodeState): Promise<SchematicDocument> {
  const id = state.facts.runningSchematicId;
  if (id === null) return {};
  const stored = await db.schematic.findUnique({ where: { id } });
  if (stored) return parseSchematic(stored.canonical);
  const read = await documentFromNode(ctx, state.record.id).catch((error: unknown) => {
    throw new AppError("refused", "The schematic that runs is not known here and could not be read from the node.", {
      hint: "Without it extensions could be lost. Try again when the node is reachable.",
      details: errorMessage(error),
      ...(isTalosError(error) && { cause: error }),
    });
  });
  if (read) return read;
  throw new AppError("refused", "The node does not say what is in its schematic, so extensions could be lost.");
}

async function assignOne(ctx: Operator, nodeId: string, profiles: readonly GpuProfile[]): Promise<Assignment> {
  const state = fleet().state(nodeId);
  const view = fleet().view(nodeId);
  if (!state || !view) throw new AppError("not-found", "This node is not (or no longer) there.");
  const possible = nodeCan.assignProfile(view, null);
  if (!possible.ok) throw new AppError("refused", possible.reason);
  const { facts, record } = state;
  const recorded = record.installImage === null ? null : parseInstallerImage(record.installImage);
  const talosVersion = facts.talosVersion ?? recorded?.tag;
  if (!talosVersion) throw new AppError("refused", "The node's Talos release is not known yet.");

  const resolution = resolveProfiles({
    profiles,
    talosVersion,
    arch: facts.architecture === "arm64" ? "arm64" : "amd64",
    gpus: facts.gpus,
    nvSwitch: facts.evidence.nvSwitch,
    availableExtensions: await extensionsIfReachable(talosVersion),
  });
  if (!resolution.ok) {
    throw new AppError("refused", [...new Set(resolution.refusals.map(({ message }) => message))].join(" "), {
      ...(view.suggestion && { hint: view.suggestion.reason }),
    });
  }
  const document = recomposeSchematic(await runningDocument(ctx, state), partsOf(profiles), resolution);
  const ensured = await ensureSchematic(ctx, document);
  const installImage = installerImage({
    factoryUrl: imageFactory().baseUrl,
    schematicId: ensured.id,
    talosVersion,
    ...(facts.secureBoot === true && { secureboot: true }),
  });
  await withTransaction(async (tx) => {
    await tx.nodeProfile.deleteMany({ where: { nodeId } });
    await tx.nodeProfile.createMany({ data: profiles.map(({ id }) => ({ nodeId, profileId: id })) });
    await tx.node.update({ where: { id: nodeId }, data: { schematicId: ensured.id, installImage } });
  });
  await refreshNodes([nodeId]);
  return {
    nodeId,
    name: view.name,
    schematicId: ensured.id,
    installImage,
    registered: ensured.registered,
    warnings: resolution.warnings,
  };
}

/**
 * Records GPU profiles as the intent of nodes: resolves them for each node's release and cards, composes its schematic
 * (keeping what else was in the running one), registers that, and records schematic and installer image. Nothing is
 * changed on the nodes.
 * @throws AppError for a single node that is refused; of several, those that are refused are listed with the reason.
 */
export async function assignProfiles(
  ctx: Operator,
  { nodeIds, profileIds }: { nodeIds: string[]; profileIds: string[] },
): Promise<AssignResult> {
  const profiles = await profilesById(profileIds);
  const result: AssignResult = { assigned: [], refused: [] };
  for (const nodeId of new Set(nodeIds)) {
    try {
      result.assigned.push(await assignOne(ctx, nodeId, profiles));
    } catch (error) {
      if (!(error instanceof AppError) || nodeIds.length === 1) throw error;
      result.refused.push({ nodeId, name: fleet().view(nodeId)?.name ?? nodeId, reason: error.message });
    }
  }
  return result;
}
