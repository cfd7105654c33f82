import "server-only";
import { z } from "zod";
import { log } from "@/lib/core/log";
import { inBatches } from "@/lib/db/batches";
import { db } from "@/lib/db/client";
import { type GpuProfile, gpuProfile } from "@/lib/gpu/profile-schema";
import { builtInProfile } from "@/lib/gpu/profiles";
import { factsFromStored, type NodeFacts } from "./facts";
import type { Fallback, NodeRecord } from "./node-state";
import { nodeRoles } from "./schema";

const macList = z.array(z.string());
const roleOf = z.enum(nodeRoles).catch("unknown");

export type StoredNode = { record: NodeRecord; facts: NodeFacts; factsAtMs: number | null };

const include = {
  cluster: { select: { name: true } },
  schematic: { select: { registeredAt: true } },
  profiles: { select: { profileId: true }, orderBy: { profileId: "asc" } },
} as const;

/** JSON list of MACs in a node's row; a broken one counts as none. */
export function parseMacs(json: string): string[] {
  try {
    return macList.parse(JSON.parse(json));
  } catch {
    return [];
  }
}

function profileById(id: string, definition: string | undefined): GpuProfile | null {
  const builtIn = builtInProfile(id);
  if (builtIn || definition === undefined) return builtIn ?? null;
  const parsed = gpuProfile.safeParse(JSON.parse(definition));
  if (!parsed.success) log.warn("A stored GPU profile does not parse and is left out", { profileId: id });
  return parsed.success ? parsed.data : null;
}

/** Nodes as recorded, with the facts that were last read of them; all of them, or those with the given ids. */
export async function loadNodes(ids?: readonly string[]): Promise<StoredNode[]> {
  // Never all at once: their relations are read with one parameter a node.
  const wanted = ids ?? (await db.node.findMany({ select: { id: true } })).map(({ id }) => id);
  const rows = await inBatches(wanted, (batch) => db.node.findMany({ where: { id: { in: batch } }, include }));
  const custom = new Map((await db.gpuProfile.findMany()).map((row) => [row.id, row.definition]));
  return rows.map((row) => ({
    record: {
      id: row.id,
      clusterId: row.clusterId,
      clusterName: row.cluster?.name ?? null,
      address: row.address,
      machineUuid: row.machineUuid,
      macs: parseMacs(row.macs),
      role: roleOf.parse(row.role),
      hostname: row.hostname,
      profiles: row.profiles.flatMap(({ profileId }) => profileById(profileId, custom.get(profileId)) ?? []),
      schematicId: row.schematicId,
      schematicRegistered: row.schematic?.registeredAt != null,
      installImage: row.installImage,
      asFound: row.recordedAsFound,
      configHash: row.configHash,
      maintenanceFingerprint: row.maintenanceFingerprint,
    },
    facts: factsFromStored(row.facts),
    factsAtMs: row.factsAt?.getTime() ?? null,
  }));
}

/** Which unfinished upgrade run holds which node. */
export async function loadHeldNodes(): Promise<Map<string, string>> {
  const rows = await db.upgradeRunNode.findMany({
    where: { finishedAt: null, run: { finishedAt: null } },
    select: { nodeId: true, runId: true },
  });
  return new Map(rows.map(({ nodeId, runId }) => [nodeId, runId]));
}

/** Nodes whose last upgrade ended with Talos booting what it was before; of all nodes, or of those with the given ids. */
export async function loadFallbacks(nodeIds?: readonly string[]): Promise<Map<string, Fallback>> {
  const rows = await db.upgradeRunNode.findMany({
    where: { startedAt: { not: null }, ...(nodeIds && { nodeId: { in: [...nodeIds] } }) },
    orderBy: { startedAt: "desc" },
    distinct: ["nodeId"],
    select: { nodeId: true, state: true, fromVersion: true, toVersion: true, toSchematicId: true },
  });
  return new Map(
    rows.filter(({ state }) => state === "rolled-back").map(({ nodeId, state: _state, ...ended }) => [nodeId, ended]),
  );
}
