import { decode, encode } from "next-auth/jwt";
import { z } from "zod";

/** A session ends this long after the last request that renewed it … */
export const idleSeconds = 4 * 60 * 60;
/** … and this long after the sign-in in any case. */
export const absoluteSeconds = 12 * 60 * 60;
const renewAfterSeconds = 10 * 60;

/** What the session cookie says, encrypted. Name and role are not in it: they are read from the database each time. */
export const sessionToken = z.object({
  sub: z.string(),
  /** `User.sessionVersion` at the sign-in: raised, it ends the sessions from before. */
  version: z.number().int(),
  signedInAtMs: z.number(),
});
export type SessionToken = z.infer<typeof sessionToken>;

export const isSecureUrl = (publicUrl: string): boolean => publicUrl.startsWith("https://");
export const sessionCookieName = (publicUrl: string): string =>
  isSecureUrl(publicUrl) ? "__Host-ichor.session" : "ichor.session";
export const sessionCookieOptions = (publicUrl: string) => ({
  httpOnly: true,
  sameSite: "lax" as const,
  path: "/",
  secure: isSecureUrl(publicUrl),
});

export const isExpired = (token: SessionToken, nowMs: number): boolean =>
  nowMs >= token.signedInAtMs + absoluteSeconds * 1000;

/** Reads a session cookie; null where it is forged, idle for too long, or past its absolute end. */
export async function readSession(
  cookie: string,
  secret: string,
  nowMs: number,
): Promise<(SessionToken & { issuedAtMs: number }) | null> {
  try {
    const payload = await decode({ token: cookie, secret });
    const parsed = sessionToken.extend({ iat: z.number() }).safeParse(payload);
    if (!parsed.success || isExpired(parsed.data, nowMs)) return null;
    const { iat, ...token } = parsed.data;
    return { ...token, issuedAtMs: iat * 1000 };
  } catch {
    // Anyone can send any cookie; one that does not decrypt is no session.
    return null;
  }
}

/** The session with a new idle end, or null while its cookie is new enough. */
export async function renewSession(
  cookie: string,
  secret: string,
  nowMs: number,
): Promise<{ cookie: string; maxAgeSeconds: number } | null> {
  const session = await readSession(cookie, secret, nowMs);
  if (!session || nowMs - session.issuedAtMs < renewAfterSeconds * 1000) return null;
  const { issuedAtMs: _, ...token } = session;
  const leftSeconds = Math.ceil((token.signedInAtMs + absoluteSeconds * 1000 - nowMs) / 1000);
  const maxAgeSeconds = Math.min(idleSeconds, leftSeconds);
  return { cookie: await encode({ token, secret, maxAge: maxAgeSeconds }), maxAgeSeconds };
}

const slot = Symbol.for("ichor.session-secret");
const holder = globalThis as { [slot]?: string };

/** The cookies' key, put here at start: the proxy has no door to the secret box. */
export const shareSessionSecret = (secret: string): void => void (holder[slot] = secret);
export const sharedSessionSecret = (): string | undefined => holder[slot];
