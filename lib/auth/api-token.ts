import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { StorageUnavailable } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { db } from "@/lib/db/client";
import type { Actor } from "./ctx";
import { parseRole, roleSatisfies } from "./role";

const prefix = "ichor_";
const noteUseEveryMs = 60_000;

/** A new token (256 random bits) and what is stored of it. */
export function newApiToken(): { token: string; hash: string } {
  const token = `${prefix}${randomBytes(32).toString("base64url")}`;
  return { token, hash: hashToken(token) };
}

/** sha256, hex. A fast hash is enough for a secret that nobody chose. */
export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");

/**
 * Who a bearer token stands for, or null where it is unknown, revoked, expired, or its owner is disabled. It never has a
 * greater role than its owner has now.
 */
export async function actorOfToken(token: string, nowMs: number): Promise<Actor | null> {
  if (!token.startsWith(prefix) || token.length > 100) return null;
  const row = await db.apiToken.findUnique({ where: { hash: hashToken(token) }, include: { user: true } });
  if (!row || row.revokedAt || (row.expiresAt && row.expiresAt.getTime() <= nowMs) || row.user?.disabledAt) return null;
  if (!row.lastUsedAt || nowMs - row.lastUsedAt.getTime() > noteUseEveryMs) {
    await db.apiToken
      .updateMany({ where: { id: row.id }, data: { lastUsedAt: new Date(nowMs) } })
      // When it was used is a courtesy: a full disk must not keep anybody from reading.
      .catch((error: unknown) => {
        if (!(error instanceof StorageUnavailable)) throw error;
        log.warn("The last use of an API token could not be noted", { reason: error.message });
      });
  }
  const own = parseRole(row.role);
  const owner = row.user ? parseRole(row.user.role) : own;
  const role = roleSatisfies(owner, own) ? own : owner;
  return { kind: "token", id: row.id, name: row.name, role, ownerId: row.userId };
}
