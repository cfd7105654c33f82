import "server-only";
import { mayRecordDenied } from "@/lib/audit/denied-limit";
import { recordSystem } from "@/lib/audit/record";
import { countFailure } from "@/lib/auth/anonymous-failures";
import type { Actor } from "@/lib/auth/ctx";
import { newId } from "@/lib/core/ids";

/** The sign-in page, where nobody is signed in yet. */
export const nobody: Actor = { kind: "system", job: "sign-in", onBehalfOf: null };
const action = "session.refused";

/**
 * `stranger`: nothing of an account was shown; `tried` is the id of the one that was named, if any. Otherwise `person` has shown a
 * first proof of the account: its password, or the identity provider's word.
 */
export type Refused =
  | { stranger: true; tried?: string }
  | { stranger: false; person: { id: string; name: string }; detail: Record<string, unknown> };

/**
 * Notes a sign-in that was refused: the one rule for passwords, codes, passkeys and the identity provider. Strangers choose how
 * often they try, so theirs are counted and never stored one by one; an account's own are entries of the audit log, five an hour,
 * and counted beyond.
 */
export async function noteRefusal(refused: Refused, address: string, nowMs: number): Promise<void> {
  if (refused.stranger) return countFailure("sign-in", address, refused.tried, nowMs);
  const { person, detail } = refused;
  if (!mayRecordDenied(`user:${person.id}`, action, nowMs)) return countFailure("sign-in", address, person.id, nowMs);
  await recordSystem(
    { actor: nobody, requestId: newId("request") },
    { action, target: { kind: "user", ...person }, detail: { address, ...detail } },
  );
}
