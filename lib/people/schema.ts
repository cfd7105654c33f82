import { z } from "zod";
import { roles } from "@/lib/auth/role";

/** Shown, compared and logged: plain characters only. */
export const userName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@-]{0,63}$/, "Use 1 to 64 of: a-z, 0-9, dot, hyphen, underscore, @.");
export const newPassword = z
  .string()
  .min(12, "Use at least 12 characters.")
  .max(200, "Use at most 200 characters.")
  .refine((text) => new Set(text).size >= 5, "Use at least five different characters.");
export const role = z.enum(roles);

export const userView = z.object({
  id: z.string(),
  name: z.string(),
  role,
  disabled: z.boolean(),
  lastSignInAtMs: z.number().nullable(),
  createdAtMs: z.number(),
});
export type UserView = z.infer<typeof userView>;

export const tokenView = z.object({
  id: z.string(),
  name: z.string(),
  role,
  owner: z.string().nullable(),
  createdAtMs: z.number(),
  lastUsedAtMs: z.number().nullable(),
  expiresAtMs: z.number().nullable(),
  revoked: z.boolean(),
});
export type TokenView = z.infer<typeof tokenView>;

export const createUserInput = z.object({ name: userName, role, password: newPassword });
export const setRoleInput = z.object({ userId: z.string(), role });
export const setPasswordInput = z.object({ userId: z.string(), password: newPassword });
export const disableUserInput = z.object({ userId: z.string(), disabled: z.boolean().default(true) });
export const changePasswordInput = z.object({
  current: z.string().min(1, "Enter your present password.").max(200),
  password: newPassword,
});
export const createTokenInput = z.object({
  name: z.string().trim().min(1, "Give it a name.").max(60, "Use at most 60 characters."),
  role,
  /** Days until it expires. */
  expiresInDays: z.number().int().min(1, "At least one day.").max(365, "At most a year.").default(90),
});
export const setUpInput = z.object({ token: z.string().min(20).max(200), name: userName, password: newPassword });
