import "server-only";
import { z } from "zod";
import { defineOperation } from "@/lib/operation/define-operation";
import { changePassword, createUser, setDisabled, setPassword, setRole, signOutEverywhere } from "./commands";
import {
  changePasswordInput,
  createTokenInput,
  createUserInput,
  disableUserInput,
  setPasswordInput,
  setRoleInput,
} from "./schema";
import { createToken, revokeToken } from "./tokens";

const done = z.object({});

export const createUserOperation = defineOperation({
  name: "user.create",
  role: "admin",
  kind: "change",
  summary: "Creates an account.",
  input: createUserInput,
  output: z.object({ id: z.string() }),
  target: (input) => ({ kind: "user", id: input.name, name: input.name }),
  auditDetail: (input) => ({ role: input.role }),
  run: async (ctx, input) => ({ id: await createUser(ctx, input) }),
});

export const setRoleOperation = defineOperation({
  name: "user.set-role",
  role: "admin",
  kind: "change",
  summary: "Gives an account another role and ends its sessions.",
  input: setRoleInput,
  output: done,
  target: (input) => ({ kind: "user", id: input.userId }),
  auditDetail: (input) => ({ role: input.role }),
  run: async (ctx, input) => (await setRole(ctx, input.userId, input.role), {}),
});

export const setPasswordOperation = defineOperation({
  name: "user.set-password",
  role: "admin",
  kind: "change",
  summary: "Sets an account's password and ends its sessions.",
  input: setPasswordInput,
  output: done,
  target: (input) => ({ kind: "user", id: input.userId }),
  run: async (ctx, input) => (await setPassword(ctx, input.userId, input.password), {}),
});

export const disableUserOperation = defineOperation({
  name: "user.disable",
  role: "admin",
  kind: "change",
  summary: "Disables an account, its sessions and its tokens; or enables it again.",
  input: disableUserInput,
  output: done,
  target: (input) => ({ kind: "user", id: input.userId }),
  auditDetail: (input) => ({ disabled: input.disabled }),
  run: async (ctx, input) => (await setDisabled(ctx, input.userId, input.disabled), {}),
});

export const changePasswordOperation = defineOperation({
  name: "session.change-password",
  role: "viewer",
  kind: "change",
  summary: "Changes one's own password and ends one's sessions.",
  input: changePasswordInput,
  output: done,
  run: async (ctx, input) => (await changePassword(ctx, input), {}),
});

export const signOutEverywhereOperation = defineOperation({
  name: "session.sign-out-everywhere",
  role: "viewer",
  kind: "change",
  summary: "Ends all of one's sessions, on every device.",
  input: z.object({}),
  output: done,
  run: async (ctx) => (await signOutEverywhere(ctx), {}),
});

export const createTokenOperation = defineOperation({
  name: "token.create",
  role: "viewer",
  kind: "change",
  summary: "Makes an API token of one's own role or less. It is answered this once.",
  input: createTokenInput,
  output: z.object({ id: z.string(), token: z.string(), expiresAtMs: z.number() }),
  target: (input) => ({ kind: "token", id: input.name, name: input.name }),
  auditDetail: (input) => ({ role: input.role, expiresInDays: input.expiresInDays }),
  run: createToken,
});

export const revokeTokenOperation = defineOperation({
  name: "token.revoke",
  role: "viewer",
  kind: "change",
  summary: "Ends an API token at once.",
  input: z.object({ tokenId: z.string() }),
  output: done,
  target: (input) => ({ kind: "token", id: input.tokenId }),
  run: async (ctx, input) => (await revokeToken(ctx, input.tokenId), {}),
});
