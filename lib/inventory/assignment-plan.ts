import "server-only";
import { AppError, errorMessage } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { type GpuProfile, gpuProfile, type ProfileResolution } from "@/lib/gpu/profile-schema";
import { profileParts } from "@/lib/gpu/profile-parts";
import { builtInProfile } from "@/lib/gpu/profiles";
import { resolveProfiles } from "@/lib/gpu/resolve";
import { parseInstallerImage } from "@/lib/image-factory/asset-urls";
import { extensionsIfReachable } from "@/lib/image-factory/factory";
import { recomposeSchematic } from "@/lib/schematic/compose";
import { kernelArgsOf, parseSchematic, type SchematicDocument } from "@/lib/schematic/document";
import { isTalosError } from "@/lib/talos/errors";
import { resourceDefs } from "@/lib/talos/resources";
import { withNodeClient } from "./access";
import { nodeCan } from "./capabilities";
import { fleet } from "./fleet";
import type { NodeState } from "./node-state";

/** What assigning profiles to one node would record. Nothing is stored or sent. */
export type AssignmentPlan = {
  nodeId: string;
  name: string;
  talosVersion: string;
  platform: string | null;
  secureBoot: boolean;
  /** What runs; `text` is set where only the node knew it, so that it may be kept. Null = the node runs no schematic. */
  running: { id: string; document: SchematicDocument; text: string | null } | null;
  document: SchematicDocument;
  resolution: Extract<ProfileResolution, { ok: true }>;
};

/** @throws AppError `not-found` */
export async function profilesById(ids: readonly string[]): Promise<GpuProfile[]> {
  const custom = await db.gpuProfile.findMany({ where: { id: { in: [...ids] } } });
  return ids.map((id) => {
    const row = custom.find((one) => one.id === id);
    const profile = builtInProfile(id) ?? (row && gpuProfile.parse(JSON.parse(row.definition)));
    if (!profile) throw new AppError("not-found", `There is no GPU profile ${id}.`);
    return profile;
  });
}

async function runningFromNode(nodeId: string): Promise<AssignmentPlan["running"]> {
  const statuses = await withNodeClient(nodeId, "reader", (client) =>
    client.listResources(resourceDefs.extensionStatus),
  );
  const own = statuses.find(({ spec }) => spec.metadata.name === "schematic")?.spec.metadata;
  if (!own?.extraInfo) return null;
  return { id: own.version, document: parseSchematic(own.extraInfo), text: own.extraInfo };
}

/** The schematic that the new one is made from: what runs, so that nothing that others put into it is lost. */
async function runningSchematic({ facts, record }: NodeState): Promise<AssignmentPlan["running"]> {
  const id = facts.runningSchematicId;
  if (id === null) return null;
  const stored = await db.schematic.findUnique({ where: { id } });
  if (stored) return { id, document: parseSchematic(stored.canonical), text: null };
  const read = await runningFromNode(record.id).catch((error: unknown) => {
    throw new AppError("refused", "The schematic that runs is not known here and could not be read from the node.", {
      hint: "Without it extensions could be lost. Try again when the node is reachable.",
      details: errorMessage(error),
      ...(isTalosError(error) && { cause: error }),
    });
  });
  if (read) return read;
  throw new AppError("refused", "The node does not say what is in its schematic, so extensions could be lost.");
}

/**
 * Resolves profiles for a node's release and cards, and composes its schematic: the running one, with its GPU parts replaced.
 * @throws AppError `refused` with the reason.
 */
export async function planAssignment(nodeId: string, profiles: readonly GpuProfile[]): Promise<AssignmentPlan> {
  const state = fleet().state(nodeId);
  const view = fleet().view(nodeId);
  if (!state || !view) throw new AppError("not-found", "This node is not (or no longer) there.");
  const possible = nodeCan.assignProfile(view, null);
  if (!possible.ok) throw new AppError("refused", possible.reason);
  const { facts, record } = state;
  const recorded = record.installImage === null ? null : parseInstallerImage(record.installImage);
  const talosVersion = facts.talosVersion ?? recorded?.tag;
  if (!talosVersion) throw new AppError("refused", "The node's Talos release is not known yet.");

  const running = await runningSchematic(state);
  const parts = profileParts(profiles, record.profiles);
  const resolution = resolveProfiles({
    profiles,
    talosVersion,
    arch: facts.architecture === "arm64" ? "arm64" : "amd64",
    gpus: facts.gpus,
    nvSwitch: facts.evidence.nvSwitch,
    availableExtensions: await extensionsIfReachable(talosVersion),
    // What stays in the image counts: a card may need force_probe, which only the image can say.
    kernelArgs: kernelArgsOf(running?.document ?? {}).filter((arg) => !parts.kernelArgs.includes(arg)),
  });
  if (!resolution.ok) {
    throw new AppError("refused", [...new Set(resolution.refusals.map(({ message }) => message))].join(" "), {
      ...(view.suggestion && { hint: view.suggestion.reason }),
    });
  }
  return {
    nodeId,
    name: view.name,
    talosVersion,
    platform: facts.platform,
    secureBoot: facts.secureBoot === true,
    running,
    document: recomposeSchematic(running?.document ?? {}, parts, resolution),
    resolution,
  };
}
