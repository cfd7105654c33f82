import "server-only";
import { z } from "zod";
import type { Ctx } from "@/lib/auth/ctx";
import { AppError } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { db } from "@/lib/db/client";
import { shownProfile } from "./meaning/shown-profile";
import { gpuProfile, type GpuProfile } from "./profile-schema";
import { builtInProfile, builtInProfiles } from "./profiles";

/** A profile with what is known of its use. */
export const gpuProfileView = z.object({
  profile: gpuProfile,
  builtIn: z.boolean(),
  /** Nodes that it is assigned to. */
  nodes: z.array(z.object({ id: z.string(), name: z.string() })),
});
export type GpuProfileView = z.infer<typeof gpuProfileView>;

/** A profile from its row; null, and a warning, where an older Ichor wrote what does not parse any more. */
export function profileFromRow({ id, definition }: { id: string; definition: string }): GpuProfile | null {
  let value: unknown;
  try {
    value = JSON.parse(definition);
  } catch {
    value = null;
  }
  const parsed = gpuProfile.safeParse(value);
  if (parsed.success && parsed.data.id === id) return parsed.data;
  log.warn("A stored GPU profile does not parse and is left out.", { profileId: id });
  return null;
}

/** All profiles, the built-in ones first, with the nodes that they are assigned to; to viewers without values that may be secrets. */
export async function listProfiles(ctx: Ctx): Promise<GpuProfileView[]> {
  const rows = await db.gpuProfile.findMany({ orderBy: { name: "asc" } });
  const assigned = await db.nodeProfile.findMany({
    select: { profileId: true, node: { select: { id: true, hostname: true, address: true } } },
  });
  const view = (profile: GpuProfile, builtIn: boolean): GpuProfileView => ({
    profile,
    builtIn,
    nodes: assigned
      .filter(({ profileId }) => profileId === profile.id)
      .map(({ node }) => ({ id: node.id, name: node.hostname ?? node.address ?? node.id })),
  });
  const custom = rows.flatMap((row) => profileFromRow(row) ?? []);
  return [
    ...builtInProfiles.map((profile) => view(profile, true)),
    ...custom.map((profile) => view(shownProfile(ctx, profile), false)),
  ];
}

/** One profile with its use. @throws AppError `not-found`. */
export async function getProfile(ctx: Ctx, id: string): Promise<GpuProfileView> {
  const found = (await listProfiles(ctx)).find(({ profile }) => profile.id === id);
  if (!found) throw new AppError("not-found", "There is no such GPU profile.");
  return found;
}

/** Profiles by their ids, in that order. @throws AppError `not-found` naming the first unknown one. */
export async function profilesByIds(_ctx: Ctx, ids: readonly string[]): Promise<GpuProfile[]> {
  const rows = await db.gpuProfile.findMany({ where: { id: { in: [...ids] } } });
  const custom = new Map(rows.flatMap((row) => profileFromRow(row) ?? []).map((profile) => [profile.id, profile]));
  return ids.map((id) => {
    const profile = builtInProfile(id) ?? custom.get(id);
    if (!profile) throw new AppError("not-found", `There is no GPU profile ${id.slice(0, 70)}.`);
    return profile;
  });
}
