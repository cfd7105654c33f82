import "server-only";
import type { ProofMethod } from "@/lib/auth/proof";
import { forgiveAttempts } from "@/lib/auth/rate-limit";
import { takeAttemptOrRefuse } from "@/lib/people/sign-in";
import { looksLikeRecoveryCode, takeRecoveryCode } from "./recovery-codes";
import { takeTotpCode } from "./totp-factor";

/**
 * Stands for the account in the limit on guesses at its codes, wherever they come from: only who knows the password gets that far,
 * so no stranger can hold its owner up. Passkeys and recovery codes cannot be guessed and go on working.
 */
const limited = (userId: string): string => `second factor of ${userId}`;

/** Takes one attempt at a code of the account's app. @throws AppError `rate-limited`. */
export const takeAppAttempt = (userId: string, nowMs: number): Promise<void> =>
  takeAttemptOrRefuse(limited(userId), { own: limited(userId) }, nowMs);

/** Takes one attempt at a code; recovery codes are not limited. @throws AppError `rate-limited`. */
export const takeCodeAttempt = async (userId: string, code: string, nowMs: number): Promise<void> =>
  looksLikeRecoveryCode(code) ? undefined : takeAppAttempt(userId, nowMs);

/** After a factor that held: forgets the wrong codes before it. */
export const forgiveCodes = (userId: string): Promise<void> =>
  forgiveAttempts(limited(userId), { own: limited(userId) });

/**
 * Whether a code of the app or a recovery code is right; it is used then. Call `takeCodeAttempt` before.
 * @returns `method`: what it proves together with the password.
 */
export async function takeCode(
  userId: string,
  code: string,
  nowMs: number,
): Promise<{ right: boolean; method: ProofMethod & ("password-totp" | "password-recovery") }> {
  return looksLikeRecoveryCode(code)
    ? { right: await takeRecoveryCode(userId, code, nowMs), method: "password-recovery" }
    : { right: await takeTotpCode(userId, code, true, nowMs), method: "password-totp" };
}
