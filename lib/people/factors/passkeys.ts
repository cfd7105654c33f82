import "server-only";
import {
  type AuthenticationResponseJSON,
  type AuthenticatorTransport,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { AppError, errorMessage } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { db } from "@/lib/db/client";
import type { Tx } from "@/lib/db/transaction";
import { firstUse } from "@/lib/people/used-once";
import { challengeLifeMs, isChallenge, newChallenge } from "./challenge";
import type { PasskeyPlace } from "./passkey-place";

const rpName = "Ichor";

const transportsOf = (text: string): AuthenticatorTransport[] => JSON.parse(text) as AuthenticatorTransport[];
const enrolment = (userId: string): string => `enrol ${userId}`;

/** What a passkey is shown for, and whose it must be; null where the passkey says who it is. A challenge is good for this alone. */
export type PasskeyUse = { purpose: string; userId: string | null };
export const forSignIn = (userId: string | null): PasskeyUse => ({ purpose: `sign in ${userId ?? "anyone"}`, userId });
/** For a fresh proof in one session: of another session, even of the same person, it is refused. */
export const forProof = (userId: string, sessionId: string): PasskeyUse => ({
  purpose: `prove ${userId} in ${sessionId}`,
  userId,
});

/** What a browser needs to make a passkey that verifies its user and can be found without a name. */
export async function enrolmentOptions(
  user: { id: string; name: string },
  place: PasskeyPlace,
  nowMs: number,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const present = await db.passkey.findMany({ where: { userId: user.id, rpId: place.rpId } });
  return generateRegistrationOptions({
    rpName,
    rpID: place.rpId,
    userID: new Uint8Array(Buffer.from(user.id)),
    userName: user.name,
    challenge: newChallenge(enrolment(user.id), nowMs),
    attestationType: "none",
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    excludeCredentials: present.map(({ id, transports }) => ({ id, transports: transportsOf(transports) })),
  });
}

/**
 * Checks what the browser made (challenge, origin, host, user verification).
 * @returns what stores it. @throws AppError `refused` where it does not hold.
 */
export async function checkEnrolment(
  userId: string,
  response: RegistrationResponseJSON,
  place: PasskeyPlace,
  nowMs: number,
): Promise<(tx: Tx, name: string) => Promise<void>> {
  const result = await verifyRegistrationResponse({
    response,
    expectedChallenge: (challenge) => isChallenge(challenge, enrolment(userId), nowMs),
    expectedOrigin: place.origin,
    expectedRPID: place.rpId,
    requireUserVerification: true,
  }).catch((error: unknown) => refuse("made", error));
  if (!result.verified) return refuse("made", "not verified");
  const { credential, credentialBackedUp } = result.registrationInfo;
  return async (tx, name) => {
    // Its ID is the row's: the same answer sent again meets it.
    if (await tx.passkey.findUnique({ where: { id: credential.id } }))
      throw new AppError("conflict", "This passkey is known already.");
    await tx.passkey.create({
      data: {
        id: credential.id,
        userId,
        name,
        publicKey: Buffer.from(credential.publicKey).toString("base64url"),
        counter: credential.counter,
        rpId: place.rpId,
        transports: JSON.stringify(credential.transports ?? []),
        backedUp: credentialBackedUp,
      },
    });
  };
}

/** What a browser needs to show a passkey: one of the account's, or without an account any that it holds for this host. */
export async function passkeyOptions(
  { purpose, userId }: PasskeyUse,
  place: PasskeyPlace,
  nowMs: number,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const own = userId === null ? [] : await db.passkey.findMany({ where: { userId, rpId: place.rpId } });
  return generateAuthenticationOptions({
    rpID: place.rpId,
    challenge: newChallenge(purpose, nowMs),
    userVerification: "required",
    allowCredentials: own.map(({ id, transports }) => ({ id, transports: transportsOf(transports) })),
  });
}

/**
 * Checks a passkey that was shown (signature, challenge, origin, host, user verification, counter) and takes its challenge.
 * @returns whose it is. @throws AppError `unauthenticated` where it does not hold.
 */
export async function checkPasskey(
  { purpose, userId }: PasskeyUse,
  response: AuthenticationResponseJSON,
  place: PasskeyPlace,
  nowMs: number,
): Promise<string> {
  const known = await db.passkey.findUnique({ where: { id: response.id } });
  if (!known || known.rpId !== place.rpId || (userId !== null && known.userId !== userId))
    return refuse("shown", "it is unknown");
  let shown = "";
  const result = await verifyAuthenticationResponse({
    response,
    expectedChallenge: (challenge) => {
      shown = challenge;
      return isChallenge(challenge, purpose, nowMs);
    },
    expectedOrigin: place.origin,
    expectedRPID: place.rpId,
    requireUserVerification: true,
    credential: {
      id: known.id,
      publicKey: new Uint8Array(Buffer.from(known.publicKey, "base64url")),
      counter: known.counter,
      transports: transportsOf(known.transports),
    },
  }).catch((error: unknown) => refuse("shown", error));
  if (!result.verified) return refuse("shown", "not verified");
  if (!(await firstUse(`passkey:${shown}`, challengeLifeMs, nowMs)))
    return refuse("shown", "its challenge was used already");
  // By the counter that was compared: of two at once, as of a copied authenticator, one goes through.
  const { count } = await db.passkey.updateMany({
    where: { id: known.id, counter: known.counter },
    data: { counter: result.authenticationInfo.newCounter, lastUsedAt: new Date(nowMs) },
  });
  return count === 1 ? known.userId : refuse("shown", "used twice at once");
}

function refuse(what: "made" | "shown", reason: unknown): never {
  log.info("A passkey was refused", { what, reason: typeof reason === "string" ? reason : errorMessage(reason) });
  if (what === "made")
    throw new AppError("refused", "The browser's passkey could not be verified, so it was not added.", {
      hint: "Try again.",
    });
  throw new AppError("unauthenticated", "This passkey is not known here, or could not be verified.", {
    hint: "Try again, or use another way to show who you are.",
  });
}
