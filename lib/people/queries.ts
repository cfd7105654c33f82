import "server-only";
import { parseDoors } from "@/lib/auth/api-token";
import { parseProofMethod } from "@/lib/auth/proof";
import { parseRole } from "@/lib/auth/role";
import type { Ctx } from "@/lib/auth/ctx";
import { openAt } from "@/lib/auth/session";
import { db } from "@/lib/db/client";
import type { SessionView, TokenView, UserView } from "./schema";

/** Everyone with an account, by name. */
export async function listUsers(_ctx: Ctx<"admin">): Promise<UserView[]> {
  const users = await db.user.findMany({ orderBy: { name: "asc" } });
  return users.map((user) => ({
    id: user.id,
    name: user.name,
    role: parseRole(user.role),
    disabled: user.disabledAt !== null,
    lastSignInAtMs: user.lastSignInAt?.getTime() ?? null,
    createdAtMs: user.createdAt.getTime(),
  }));
}

/** API tokens, newest first: an admin sees all, others their own. The tokens themselves are not stored. */
export async function listTokens(ctx: Ctx): Promise<TokenView[]> {
  const { actor } = ctx;
  const all = actor.kind === "system" || actor.role === "admin";
  const tokens = await db.apiToken.findMany({
    where: all ? {} : { userId: actor.kind === "user" ? actor.id : "" },
    include: { user: { select: { name: true } } },
    orderBy: { createdAt: "desc" },
  });
  return tokens.map((token) => ({
    id: token.id,
    name: token.name,
    role: parseRole(token.role),
    owner: token.user?.name ?? null,
    createdAtMs: token.createdAt.getTime(),
    lastUsedAtMs: token.lastUsedAt?.getTime() ?? null,
    expiresAtMs: token.expiresAt?.getTime() ?? null,
    revoked: token.revokedAt !== null,
    doors: parseDoors(token.doors),
  }));
}

/** The sessions that are open now, the last used first: an admin sees all, others their own. */
export async function listSessions(ctx: Ctx, nowMs: number): Promise<SessionView[]> {
  const { actor } = ctx;
  const all = actor.kind === "system" || actor.role === "admin";
  const rows = await db.session.findMany({
    where: { ...openAt(nowMs), ...(!all && { userId: actor.kind === "user" ? actor.id : "" }) },
    include: { user: { select: { id: true, name: true } } },
    orderBy: { lastUsedAt: "desc" },
  });
  return rows.map((row) => ({
    id: row.id,
    owner: row.user,
    current: actor.kind === "user" && actor.session?.id === row.id,
    createdAtMs: row.createdAt.getTime(),
    lastUsedAtMs: row.lastUsedAt.getTime(),
    lastProofAtMs: row.lastProofAt.getTime(),
    expiresAtMs: row.expiresAt.getTime(),
    method: parseProofMethod(row.method),
    address: row.address,
    agent: row.agent,
  }));
}
