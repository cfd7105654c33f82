import "server-only";
import type { RegistrationResponseJSON } from "@simplewebauthn/server";
import { z } from "zod";
import { defineOperation } from "@/lib/operation/define-operation";
import {
  addPasskey,
  confirmTotp,
  newRecoveryCodes,
  removeFactor,
  resetFactors,
  startPasskey,
  startTotp,
} from "./factors/commands";
import { requirePlace } from "./factors/request-place";
import {
  browserOptions,
  codesOnce,
  factorCode,
  passkeyName,
  registrationAnswer,
  totpInvitationView,
} from "./factors/schema";

const nothing = z.object({});

export const startTotpOperation = defineOperation({
  name: "factor.start-totp",
  role: "viewer",
  kind: "change",
  sensitive: "accounts",
  summary: "Begins to set up an authenticator app as one's second factor. Its secret is answered this once.",
  input: nothing,
  output: totpInvitationView,
  run: async (ctx) => startTotp(ctx),
});

export const confirmTotpOperation = defineOperation({
  name: "factor.confirm-totp",
  role: "viewer",
  kind: "change",
  sensitive: "accounts",
  summary: "Makes an authenticator app count as one's second factor, with a code of it.",
  input: z.object({ code: factorCode }),
  output: codesOnce,
  run: async (ctx, { code }) => ({ recoveryCodes: await confirmTotp(ctx, code) }),
});

export const startPasskeyOperation = defineOperation({
  name: "factor.start-passkey",
  role: "viewer",
  kind: "compute",
  unaudited: "It changes nothing: the passkey counts once factor.add-passkey has stored it.",
  sensitive: "accounts",
  summary: "What a browser needs to make a passkey.",
  input: nothing,
  output: z.object({ options: browserOptions }),
  run: async (ctx) => ({ options: await startPasskey(ctx, await requirePlace()) }),
});

export const addPasskeyOperation = defineOperation({
  name: "factor.add-passkey",
  role: "viewer",
  kind: "change",
  sensitive: "accounts",
  summary: "Adds a passkey that the browser has made.",
  input: z.object({ name: passkeyName, answer: registrationAnswer }),
  output: codesOnce,
  auditDetail: ({ name }) => ({ name }),
  run: async (ctx, { name, answer }) => {
    const made = { name, answer: answer as RegistrationResponseJSON };
    return { recoveryCodes: await addPasskey(ctx, made, await requirePlace()) };
  },
});

export const removeFactorOperation = defineOperation({
  name: "factor.remove",
  role: "viewer",
  kind: "change",
  sensitive: "accounts",
  summary: "Removes one of one's own second factors.",
  input: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("totp") }),
    z.object({ kind: z.literal("passkey"), id: z.string().max(2000) }),
  ]),
  output: nothing,
  auditDetail: ({ kind }) => ({ factor: kind }),
  run: async (ctx, input) => (await removeFactor(ctx, input), {}),
});

export const newRecoveryCodesOperation = defineOperation({
  name: "factor.new-recovery-codes",
  role: "viewer",
  kind: "change",
  sensitive: "accounts",
  summary: "Makes new recovery codes and ends the former ones. They are answered this once.",
  input: nothing,
  output: z.object({ recoveryCodes: z.array(z.string()) }),
  run: async (ctx) => ({ recoveryCodes: await newRecoveryCodes(ctx) }),
});

export const resetFactorsOperation = defineOperation({
  name: "user.reset-factors",
  role: "admin",
  kind: "change",
  sensitive: "accounts",
  summary: "Takes all second factors of an account, whose person has lost them, and ends its sessions.",
  input: z.object({ userId: z.string() }),
  output: nothing,
  target: ({ userId }) => ({ kind: "user", id: userId }),
  run: async (ctx, { userId }) => (await resetFactors(ctx, userId), {}),
});
