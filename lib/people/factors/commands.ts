import "server-only";
import type { RegistrationResponseJSON } from "@simplewebauthn/server";
import type { Ctx } from "@/lib/auth/ctx";
import { forgiveAttempts } from "@/lib/auth/rate-limit";
import { endSessionsOf } from "@/lib/auth/session";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { type Tx, withTransaction } from "@/lib/db/transaction";
import { endStreamsOf } from "@/lib/live/sse";
import { requireUser } from "@/lib/people/commands";
import { takeAttemptOrRefuse } from "@/lib/people/sign-in";
import { factorsOf, needsFactor } from "./need";
import type { PasskeyPlace } from "./passkey-place";
import { checkEnrolment, enrolmentOptions } from "./passkeys";
import { renewRecoveryCodes } from "./recovery-codes";
import { inviteTotp, takeTotpCode } from "./totp-factor";
import type { TotpInvitation } from "./schema";

const mostPasskeys = 10;

/** The account that acts, which has to be one of Ichor's own. @throws AppError `refused`. */
async function localUser(ctx: Ctx): Promise<{ id: string; name: string; role: string }> {
  const user = await db.user.findUnique({ where: { id: requireUser(ctx).id }, include: { identity: true } });
  if (!user) throw new AppError("not-found", "There is no such account.");
  if (user.identity)
    throw new AppError("refused", "You sign in through the identity provider, so your second factor is set up there.");
  return user;
}

/** Begins to set up an authenticator app: its secret and the QR code of it, which count once a code was entered. */
export async function startTotp(ctx: Ctx): Promise<TotpInvitation> {
  return inviteTotp(await localUser(ctx));
}

/** An account gets codes with its first factor; later ones keep those that it has. */
async function codesOfFirst(tx: Tx, userId: string): Promise<string[] | null> {
  return (await tx.recoveryCode.count({ where: { userId } })) > 0 ? null : renewRecoveryCodes(tx, userId);
}

/** Makes the authenticator app count. @returns recovery codes, with the first factor. @throws AppError `invalid-input`. */
export async function confirmTotp(ctx: Ctx, code: string, nowMs = Date.now()): Promise<string[] | null> {
  const user = await localUser(ctx);
  const place = { own: `session of ${user.id}` };
  await takeAttemptOrRefuse(`set-up of ${user.id}`, place, nowMs);
  if (!(await takeTotpCode(user.id, code, false, nowMs)))
    throw new AppError("invalid-input", "The code is not right.", {
      fields: { code: "Enter the code that the app shows now; check that its clock and this server's agree." },
    });
  await forgiveAttempts(`set-up of ${user.id}`, place);
  return withTransaction((tx) => codesOfFirst(tx, user.id));
}

/** What the browser needs to make a passkey. */
export async function startPasskey(
  ctx: Ctx,
  place: PasskeyPlace,
  nowMs = Date.now(),
): Promise<Record<string, unknown>> {
  return { ...(await enrolmentOptions(await localUser(ctx), place, nowMs)) };
}

/** Adds the passkey that the browser made. @returns recovery codes, with the first factor. @throws AppError `refused`, `conflict`. */
export async function addPasskey(
  ctx: Ctx,
  input: { name: string; answer: RegistrationResponseJSON },
  place: PasskeyPlace,
  nowMs = Date.now(),
): Promise<string[] | null> {
  const user = await localUser(ctx);
  const store = await checkEnrolment(user.id, input.answer, place, nowMs);
  return withTransaction(async (tx) => {
    if ((await tx.passkey.count({ where: { userId: user.id } })) >= mostPasskeys)
      throw new AppError("refused", `An account has at most ${mostPasskeys} passkeys.`, { hint: "Remove one first." });
    await store(tx, input.name);
    return codesOfFirst(tx, user.id);
  });
}

export type FactorToRemove = { kind: "totp" } | { kind: "passkey"; id: string };

/**
 * Removes one of one's own factors; with the last one the recovery codes go.
 * @throws AppError `not-found`; `refused` for the last factor of an account that must have one.
 */
export async function removeFactor(ctx: Ctx, factor: FactorToRemove): Promise<void> {
  const user = await localUser(ctx);
  await withTransaction(async (tx) => {
    const { count } =
      factor.kind === "totp"
        ? await tx.totpFactor.deleteMany({ where: { userId: user.id } })
        : await tx.passkey.deleteMany({ where: { userId: user.id, id: factor.id } });
    if (count === 0) throw new AppError("not-found", "There is no such factor.", { hint: "Reload the page." });
    const left =
      (await tx.totpFactor.count({ where: { userId: user.id, confirmedAt: { not: null } } })) +
      (await tx.passkey.count({ where: { userId: user.id } }));
    if (left > 0) return;
    // Thrown inside, so that nothing was removed.
    if (needsFactor(user.role))
      throw new AppError("refused", "Your account must have a second factor, and this is the last one.", {
        hint: "Add another one first.",
      });
    await tx.recoveryCode.deleteMany({ where: { userId: user.id } });
  });
}

/** New recovery codes in place of the former ones. @throws AppError `refused` without a factor that they could stand in for. */
export async function newRecoveryCodes(ctx: Ctx): Promise<string[]> {
  const user = await localUser(ctx);
  const { totp, passkeyHosts } = await factorsOf(user.id);
  if (!totp && passkeyHosts.length === 0)
    throw new AppError("refused", "Recovery codes stand in for a second factor, and you have none.", {
      hint: "Add an authenticator app or a passkey first.",
    });
  return withTransaction((tx) => renewRecoveryCodes(tx, user.id));
}

/** Takes all factors of an account, whose person has lost them, and ends its sessions. @throws AppError `not-found`. */
export async function resetFactors(_ctx: Ctx<"admin">, userId: string): Promise<void> {
  await withTransaction(async (tx) => {
    if (!(await tx.user.findUnique({ where: { id: userId } })))
      throw new AppError("not-found", "There is no such account.");
    await tx.totpFactor.deleteMany({ where: { userId } });
    await tx.passkey.deleteMany({ where: { userId } });
    await tx.recoveryCode.deleteMany({ where: { userId } });
    await tx.pendingSignIn.deleteMany({ where: { userId } });
    await endSessionsOf(tx, userId);
  });
  endStreamsOf(userId);
}
