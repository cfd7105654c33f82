import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { newId } from "@/lib/core/ids";
import { db } from "@/lib/db/client";
import { type Tx, withTransaction } from "@/lib/db/transaction";
import { endStreamsOf } from "@/lib/live/sse";
import type { Client } from "./client-address";
import type { Actor } from "./ctx";
import { noteUse } from "./note-use";
import { parseProofMethod, type ProofMethod } from "./proof";
import { parseRole } from "./role";
import { absoluteSeconds, idleSeconds } from "./session-cookie";

/** Of one account, open at once: beyond it the one that was used longest ago ends. */
const mostPerAccount = 20;
const noteUseEveryMs = 60_000;

const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");
/** Sessions that are open at that time. */
export const openAt = (nowMs: number) => ({
  expiresAt: { gt: new Date(nowMs) },
  lastUsedAt: { gt: new Date(nowMs - idleSeconds * 1000) },
});

/**
 * Opens a session for an account that has just proven who it is, and ends the one that the browser had before.
 * @param provenAtMs when the proof was shown, where that was elsewhere and earlier; null where nobody can say.
 * @returns the secret for the cookie, of which only a hash is stored.
 */
export async function openSession(
  userId: string,
  method: ProofMethod,
  {
    client,
    nowMs,
    replaces = null,
    provenAtMs = nowMs,
  }: { client: Client; nowMs: number; replaces?: string | null; provenAtMs?: number | null },
): Promise<{ id: string; secret: string }> {
  const secret = randomBytes(32).toString("base64url");
  const id = newId("session");
  const now = new Date(nowMs);
  const ended = await withTransaction(async (tx) => {
    const own = await tx.session.findMany({ where: { userId }, orderBy: { lastUsedAt: "desc" }, select: { id: true } });
    const former = replaces === null ? null : await tx.session.findUnique({ where: { hash: hashOf(replaces) } });
    const over = [...own.slice(mostPerAccount - 1), former].filter((one) => one !== null).map((one) => one.id);
    await tx.session.deleteMany({ where: { OR: [{ id: { in: over } }, { NOT: openAt(nowMs) }] } });
    await tx.session.create({
      data: {
        id,
        hash: hashOf(secret),
        userId,
        method,
        // Never later than now, whatever another clock says; null is long ago.
        lastProofAt: new Date(Math.min(provenAtMs ?? 0, nowMs)),
        createdAt: now,
        lastUsedAt: now,
        expiresAt: new Date(nowMs + absoluteSeconds * 1000),
        ...client,
      },
    });
    return over;
  });
  ended.forEach(endStreamsOf);
  return { id, secret };
}

/**
 * Who the session of a cookie stands for now; null where it has ended or is unknown, or the account is disabled.
 * @param use whether this request is a person's doing, which keeps the session from ending as idle.
 */
export async function actorOfSession(
  secret: string,
  nowMs: number,
  { use }: { use: boolean },
): Promise<(Actor & { kind: "user" }) | null> {
  const row = await db.session.findFirst({
    where: { hash: hashOf(secret), ...openAt(nowMs) },
    include: { user: true },
  });
  if (!row || row.user.disabledAt) return null;
  if (use && nowMs - row.lastUsedAt.getTime() > noteUseEveryMs)
    await noteUse("session", db.session.updateMany({ where: { id: row.id }, data: { lastUsedAt: new Date(nowMs) } }));
  return {
    kind: "user",
    id: row.userId,
    name: row.user.name,
    role: parseRole(row.user.role),
    session: {
      id: row.id,
      method: parseProofMethod(row.method),
      lastProofAtMs: row.lastProofAt.getTime(),
      expiresAtMs: row.expiresAt.getTime(),
    },
  };
}

/** Notes that the person of a session has proven again who they are. False where the session has ended by then. */
export async function noteProof(sessionId: string, method: ProofMethod, nowMs: number): Promise<boolean> {
  const { count } = await db.session.updateMany({
    where: { id: sessionId, ...openAt(nowMs) },
    data: { method, lastProofAt: new Date(nowMs) },
  });
  return count > 0;
}

/** Ends one session and its open streams, at once. @returns whose it was; null where there is no such session. */
export async function endSession(by: { id: string } | { secret: string }): Promise<{ userId: string } | null> {
  const where = "id" in by ? { id: by.id } : { hash: hashOf(by.secret) };
  const row = await db.session.findUnique({ where });
  if (!row) return null;
  await db.session.deleteMany({ where: { id: row.id } });
  endStreamsOf(row.id);
  return { userId: row.userId };
}

/** Ends every session of an account, within the change that makes them end. Call `endStreamsOf` once that is committed. */
export const endSessionsOf = (tx: Tx, userId: string) => tx.session.deleteMany({ where: { userId } });
