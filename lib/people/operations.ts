import "server-only";
import { z } from "zod";
import { defineOperation } from "@/lib/operation/define-operation";
import {
  changePassword,
  createUser,
  requireUser,
  setDisabled,
  setPassword,
  setRole,
  signOutEverywhere,
} from "./commands";
import {
  changePasswordInput,
  createTokenInput,
  createUserInput,
  disableUserInput,
  proofWays,
  proveInput,
  sessionView,
  setPasswordInput,
  setRoleInput,
} from "./schema";
import { listSessions } from "./queries";
import { requestPlace } from "./factors/request-place";
import { prove, waysToProve } from "./prove";
import { endOneSession } from "./sessions";
import { createToken, revokeToken } from "./tokens";

const done = z.object({});

export const createUserOperation = defineOperation({
  name: "user.create",
  role: "admin",
  kind: "change",
  sensitive: "accounts",
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
  sensitive: "accounts",
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
  sensitive: "accounts",
  summary: "Sets an account's password and ends its sessions and API tokens.",
  input: setPasswordInput,
  output: done,
  target: (input) => ({ kind: "user", id: input.userId }),
  run: async (ctx, input) => (await setPassword(ctx, input.userId, input.password), {}),
});

export const disableUserOperation = defineOperation({
  name: "user.disable",
  role: "admin",
  kind: "change",
  sensitive: "accounts",
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
  summary: "Changes one's own password and ends one's sessions and API tokens.",
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

export const listSessionsOperation = defineOperation({
  name: "session.list",
  role: "viewer",
  kind: "compute",
  unaudited: "It reads who is signed in, and opens nothing.",
  summary: "The sessions that are open now: one's own, or as an admin everybody's.",
  input: z.object({}),
  output: z.object({ sessions: z.array(sessionView) }),
  run: async (ctx) => (requireUser(ctx), { sessions: await listSessions(ctx, Date.now()) }),
});

export const endSessionOperation = defineOperation({
  name: "session.end",
  role: "viewer",
  kind: "change",
  sensitive: "accounts",
  summary: "Ends a session at once, with its open streams: one's own, or as an admin anybody's.",
  input: z.object({ sessionId: z.string().max(100) }),
  output: done,
  auditDetail: (input) => ({ session: input.sessionId }),
  run: async (ctx, input) => (await endOneSession(ctx, input.sessionId), {}),
});

export const startProofOperation = defineOperation({
  name: "session.start-proof",
  role: "viewer",
  kind: "compute",
  unaudited: "It says what session.prove takes from the one who asks, and opens nothing.",
  summary: "What one can prove again with who one is, in this session.",
  input: z.object({}),
  output: z.object({ ways: proofWays }),
  run: async (ctx) => ({ ways: await waysToProve(ctx, await requestPlace(), Date.now()) }),
});

export const proveOperation = defineOperation({
  name: "session.prove",
  role: "viewer",
  kind: "change",
  summary:
    "Proves again who one is, by what one's sign-in asks for: what is sensitive is then allowed for 5 minutes in this session.",
  input: proveInput,
  output: done,
  auditDetail: (input) => ({ by: input.by }),
  run: async (ctx, input) => (await prove(ctx, input, await requestPlace(), Date.now()), {}),
});

export const createTokenOperation = defineOperation({
  name: "token.create",
  role: "viewer",
  kind: "change",
  sensitive: "accounts",
  summary:
    "Makes an API token of one's own role or less, for all that the role may or only what is named. It is answered this once.",
  input: createTokenInput,
  output: z.object({ id: z.string(), token: z.string(), expiresAtMs: z.number() }),
  target: (input) => ({ kind: "token", id: input.name, name: input.name }),
  auditDetail: (input) => ({ role: input.role, expiresInDays: input.expiresInDays, only: input.doors }),
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
