import "server-only";
import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import { countFailure } from "@/lib/auth/anonymous-failures";
import type { ProofMethod } from "@/lib/auth/proof";
import { forgiveAttempts } from "@/lib/auth/rate-limit";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { checkPassword, mayUseLocalAccount, recordSignIn, takeAttemptOrRefuse } from "@/lib/people/sign-in";
import { forgiveCodes, takeAppAttempt, takeCode, takeCodeAttempt } from "./code";
import { factorsOf, needsFactor } from "./need";
import { noPasskeyHere, type PasskeyPlace } from "./passkey-place";
import { checkPasskey, forSignIn, passkeyOptions } from "./passkeys";
import { beginPending, countCode, findPending, makeReady, type Pending } from "./pending";
import { renewRecoveryCodes } from "./recovery-codes";
import type { SignInProgress, SignInStep } from "./schema";
import { inviteTotp, takeTotpCode } from "./totp-factor";

export type StepPlace = { address: string; device: string | null; passkeys: PasskeyPlace | null; nowMs: number };

/**
 * One step of a sign-in. A password alone is enough for an account that has no second factor and needs none; else what follows
 * is a sign-in under way, which gives no rights.
 * @returns where it stands; `ready` with a ticket for next-auth.
 * @throws AppError `unauthenticated`, `rate-limited`, `refused`.
 */
export async function takeSignInStep(step: SignInStep, place: StepPlace): Promise<SignInProgress> {
  switch (step.step) {
    case "password":
      return afterPassword(step, place);
    case "code":
      return afterCode(await findPending(step.pending, ["factor"], place.nowMs), step.pending, step.code, place);
    case "passkey-options": {
      const pending = step.pending === null ? null : await findPending(step.pending, ["factor"], place.nowMs);
      const options = await passkeyOptions(forSignIn(pending?.userId ?? null), here(place), place.nowMs);
      return { state: "passkey-options", options: { ...options } };
    }
    case "passkey":
      return afterPasskey(step.pending, step.answer as AuthenticationResponseJSON, place);
    case "enrol": {
      const { userId, userName } = await findPending(step.pending, ["enrolment"], place.nowMs);
      return { state: "invited", invitation: await inviteTotp({ id: userId, name: userName }) };
    }
    case "confirm":
      return afterEnrolment(
        await findPending(step.pending, ["enrolment"], place.nowMs),
        step.pending,
        step.code,
        place,
      );
  }
}

function here({ passkeys }: StepPlace): PasskeyPlace {
  if (passkeys) return passkeys;
  throw new AppError("refused", noPasskeyHere);
}

async function afterPassword(
  { name, password }: { name: string; password: string },
  { address, device, passkeys, nowMs }: StepPlace,
): Promise<SignInProgress> {
  const user = await checkPassword(name, password, { address, device }, nowMs);
  const { totp, passkeyHosts } = await factorsOf(user.id);
  if (totp || passkeyHosts.length > 0) {
    const passkey = passkeys !== null && passkeyHosts.includes(passkeys.rpId);
    return { state: "factor", pending: await beginPending(user, "factor", "password", nowMs), totp, passkey };
  }
  if (needsFactor(user.role))
    return { state: "enrolment", pending: await beginPending(user, "enrolment", "password", nowMs) };
  return { state: "ready", ticket: await beginPending(user, "ready", "password", nowMs), recoveryCodes: null };
}

/** @throws AppError `unauthenticated` after it was noted. */
async function wrongCode(pending: Pending, address: string, factor: string): Promise<never> {
  await recordSignIn("session.refused", { id: pending.userId, name: pending.userName }, { address, factor });
  throw new AppError("unauthenticated", "The code is not right, or was used already.", {
    fields: { code: "Wait for the next code of the app, or use another recovery code." },
  });
}

async function afterCode(pending: Pending, ticket: string, code: string, place: StepPlace): Promise<SignInProgress> {
  const { address, nowMs } = place;
  await takeCodeAttempt(pending.userId, code, nowMs);
  await countCode(pending);
  const { right, method } = await takeCode(pending.userId, code, nowMs);
  if (!right) return wrongCode(pending, address, method === "password-recovery" ? "recovery code" : "totp");
  return ready(pending, ticket, method, place);
}

async function ready(pending: Pending, ticket: string, method: ProofMethod, place: StepPlace): Promise<SignInProgress> {
  await forgiveCodes(pending.userId);
  await makeReady(pending, method, place.nowMs);
  return { state: "ready", ticket, recoveryCodes: null };
}

async function afterEnrolment(
  pending: Pending,
  ticket: string,
  code: string,
  place: StepPlace,
): Promise<SignInProgress> {
  await takeAppAttempt(pending.userId, place.nowMs);
  await countCode(pending);
  if (!(await takeTotpCode(pending.userId, code, false, place.nowMs))) return wrongCode(pending, place.address, "totp");
  const recoveryCodes = await withTransaction((tx) => renewRecoveryCodes(tx, pending.userId));
  await recordSignIn(
    "factor.enrolled",
    { id: pending.userId, name: pending.userName },
    { address: place.address, factor: "totp" },
  );
  await ready(pending, ticket, "password-totp", place);
  return { state: "ready", ticket, recoveryCodes };
}

async function afterPasskey(
  ticket: string | null,
  answer: AuthenticationResponseJSON,
  place: StepPlace,
): Promise<SignInProgress> {
  const { address, nowMs } = place;
  const pending = ticket === null ? null : await findPending(ticket, ["factor"], nowMs);
  // Signatures cannot be guessed, but each costs a computation: strangers are counted by where they come from.
  const stranger = `passkeys from ${address}`;
  if (pending) await countCode(pending);
  else await takeAttemptOrRefuse(stranger, { address }, nowMs);
  const userId = await checkPasskey(forSignIn(pending?.userId ?? null), answer, here(place), nowMs).catch(
    async (error: unknown) => {
      const detail = { address, factor: "passkey" };
      // Strangers choose how often: theirs are counted, not written one by one.
      if (pending) await recordSignIn("session.refused", { id: pending.userId, name: pending.userName }, detail);
      else countFailure("sign-in", address);
      throw error;
    },
  );
  if (pending && ticket !== null) return ready(pending, ticket, "passkey", place);
  await forgiveAttempts(stranger, { address });
  const user = await db.user.findUniqueOrThrow({ where: { id: userId }, include: { identity: true } });
  if (user.disabledAt || !mayUseLocalAccount(user)) {
    countFailure("sign-in", address, user.id);
    throw new AppError("unauthenticated", "This passkey is not known here, or could not be verified.");
  }
  return { state: "ready", ticket: await beginPending(user, "ready", "passkey", nowMs), recoveryCodes: null };
}
