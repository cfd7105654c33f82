import "server-only";
import type { z } from "zod";
import type { Ctx } from "@/lib/auth/ctx";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { withTransaction } from "@/lib/db/transaction";
import { checkCustomProfile, type customProfileInput } from "./custom-profile";
import { powersOfProfile } from "./meaning/profile-powers";
import { requireAdminFor } from "./meaning/require-admin";
import type { GpuProfile } from "./profile-schema";
import { builtInProfile } from "./profiles";

type CustomProfile = z.output<typeof customProfileInput>;

function refuseBuiltIn(id: string): void {
  if (builtInProfile(id)) {
    throw new AppError("refused", "Built-in profiles cannot be changed.", {
      hint: "Make a profile of your own from it.",
    });
  }
}

const taken = (name: string) =>
  new AppError("conflict", `There is another profile with the name ${name}.`, {
    fields: { name: "Choose another name." },
  });

/**
 * Stores a custom profile and gives its id.
 * @throws AppError `invalid-input`, `refused`, `conflict` for a name in use, or `forbidden` for an operator's profile with an
 * administrator's powers.
 */
export async function createProfile(ctx: Ctx<"operator">, input: CustomProfile): Promise<string> {
  const profile: GpuProfile = { ...input, id: newId("profile") };
  checkCustomProfile(profile);
  requireAdminFor(ctx, powersOfProfile(profile));
  return withTransaction(async (tx) => {
    if (await tx.gpuProfile.findUnique({ where: { name: profile.name } })) throw taken(profile.name);
    await tx.gpuProfile.create({ data: { id: profile.id, name: profile.name, definition: JSON.stringify(profile) } });
    return profile.id;
  });
}

/**
 * Replaces a custom profile. Nodes that have it keep their schematic until it is assigned to them again: nothing changes
 * on a node by itself.
 * @throws AppError as `createProfile`, and `not-found`.
 */
export async function updateProfile(ctx: Ctx<"operator">, id: string, input: CustomProfile): Promise<void> {
  refuseBuiltIn(id);
  const profile: GpuProfile = { ...input, id };
  checkCustomProfile(profile);
  requireAdminFor(ctx, powersOfProfile(profile));
  await withTransaction(async (tx) => {
    const same = await tx.gpuProfile.findUnique({ where: { name: profile.name } });
    if (same && same.id !== id) throw taken(profile.name);
    const { count } = await tx.gpuProfile.updateMany({
      where: { id },
      data: { name: profile.name, definition: JSON.stringify(profile) },
    });
    if (count === 0) throw new AppError("not-found", "There is no such GPU profile.");
  });
}

/** Removes a custom profile that no node has. @throws AppError `conflict` while one has it, `not-found`, `refused`. */
export async function deleteProfile(_ctx: Ctx<"operator">, id: string): Promise<void> {
  refuseBuiltIn(id);
  await withTransaction(async (tx) => {
    const nodes = await tx.nodeProfile.count({ where: { profileId: id } });
    if (nodes > 0) {
      throw new AppError("conflict", `The profile is assigned to ${nodes} ${nodes === 1 ? "node" : "nodes"}.`, {
        hint: "Assign another profile to them first.",
      });
    }
    const { count } = await tx.gpuProfile.deleteMany({ where: { id } });
    if (count === 0) throw new AppError("not-found", "There is no such GPU profile.");
  });
}
