/**
 * What somebody without a proven account may get wrong: a name or password; one more attempt than is allowed; a bearer token; a
 * session that is none; a request from another site or for another host; a set-up link. `denied`: an account that asks again and
 * again for what its role may not.
 */
export const failureKinds = ["sign-in", "sign-in-limit", "bearer", "session", "foreign", "set-up", "denied"] as const;
export type FailureKind = (typeof failureKinds)[number];
