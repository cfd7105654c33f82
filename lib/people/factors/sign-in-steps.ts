import "server-only";
import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import type { ProofMethod } from "@/lib/auth/proof";
import { forgiveAttempts } from "@/lib/auth/rate-limit";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { noteRefusal } from "@/lib/people/refused-sign-in";
import { checkPassword, mayUseLocalAccount, takeAttemptOrRefuse } from "@/lib/people/sign-in";
import { forgiveCodes, takeCode, takeCodeAttempt } from "./code";
import { takeEnrolmentStep } from "./enrolment";
import { factorsOf, needsFactor } from "./need";
import { checkPasskey, forSignIn, passkeyOptions } from "./passkeys";
import { beginPending, countCode, findPending, makeReady, type Pending, personOf } from "./pending";
import type { SignInProgress, SignInStep } from "./schema";
import { passkeysOf, type StepPlace } from "./step-place";
import { wrongCode } from "./wrong-code";

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
      const options = await passkeyOptions(forSignIn(pending?.userId ?? null), passkeysOf(place), place.nowMs);
      return { state: "passkey-options", options: { ...options } };
    }
    case "passkey":
      return afterPasskey(step.pending, step.answer as AuthenticationResponseJSON, place);
    case "enrol":
    case "confirm":
    case "enrol-passkey-options":
    case "enrol-passkey":
      return takeEnrolmentStep(step, place);
  }
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
    return {
      state: "enrolment",
      pending: await beginPending(user, "enrolment", "password", nowMs),
      passkey: passkeys !== null,
    };
  return { state: "ready", ticket: await beginPending(user, "ready", "password", nowMs), recoveryCodes: null };
}

async function afterCode(pending: Pending, ticket: string, code: string, place: StepPlace): Promise<SignInProgress> {
  const { nowMs } = place;
  await takeCodeAttempt(pending.userId, code, nowMs);
  await countCode(pending);
  const { right, method } = await takeCode(pending.userId, code, nowMs);
  if (!right) return wrongCode(pending, place, method === "password-recovery" ? "recovery code" : "totp");
  return ready(pending, ticket, method, place);
}

async function ready(pending: Pending, ticket: string, method: ProofMethod, place: StepPlace): Promise<SignInProgress> {
  await forgiveCodes(pending.userId);
  await makeReady(pending, method, place.nowMs);
  return { state: "ready", ticket, recoveryCodes: null };
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
  const userId = await checkPasskey(forSignIn(pending?.userId ?? null), answer, passkeysOf(place), nowMs).catch(
    async (error: unknown) => {
      const shown = pending && { person: personOf(pending), detail: { factor: "passkey" } };
      await noteRefusal(shown ? { stranger: false, ...shown } : { stranger: true }, address, nowMs);
      throw error;
    },
  );
  if (pending && ticket !== null) return ready(pending, ticket, "passkey", place);
  await forgiveAttempts(stranger, { address });
  const user = await db.user.findUniqueOrThrow({ where: { id: userId }, include: { identity: true } });
  if (user.disabledAt || !mayUseLocalAccount(user)) {
    await noteRefusal({ stranger: true, tried: user.id }, address, nowMs);
    throw new AppError("unauthenticated", "This passkey is not known here, or could not be verified.");
  }
  return { state: "ready", ticket: await beginPending(user, "ready", "passkey", nowMs), recoveryCodes: null };
}
