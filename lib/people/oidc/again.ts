import "server-only";
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { freshProofMs } from "@/lib/auth/proof";
import { isSecureUrl, sessionCookieOptions } from "@/lib/auth/session-cookie";
import { deriveSecret } from "@/lib/db/secrets";
import type { SignInRefusal } from "./sign-in-refusal";

/** A sign-in at the provider by which an open session wants to prove who it is. */
export type Again = { sessionId: string; userId: string };

/** As long as next-auth's cookies of a sign-in under way live. */
const lifeSeconds = 15 * 60;
const content = z.object({ state: z.string(), sessionId: z.string(), userId: z.string(), endMs: z.number() });

const cookieName = (publicUrl: string): string => (isSecureUrl(publicUrl) ? "__Host-ichor.again" : "ichor.again");
const markOf = (body: string): Buffer => createHmac("sha256", deriveSecret("oidc-again")).update(body).digest();

/** A `Set-Cookie` line that ties the authorization request of that `state` to the session which began it. */
export function againCookie(again: Again, state: string, publicUrl: string, nowMs: number): string {
  const body = Buffer.from(JSON.stringify({ ...again, state, endMs: nowMs + lifeSeconds * 1000 })).toString(
    "base64url",
  );
  return cookieLine(`${body}.${markOf(body).toString("base64url")}`, lifeSeconds, publicUrl);
}

/** A `Set-Cookie` line that takes it away. */
export const noAgainCookie = (publicUrl: string): string => cookieLine("", 0, publicUrl);

function cookieLine(value: string, maxAge: number, publicUrl: string): string {
  const { path, secure } = sessionCookieOptions(publicUrl);
  const line = `${cookieName(publicUrl)}=${value}; Path=${path}; Max-Age=${maxAge}; HttpOnly; SameSite=Lax`;
  return secure ? `${line}; Secure` : line;
}

/** Which session began the authorization request of `state`, by the cookie; null where none did, or it is long ago. */
export function readAgain(
  cookies: { get: (name: string) => { value: string } | undefined },
  state: string | null,
  publicUrl: string,
  nowMs: number,
): Again | null {
  const [body = "", mark = ""] = (cookies.get(cookieName(publicUrl))?.value ?? "").slice(0, 4000).split(".");
  const [given, right] = [Buffer.from(mark, "base64url"), markOf(body)];
  if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
  const { endMs, state: begun, ...again } = content.parse(JSON.parse(Buffer.from(body, "base64url").toString("utf8")));
  return begun === state && endMs > nowMs ? again : null;
}

/**
 * Why a sign-in is no fresh proof for the session that began it, or null where it is one. OpenID Connect Core 1.0, 3.1.2.1: a
 * provider that was sent `max_age` must name `auth_time`; `prompt=login` alone only should make it ask.
 * @param userId the account that the provider vouches for; null where it has none here.
 */
export function whyNoProof(
  again: Again,
  userId: string | null,
  provenAtMs: number | null,
  nowMs: number,
): SignInRefusal | null {
  if (userId !== again.userId) return "other-person";
  if (provenAtMs === null) return "no-proof-time";
  return nowMs - provenAtMs > freshProofMs ? "too-old-proof" : null;
}
