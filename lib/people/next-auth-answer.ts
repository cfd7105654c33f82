import "server-only";
import type { NextRequest } from "next/server";
import type { NextAuthOptions } from "next-auth";
import { clientOf } from "@/lib/auth/client-address";
import { actorOfSession } from "@/lib/auth/session";
import { sessionCookieName } from "@/lib/auth/session-cookie";
import { env } from "@/lib/core/env";
import { localPath } from "@/lib/core/local-path";
import { paths } from "@/lib/core/paths";
import { db } from "@/lib/db/client";
import { authOptions } from "./next-auth";
import { type Again, againCookie, noAgainCookie, readAgain } from "./oidc/again";
import { type Attempt, documentOrRefusal, isForProvider, oidcProvider } from "./oidc/provider";
import type { SignInRefusal } from "./oidc/sign-in-refusal";
import { noteRefusal } from "./refused-sign-in";

/** Where next-auth sends a browser when something failed; it says no reason there that a person could use. */
const failurePages = /\/api\/auth\/(error|signin)\b|^\/sign-in\?(.*&)?error=|\/sign-in\?(.*&)?error=/;
/** What somebody at the browser did; the other refusals are noted where the account is known, or are the provider's. */
const strangers: readonly SignInRefusal[] = ["sign-in-stale", "provider-cancelled", "provider-nonsense"];

/**
 * Answers a request to next-auth. The identity provider takes part only in requests that are for it, so that a provider that is
 * down holds nothing else up; where it failed, the sign-in page is told why.
 * @param segments of the path behind `/api/auth/`.
 * @param run next-auth itself.
 */
export async function answerNextAuth(
  request: NextRequest,
  segments: readonly string[],
  run: (options: NextAuthOptions) => Promise<Response>,
): Promise<Response> {
  const { oidc, publicUrl, trustedProxies } = env();
  if (!oidc || !isForProvider(segments)) return run(authOptions(request));
  const nowMs = Date.now();
  const { address } = clientOf(request.headers, trustedProxies);
  const comesBack = segments[0] === "callback";
  const state = request.nextUrl.searchParams.get("state");
  const session = await provenSession(request, nowMs);
  const begun = comesBack ? readAgain(request.cookies, state, publicUrl, nowMs) : null;
  // Of a session that has ended meanwhile it is a sign-in like any other.
  const again = begun?.sessionId === session?.sessionId ? begun : null;

  const attempt: Attempt = { refusal: null };
  const document = await documentOrRefusal(oidc, attempt);
  if (!document) return refused(request, attempt.refusal ?? "provider-down", session !== null);
  const response = await run(authOptions(request, [oidcProvider(oidc, document, attempt, { address, again })]));
  if (!comesBack) {
    const wish = request.nextUrl.searchParams.get("prompt") === "login" ? session : null;
    return wish ? tied(response, wish, publicUrl, nowMs) : response;
  }
  if (begun) response.headers.append("set-cookie", noAgainCookie(publicUrl));
  const location = response.headers.get("location");
  if (location === null || !failurePages.test(location)) return response;
  // Nothing noted: next-auth stopped before the provider was asked, at its own cookies or at the provider's refusal.
  const unsaid = request.nextUrl.searchParams.has("error") ? "provider-cancelled" : "sign-in-stale";
  const refusal = attempt.refusal ?? unsaid;
  if (strangers.includes(refusal)) await noteRefusal({ stranger: true }, address, nowMs);
  response.headers.set("location", signInPage(refusal, again && targetOf(request)));
  return response;
}

/** The open session of the browser, where its account is the provider's. */
async function provenSession(request: NextRequest, nowMs: number): Promise<Again | null> {
  const secret = request.cookies.get(sessionCookieName(env().publicUrl))?.value;
  const actor = secret === undefined ? null : await actorOfSession(secret, nowMs, { use: false });
  if (!actor?.session || !(await db.oidcIdentity.findUnique({ where: { userId: actor.id } }))) return null;
  return { sessionId: actor.session.id, userId: actor.id };
}

/** Ties the authorization request that next-auth has made to the session that wants to prove itself by it. */
async function tied(response: Response, session: Again, publicUrl: string, nowMs: number): Promise<Response> {
  const body = (await response
    .clone()
    .json()
    .catch(() => null)) as { url?: unknown } | null;
  const url = typeof body?.url === "string" ? body.url : response.headers.get("location");
  const state = url === null ? null : URL.parse(url)?.searchParams.get("state");
  if (state) response.headers.append("set-cookie", againCookie(session, state, publicUrl, nowMs));
  return response;
}

/** The page that next-auth would lead back to: it keeps it in a cookie. */
function targetOf(request: NextRequest): string {
  const kept = request.cookies.getAll().find(({ name }) => name.endsWith("next-auth.callback-url"))?.value ?? "";
  const { publicUrl } = env();
  return localPath(kept.startsWith(`${publicUrl}/`) ? kept.slice(publicUrl.length) : undefined);
}

/** The page that the button leads back to, as it was sent to next-auth. */
async function wishedTarget(request: NextRequest): Promise<string> {
  const body = request.method === "POST" ? await request.text().catch(() => "") : "";
  return localPath(new URLSearchParams(body).get("callbackUrl") ?? undefined);
}

const signInPage = (refusal: SignInRefusal, from: string | null = null): string => {
  const query = new URLSearchParams({ error: refusal, ...(from !== null && { from }) });
  return `${env().publicUrl}${paths.signIn()}?${query.toString()}`;
};

/** As next-auth answers: a browser's script gets the address as JSON, everything else a redirect. */
async function refused(request: NextRequest, refusal: SignInRefusal, signedIn: boolean): Promise<Response> {
  const url = signInPage(refusal, signedIn ? await wishedTarget(request) : null);
  return request.method === "POST"
    ? Response.json({ url }, { headers: { "cache-control": "no-store" } })
    : new Response(null, { status: 302, headers: { location: url, "cache-control": "no-store" } });
}
