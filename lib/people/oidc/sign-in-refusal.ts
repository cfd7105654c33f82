/** Why a sign-in through the identity provider ended on the sign-in page again; the page is given the code, and no text from elsewhere. */
export const refusals = {
  "provider-down":
    "The identity provider does not answer, so nobody can sign in through it at the moment. A local account still works.",
  "provider-nonsense":
    "The identity provider's answer could not be believed, so it was not taken. Try again; the server's log says what was wrong.",
  "provider-cancelled": "The identity provider did not sign you in. Try again there.",
  "sign-in-stale": "This sign-in was begun too long ago, in another browser, or was used already. Begin again.",
  "no-group":
    "The identity provider knows you, but none of your groups there may use this console. Ask for a group that may.",
  "account-disabled": "Your account in this console is disabled. Ask an administrator.",
  "not-set-up":
    "This console has no local administrator yet. Create one first with the link that the server printed at its start.",
  "too-old-proof":
    "The identity provider did not ask you again who you are, so this is no fresh proof. Sign out there, then prove it again.",
  "no-proof-time":
    "The identity provider does not say when you last signed in there, so nothing that it says is a fresh proof. Somebody with a local account has to do this.",
  "other-person":
    "The identity provider signed in somebody else, so this is no proof of who you are. Sign in there as yourself.",
  failed: "Signing in did not work. Try again; if it stays, the server's log has the reason.",
} as const;
export type SignInRefusal = keyof typeof refusals;

/** A refusal from an address bar; null for anything else that stands there. */
export const parseRefusal = (text: unknown): SignInRefusal | null =>
  typeof text === "string" && Object.hasOwn(refusals, text) ? (text as SignInRefusal) : null;
