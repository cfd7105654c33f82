import "server-only";
import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import type { Ctx, SessionRef } from "@/lib/auth/ctx";
import type { ProofMethod } from "@/lib/auth/proof";
import { forgiveAttempts } from "@/lib/auth/rate-limit";
import { noteProof } from "@/lib/auth/session";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { requireUser } from "./commands";
import { forgiveCodes, takeCode, takeCodeAttempt } from "./factors/code";
import { factorsOf } from "./factors/need";
import { noPasskeyHere, type PasskeyPlace } from "./factors/passkey-place";
import { checkPasskey, forProof, passkeyOptions } from "./factors/passkeys";
import type { ProofWays, ProveInput } from "./schema";
import { takeAttemptOrRefuse, verifyOwnPassword } from "./sign-in";

type Person = { id: string; name: string; passwordHash: string; identity: unknown };

/** The person who asks, and the session. @throws AppError `refused` for a token, a job, and outside of a session. */
async function ownSession(ctx: Ctx): Promise<{ session: SessionRef; user: Person }> {
  const { id, session } = requireUser(ctx);
  const user = await db.user.findUnique({ where: { id }, include: { identity: true } });
  if (!session || !user) throw new AppError("refused", "Only who is signed in at the console can prove it again.");
  return { session, user };
}

/** What the person can prove it with, in this session: what their sign-in asks for. @param place null where browsers have no passkeys. */
export async function waysToProve(ctx: Ctx, place: PasskeyPlace | null, nowMs: number): Promise<ProofWays> {
  const { session, user } = await ownSession(ctx);
  if (user.identity) return { by: "provider", label: env().oidc?.buttonLabel ?? null };
  const { totp, passkeyHosts } = await factorsOf(user.id);
  const here = place !== null && passkeyHosts.includes(place.rpId) ? place : null;
  return {
    by: "own",
    code: totp ? "app" : passkeyHosts.length > 0 ? "recovery" : "none",
    passkey: here && { ...(await passkeyOptions(forProof(user.id, session.id), here, nowMs)) },
  };
}

/**
 * A fresh proof of who somebody is, by what their sign-in asks for: the password alone only where there is no second factor.
 * Codes and passkeys are taken once, at the sign-in or here.
 * @throws AppError `refused` outside of a session, for accounts of the identity provider and for a passkey that does not hold,
 * `invalid-input` for a wrong password or code, `unauthenticated` where the session has ended, `rate-limited` after too many.
 */
export async function prove(ctx: Ctx, input: ProveInput, place: PasskeyPlace | null, nowMs: number): Promise<void> {
  const { session, user } = await ownSession(ctx);
  if (user.identity)
    throw new AppError("refused", "This account proves who it is at the identity provider.", {
      hint: "Sign in there again from the console, then repeat it within 5 minutes.",
    });
  const method =
    input.by === "password"
      ? await byPassword(user, input.password, input.code, nowMs)
      : await byPasskey(user.id, session.id, input.answer as AuthenticationResponseJSON, place, nowMs);
  if (!(await noteProof(session.id, method, nowMs)))
    throw new AppError("unauthenticated", "Your session has ended, so nothing was done.", {
      hint: "Sign in again, then repeat it.",
    });
}

async function byPassword(user: Person, password: string, code: string | null, nowMs: number): Promise<ProofMethod> {
  const { totp, passkeyHosts } = await factorsOf(user.id);
  const second = totp || passkeyHosts.length > 0;
  if (second && code === null) throw wrongCode("Enter a code too: your account has a second factor.");
  await verifyOwnPassword(user, password, nowMs, "password");
  if (!second || code === null) return "password";
  await takeCodeAttempt(user.id, code, nowMs);
  const { right, method } = await takeCode(user.id, code, nowMs);
  if (!right) throw wrongCode("Wait for the next code of the app, or use another recovery code.");
  await forgiveCodes(user.id);
  return method;
}

const wrongCode = (field: string): AppError =>
  new AppError("invalid-input", "The code is not right, or was used already.", { fields: { code: field } });

async function byPasskey(
  userId: string,
  sessionId: string,
  answer: AuthenticationResponseJSON,
  place: PasskeyPlace | null,
  nowMs: number,
): Promise<ProofMethod> {
  if (!place) throw new AppError("refused", noPasskeyHere);
  // Signatures cannot be guessed, but each costs a computation.
  const limit = [`passkeys of ${userId}`, { own: `session of ${userId}` }] as const;
  await takeAttemptOrRefuse(...limit, nowMs);
  await checkPasskey(forProof(userId, sessionId), answer, place, nowMs).catch((cause: unknown) => {
    if (!(cause instanceof AppError)) throw cause;
    // Said to somebody who is signed in and stays so.
    throw new AppError("refused", cause.message, { hint: cause.hint, cause });
  });
  await forgiveAttempts(...limit);
  return "passkey";
}
