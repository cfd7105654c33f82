import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { db } from "@/lib/db/client";
import type { Actor } from "./ctx";
import { noteUse } from "./note-use";
import { commonRole, parseRole } from "./role";

const prefix = "ichor_";
const noteUseEveryMs = 60_000;

/** A new token (256 random bits) and what is stored of it. */
export function newApiToken(): { token: string; hash: string } {
  const token = `${prefix}${randomBytes(32).toString("base64url")}`;
  return { token, hash: hashToken(token) };
}

const doorList = z.array(z.string());
/** The operations and reads that a token is narrowed to, from its column; null = all that its role may. */
export const parseDoors = (text: string | null): string[] | null =>
  text === null ? null : doorList.parse(JSON.parse(text));

/** sha256, hex. A fast hash is enough for a secret that nobody chose. */
export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");

/**
 * Who a bearer token stands for, or null where it is unknown, revoked, expired, or its owner is disabled. It never has a
 * greater role than its owner has now.
 */
export async function actorOfToken(token: string, nowMs: number): Promise<Actor | null> {
  if (!token.startsWith(prefix) || token.length > 100) return null;
  const row = await db.apiToken.findUnique({ where: { hash: hashToken(token) }, include: { user: true } });
  // One without an end is none: every token expires.
  if (!row || row.revokedAt || !row.expiresAt || row.expiresAt.getTime() <= nowMs || row.user?.disabledAt) return null;
  if (!row.lastUsedAt || nowMs - row.lastUsedAt.getTime() > noteUseEveryMs) {
    const data = { lastUsedAt: new Date(nowMs) };
    await noteUse("token", db.apiToken.updateMany({ where: { id: row.id }, data }));
  }
  const own = parseRole(row.role);
  return {
    kind: "token",
    id: row.id,
    name: row.name,
    role: row.user ? commonRole(parseRole(row.user.role), own) : own,
    ownerId: row.userId,
    doors: parseDoors(row.doors),
    expiresAtMs: row.expiresAt.getTime(),
  };
}
