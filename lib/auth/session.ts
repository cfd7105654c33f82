import "server-only";
import { decode, encode } from "next-auth/jwt";
import { z } from "zod";
import { env } from "@/lib/core/env";
import { db } from "@/lib/db/client";
import { deriveSecret } from "@/lib/db/secrets";
import { parseRole } from "./api-token";
import type { Actor } from "./ctx";

/** A session ends this long after the last request that refreshed it … */
export const idleSeconds = 4 * 60 * 60;
/** … and this long after the sign-in in any case. */
export const absoluteSeconds = 12 * 60 * 60;

/** What the session cookie says, encrypted. Name and role are not in it: they are read from the database each time. */
export const sessionToken = z.object({
  sub: z.string(),
  /** `User.sessionVersion` at the sign-in: raised, it ends the sessions from before. */
  version: z.number().int(),
  signedInAtMs: z.number(),
});
export type SessionToken = z.infer<typeof sessionToken>;

const secure = () => env().publicUrl.startsWith("https://");
export const sessionCookieName = (): string => (secure() ? "__Host-ichor.session" : "ichor.session");
export const sessionCookieOptions = () => ({ httpOnly: true, sameSite: "lax" as const, path: "/", secure: secure() });
export const sessionSecret = (): string => deriveSecret("session");

export const isExpired = (token: SessionToken, nowMs: number): boolean =>
  nowMs >= token.signedInAtMs + absoluteSeconds * 1000;

/** Reads a session cookie; null where it is forged, expired or past its absolute end. */
export async function readSession(cookie: string, nowMs: number): Promise<SessionToken | null> {
  try {
    const parsed = sessionToken.safeParse(await decode({ token: cookie, secret: sessionSecret() }));
    return parsed.success && !isExpired(parsed.data, nowMs) ? parsed.data : null;
  } catch {
    // Any cookie can be sent by anyone; one that does not decrypt is no session.
    return null;
  }
}

/** The same session with a new idle end, for the cookie. */
export const renewSession = (token: SessionToken, nowMs: number): Promise<string> => {
  const leftSeconds = Math.ceil((token.signedInAtMs + absoluteSeconds * 1000 - nowMs) / 1000);
  return encode({ token, secret: sessionSecret(), maxAge: Math.min(idleSeconds, leftSeconds) });
};

/** Who a session stands for now, or null where the account is gone, disabled, or has ended its older sessions. */
export async function actorOfSession(token: SessionToken): Promise<Actor | null> {
  const user = await db.user.findUnique({ where: { id: token.sub } });
  if (!user || user.disabledAt || user.sessionVersion !== token.version) return null;
  return { kind: "user", id: user.id, name: user.name, role: parseRole(user.role) };
}
