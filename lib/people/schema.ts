import { z } from "zod";
import { proofMethods } from "@/lib/auth/proof";
import { roles } from "@/lib/auth/role";
import { authenticationAnswer, browserOptions, factorCode } from "./factors/schema";

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
  doors: z.array(z.string()).nullable(),
});
export type TokenView = z.infer<typeof tokenView>;

export const sessionView = z.object({
  id: z.string(),
  owner: z.object({ id: z.string(), name: z.string() }),
  /** Whether it is the one that asks. */
  current: z.boolean(),
  createdAtMs: z.number(),
  lastUsedAtMs: z.number(),
  lastProofAtMs: z.number(),
  expiresAtMs: z.number(),
  method: z.enum(proofMethods),
  address: z.string(),
  agent: z.string(),
});
export type SessionView = z.infer<typeof sessionView>;

export const createUserInput = z.object({ name: userName, role, password: newPassword });
export const setRoleInput = z.object({ userId: z.string(), role });
export const setPasswordInput = z.object({ userId: z.string(), password: newPassword });
export const disableUserInput = z.object({ userId: z.string(), disabled: z.boolean().default(true) });
export const changePasswordInput = z.object({
  current: z.string().min(1, "Enter your current password.").max(200),
  password: newPassword,
});
/** What proves again who somebody is: what their sign-in would ask for, all at once. */
export const proveInput = z.discriminatedUnion("by", [
  z.object({
    by: z.literal("password"),
    password: z.string().min(1, "Enter your password.").max(200),
    /** Of the authenticator app, or a recovery code; null for an account that has no second factor. */
    code: factorCode.nullable().default(null),
  }),
  z.object({ by: z.literal("passkey"), answer: authenticationAnswer }),
]);
export type ProveInput = z.output<typeof proveInput>;

/** What a person can prove it with, in the session that asks. */
export const proofWays = z.discriminatedUnion("by", [
  /** An account of the identity provider; `label` of the button that leads there, null where no provider is set any more. */
  z.object({ by: z.literal("provider"), label: z.string().nullable() }),
  z.object({
    by: z.literal("own"),
    /** What the password needs beside it: nothing, a code of the app (or a recovery code), or a recovery code. */
    code: z.enum(["none", "app", "recovery"]),
    /** For the browser, where a passkey can be shown at this address. */
    passkey: browserOptions.nullable(),
  }),
]);
export type ProofWays = z.infer<typeof proofWays>;
export const createTokenInput = z.object({
  name: z.string().trim().min(1, "Give it a name.").max(60, "Use at most 60 characters."),
  role,
  /** The operations (`node.reboot`) and reads (`nodes.list`) that it may use; null = all that its role may. */
  doors: z
    .array(z.string().regex(/^[a-z][a-z-]*\.[a-z][a-z-]*$/, "Names such as node.reboot or nodes.list."))
    .min(1, "Name at least one, or leave it out.")
    .max(200, "Name at most 200.")
    .nullable()
    .default(null),
  /** Days until it expires. */
  expiresInDays: z.number().int().min(1, "At least one day.").max(365, "At most a year.").default(90),
});
export const setUpInput = z.object({ token: z.string().min(20).max(200), name: userName, password: newPassword });
