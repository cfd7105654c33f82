import { AppError } from "@/lib/core/errors";
import type { Actor } from "./ctx";

/** What can prove to Ichor who somebody is, alone or with a second factor. */
export const proofMethods = ["password", "password-totp", "password-recovery", "passkey", "oidc"] as const;
export type ProofMethod = (typeof proofMethods)[number];

/** A method from a column that only this program writes. @throws Error for any other text. */
export const parseProofMethod = (text: string): ProofMethod => {
  const method = proofMethods.find((known) => known === text);
  if (!method) throw new Error(`unknown proof method: ${text}`);
  return method;
};

/** For so long a proof is fresh enough for what is sensitive. */
export const freshProofMs = 5 * 60_000;

/**
 * Why an operation is sensitive. `accounts`: it makes or changes what can sign in, so it could outlive whoever calls it;
 * `secrets`: it hands out credentials; `machines`: it destroys a machine's or a cluster's state.
 */
export type Sensitivity = "accounts" | "secrets" | "machines";

/**
 * Lets a sensitive action pass. A person must have proven who they are within `freshProofMs`. An API token has nobody to
 * ask, and its maker was asked when it was made: it passes, except for `accounts`, since a token must not outlive itself.
 * @throws AppError `proof-needed` for a person whose proof is older; `refused` for a token.
 */
export function requireFreshProof(actor: Actor, sensitivity: Sensitivity, nowMs: number): void {
  if (actor.kind === "system") return;
  if (actor.kind === "token") {
    if (sensitivity !== "accounts") return;
    throw new AppError("refused", "An API token cannot make or change what people and scripts sign in with.", {
      hint: "Sign in and do it in Settings.",
    });
  }
  const ageMs = actor.session ? nowMs - actor.session.lastProofAtMs : Infinity;
  if (ageMs >= 0 && ageMs <= freshProofMs) return;
  throw new AppError("proof-needed", "This needs a fresh proof that it is you: the last one is older than 5 minutes.", {
    hint: "Confirm in the console that it is you, then repeat it.",
  });
}
