import "server-only";
import { recordSystem } from "@/lib/audit/record";
import { countFailure } from "@/lib/auth/anonymous-failures";
import type { Actor } from "@/lib/auth/ctx";
import { knownDevice } from "@/lib/auth/device";
import { verifyPassword } from "@/lib/auth/password";
import { forgiveAttempts, type Place, takeAttempt } from "@/lib/auth/rate-limit";
import type { ProofMethod } from "@/lib/auth/proof";
import { parseRole } from "@/lib/auth/role";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { tryLater } from "@/lib/core/try-later";
import { db } from "@/lib/db/client";
import { asksForMore } from "./factors/need";
import { takeReady } from "./factors/pending";
import { noteRefusal } from "./refused-sign-in";

/** Whose sign-in it was, and what proved it: `openSession` takes both. */
export type SignedIn = {
  id: string;
  name: string;
  method: ProofMethod;
  /** When that was; null where nobody can say, so that it is no fresh proof. Left out: just now. */
  provenAtMs?: number | null;
};

/** The one answer to a name or password that is wrong: it does not tell which. */
const wrong = "The name or the password is not right.";

/** Takes one attempt at an account's password. @throws AppError `rate-limited` with how long to wait. */
export async function takeAttemptOrRefuse(account: string, place: Place, nowMs: number): Promise<void> {
  const attempt = await takeAttempt(account, place, nowMs);
  if (attempt.state === "allowed") return;
  throw tryLater("rate-limited", "Too many attempts.", attempt.retryAfterMs);
}

/** Accounts of the identity provider sign in there; where the setting says so, of Ichor's own only administrators' are taken. */
export const mayUseLocalAccount = (user: { role: string; identity: unknown }): boolean =>
  user.identity === null && (env().passwordSignIn === "everyone" || user.role === "admin");

/** Whose password or passkey it was. */
type Account = { id: string; name: string; role: string; passwordHash: string };
/** Where a sign-in comes from; `device` is the cookie of a browser that has signed in before. */
export type Client = { address: string; device?: string | null };

/**
 * Checks the password of somebody who is signed in. Guesses are limited as at the sign-in; the account's sessions count as one
 * place, so that nobody else's guesses hold its owner up.
 * @throws AppError `invalid-input` at `field` where it is wrong, `rate-limited` after too many wrong ones.
 */
export async function verifyOwnPassword(
  user: { id: string; name: string; passwordHash: string },
  password: string,
  nowMs: number,
  field: string,
): Promise<void> {
  const place = { own: `session of ${user.id}` };
  await takeAttemptOrRefuse(user.name, place, nowMs);
  if (!(await verifyPassword(user.passwordHash, password, place))) {
    throw new AppError("invalid-input", "The password is not right.", {
      fields: { [field]: "This is not your current password." },
    });
  }
  await forgiveAttempts(user.name, place);
}

/**
 * Checks a name and password. Refused attempts wait longer and longer, also across restarts: by account and address, or
 * where the account has signed in before from this browser (`device`, its cookie) by account and browser.
 * @throws AppError `unauthenticated` with one sentence for whatever is wrong; `rate-limited` with how long to wait.
 */
export async function checkPassword(
  name: string,
  password: string,
  { address, device = null }: Client,
  nowMs: number,
): Promise<Account> {
  const account = name.trim().toLowerCase().slice(0, 100);
  const known = knownDevice(device, account);
  const place = known === null ? { address } : { own: known };
  await takeAttemptOrRefuse(account, place, nowMs).catch((error: unknown) => {
    if (error instanceof AppError) countFailure("sign-in-limit", address);
    throw error;
  });
  const user = await db.user.findUnique({ where: { name: account }, include: { identity: true } });
  const right = await verifyPassword(user?.passwordHash ?? null, password.slice(0, 1000), place);
  if (!right || !user || user.disabledAt || !mayUseLocalAccount(user)) {
    // Without the name that was typed, which may be a password in the wrong field.
    await noteRefusal({ stranger: true, tried: user?.id }, address, nowMs);
    throw new AppError("unauthenticated", wrong);
  }
  await forgiveAttempts(account, place);
  return user;
}

/** Notes a sign-in that has shown all it needs. @returns what a session is opened with. */
export async function completeSignIn(
  user: { id: string; name: string; role: string },
  method: ProofMethod,
  address: string,
  nowMs: number,
): Promise<SignedIn> {
  await db.user.update({ where: { id: user.id }, data: { lastSignInAt: new Date(nowMs) } });
  const actor: Actor = { kind: "user", id: user.id, name: user.name, role: parseRole(user.role) };
  await recordSystem(
    { actor, requestId: newId("request") },
    { action: "session.sign-in", target: { kind: "user", id: user.id, name: user.name }, detail: { address, method } },
  );
  return { id: user.id, name: user.name, method };
}

/**
 * Signs in with a password alone, where the account has no second factor and needs none.
 * @throws AppError as `checkPassword`, and `unauthenticated` where a second factor is asked for: the sign-in page does that.
 */
export async function signIn(name: string, password: string, client: Client, nowMs: number): Promise<SignedIn> {
  const user = await checkPassword(name, password, client, nowMs);
  if (await asksForMore(user))
    throw new AppError(
      "unauthenticated",
      "This account signs in with a second factor, which the sign-in page asks for.",
    );
  return completeSignIn(user, "password", client.address, nowMs);
}

/** Exchanges the ticket of a sign-in that has shown all it needs, once. @throws AppError `unauthenticated`. */
export async function signInWithTicket(ticket: string, address: string, nowMs: number): Promise<SignedIn> {
  const { userId, method } = await takeReady(ticket, nowMs);
  const user = await db.user.findUniqueOrThrow({ where: { id: userId } });
  return completeSignIn(user, method, address, nowMs);
}

/** Notes in the audit log that somebody signed out. */
export async function recordSignOut(userId: string): Promise<void> {
  const user = await db.user.findUnique({ where: { id: userId } });
  if (!user) return;
  const actor: Actor = { kind: "user", id: user.id, name: user.name, role: parseRole(user.role) };
  await recordSystem(
    { actor, requestId: newId("request") },
    { action: "session.sign-out", target: { kind: "user", id: user.id, name: user.name } },
  );
}
