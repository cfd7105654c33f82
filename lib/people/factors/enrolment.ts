import "server-only";
import type { RegistrationResponseJSON } from "@simplewebauthn/server";
import { recordChange } from "@/lib/audit/record";
import { systemContext } from "@/lib/auth/ctx";
import { type Tx, withTransaction } from "@/lib/db/transaction";
import { forgiveCodes, takeAppAttempt } from "./code";
import { factorsOf } from "./need";
import { checkEnrolment, enrolmentOptions } from "./passkeys";
import { countCode, findPending, makeReady, type Pending, personOf, signInOver } from "./pending";
import { renewRecoveryCodes } from "./recovery-codes";
import type { EnrolmentStep, SignInProgress } from "./schema";
import { passkeysOf, type StepPlace } from "./step-place";
import { inviteTotp, takeTotpCode } from "./totp-factor";
import { wrongCode } from "./wrong-code";

/**
 * One step of setting up the factor that the setting asks for, between the password and the first session: an authenticator app or
 * a passkey.
 * @returns what the browser needs for it, or `ready` with the recovery codes. @throws AppError `unauthenticated`, `rate-limited`,
 * `refused`.
 */
export async function takeEnrolmentStep(step: EnrolmentStep, place: StepPlace): Promise<SignInProgress> {
  const { nowMs } = place;
  const pending = await findPending(step.pending, ["enrolment"], nowMs);
  const person = personOf(pending);
  await refuseSecond(pending.userId);
  switch (step.step) {
    case "enrol":
      return { state: "invited", invitation: await inviteTotp(person) };
    case "confirm": {
      await takeAppAttempt(pending.userId, nowMs);
      await countCode(pending);
      const codes = await storeFirst(pending, "totp", place, (tx) =>
        takeTotpCode(pending.userId, step.code, false, nowMs, tx),
      );
      if (!codes) return wrongCode(pending, place, "totp");
      await forgiveCodes(pending.userId);
      await makeReady(pending, "password-totp", nowMs);
      return { state: "ready", ticket: step.pending, recoveryCodes: codes };
    }
    case "enrol-passkey-options":
      return { state: "passkey-options", options: { ...(await enrolmentOptions(person, passkeysOf(place), nowMs)) } };
    case "enrol-passkey": {
      await countCode(pending);
      const answer = step.answer as RegistrationResponseJSON;
      const store = await checkEnrolment(pending.userId, answer, passkeysOf(place), nowMs);
      // Named by what made it: the person can tell it from later ones in the settings.
      const codes = await storeFirst(pending, "passkey", place, async (tx) => (await store(tx, place.agent), true));
      await makeReady(pending, "passkey", nowMs);
      return { state: "ready", ticket: step.pending, recoveryCodes: codes };
    }
  }
}

/**
 * Who knows the password and nothing else may set up the first factor and no other: one that the account has got since, in another
 * sign-in of its own, must be shown.
 */
async function refuseSecond(userId: string, tx?: Tx): Promise<void> {
  const { totp, passkeyHosts } = await factorsOf(userId, tx);
  if (totp || passkeyHosts.length > 0) throw signInOver();
}

/** Stores the first factor with its entry in the audit log. @returns new recovery codes; null where `store` took nothing. */
const storeFirst = (
  pending: Pending,
  factor: "totp" | "passkey",
  { address }: StepPlace,
  store: (tx: Tx) => Promise<boolean>,
): Promise<string[] | null> =>
  withTransaction(async (tx) => {
    await refuseSecond(pending.userId, tx);
    if (!(await store(tx))) return null;
    const target = { kind: "user" as const, ...personOf(pending) };
    const subject = { action: "factor.enrolled", target, detail: { address, factor } };
    await recordChange(tx, systemContext("sign-in"), subject);
    return renewRecoveryCodes(tx, pending.userId);
  });
