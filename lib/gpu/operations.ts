import "server-only";
import { z } from "zod";
import { defineOperation } from "@/lib/operation/define-operation";
import { createProfile, deleteProfile, updateProfile } from "./commands";
import { customProfileInput } from "./custom-profile";

const profileId = z.string().min(1).max(80);
const done = z.object({});

/** Stores a custom GPU profile. */
export const createProfileOperation = defineOperation({
  name: "gpu-profile.create",
  role: "operator",
  kind: "change",
  summary: "Creates a custom GPU profile.",
  input: z.object({ profile: customProfileInput }),
  output: z.object({ id: z.string() }),
  target: ({ profile }) => ({ kind: "gpu-profile", id: profile.name, name: profile.name }),
  run: async (ctx, { profile }) => ({ id: await createProfile(ctx, profile) }),
});

/** Replaces a custom GPU profile. */
export const updateProfileOperation = defineOperation({
  name: "gpu-profile.update",
  role: "operator",
  kind: "change",
  summary: "Replaces a custom GPU profile. Nodes follow when it is assigned to them again.",
  input: z.object({ id: profileId, profile: customProfileInput }),
  output: done,
  target: ({ id, profile }) => ({ kind: "gpu-profile", id, name: profile.name }),
  run: async (ctx, { id, profile }) => (await updateProfile(ctx, id, profile), {}),
});

/** Removes a custom GPU profile. */
export const deleteProfileOperation = defineOperation({
  name: "gpu-profile.delete",
  role: "operator",
  kind: "change",
  summary: "Deletes a custom GPU profile that no node has.",
  input: z.object({ id: profileId }),
  output: done,
  target: ({ id }) => ({ kind: "gpu-profile", id }),
  run: async (ctx, { id }) => (await deleteProfile(ctx, id), {}),
});
