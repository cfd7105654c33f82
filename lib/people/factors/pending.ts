import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { type ProofMethod, parseProofMethod } from "@/lib/auth/proof";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";

/** `factor`: a second factor is to be shown; `enrolment`: a first one is to be set up; `ready`: to be exchanged for a session. */
export type PendingState = "factor" | "enrolment" | "ready";
export type Pending = { hash: string; userId: string; userName: string; userRole: string };

const lifeMs = { factor: 5 * 60_000, enrolment: 15 * 60_000, ready: 60_000 } as const satisfies Record<
  PendingState,
  number
>;
/** Wrong codes that one sign-in under way takes; then the password is asked for again. */
const mostWrong = 5;
/** Of one account at once: beyond them the oldest ends. */
const mostPerAccount = 10;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
/** What a step of a sign-in that has ended, or never was, comes to. */
export const signInOver = () =>
  new AppError("unauthenticated", "This sign-in has ended: it took too long, or too many codes were wrong.", {
    hint: "Begin again with your name and password.",
  });

/**
 * Begins a sign-in under way for an account that has shown `proven`.
 * @returns the token for the browser, of which only a hash is stored. It gives no rights.
 */
export async function beginPending(
  user: { id: string; passwordHash: string },
  state: PendingState,
  proven: ProofMethod,
  nowMs: number,
): Promise<string> {
  const token = randomBytes(32).toString("base64url");
  await withTransaction(async (tx) => {
    const own = await tx.pendingSignIn.findMany({ where: { userId: user.id }, orderBy: { createdAt: "desc" } });
    const surplus = own.slice(mostPerAccount - 1).map(({ hash }) => hash);
    await tx.pendingSignIn.deleteMany({
      where: { OR: [{ hash: { in: surplus } }, { expiresAt: { lte: new Date(nowMs) } }] },
    });
    await tx.pendingSignIn.create({
      data: {
        hash: sha256(token),
        userId: user.id,
        stamp: sha256(user.passwordHash),
        state,
        proven,
        createdAt: new Date(nowMs),
        expiresAt: new Date(nowMs + lifeMs[state]),
      },
    });
  });
  return token;
}

/** The sign-in of a token in one of these states. @throws AppError `unauthenticated` where it has ended or never was. */
export async function findPending(token: string, states: readonly PendingState[], nowMs: number): Promise<Pending> {
  const row = await db.pendingSignIn.findUnique({ where: { hash: sha256(token) }, include: { user: true } });
  const known = row && states.some((state) => state === row.state) && row.expiresAt.getTime() > nowMs;
  if (!known || row.wrong >= mostWrong || row.user.disabledAt || row.stamp !== sha256(row.user.passwordHash))
    throw signInOver();
  return { hash: row.hash, userId: row.userId, userName: row.user.name, userRole: row.user.role };
}

export const personOf = ({ userId, userName }: Pending): { id: string; name: string } => ({
  id: userId,
  name: userName,
});

/** Counts a code before it is checked, so that codes sent all at once are counted too. @throws as `findPending`. */
export async function countCode(pending: Pending): Promise<void> {
  const { count } = await db.pendingSignIn.updateMany({
    where: { hash: pending.hash, wrong: { lt: mostWrong } },
    data: { wrong: { increment: 1 } },
  });
  if (count === 0) throw signInOver();
}

/** The second step held: the token may be exchanged, once and soon. False where the sign-in has ended meanwhile. */
export async function makeReady(pending: Pending, proven: ProofMethod, nowMs: number): Promise<void> {
  const { count } = await db.pendingSignIn.updateMany({
    where: { hash: pending.hash, state: { not: "ready" } },
    data: { state: "ready", proven, wrong: 0, expiresAt: new Date(nowMs + lifeMs.ready) },
  });
  if (count === 0) throw signInOver();
}

/** Takes a ready sign-in out of the table: of two that hold its token, one gets it. @throws as `findPending`. */
export async function takeReady(token: string, nowMs: number): Promise<{ userId: string; method: ProofMethod }> {
  const { hash, userId } = await findPending(token, ["ready"], nowMs);
  return withTransaction(async (tx) => {
    const row = await tx.pendingSignIn.findUnique({ where: { hash } });
    if (!row) throw signInOver();
    await tx.pendingSignIn.delete({ where: { hash } });
    return { userId, method: parseProofMethod(row.proven) };
  });
}
