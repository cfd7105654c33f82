import "server-only";
import type { NextRequest } from "next/server";
import type { NextAuthOptions } from "next-auth";
import { clientOf } from "@/lib/auth/client-address";
import { env } from "@/lib/core/env";
import { paths } from "@/lib/core/paths";
import { authOptions } from "./next-auth";
import { type Attempt, documentOrRefusal, isForProvider, oidcProvider } from "./oidc/provider";
import type { SignInRefusal } from "./oidc/sign-in-refusal";

/** Where next-auth sends a browser when something failed; it says no reason there that a person could use. */
const failurePages = /\/api\/auth\/(error|signin)\b|^\/sign-in\?(.*&)?error=|\/sign-in\?(.*&)?error=/;

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
  const { oidc, trustedProxies } = env();
  if (!oidc || !isForProvider(segments)) return run(authOptions(request));
  const attempt: Attempt = { refusal: null };
  const document = await documentOrRefusal(oidc, attempt);
  if (!document) return refused(request, attempt.refusal ?? "provider-down");
  const client = clientOf(request.headers, trustedProxies);
  const response = await run(authOptions(request, [oidcProvider(oidc, document, attempt, client)]));
  const location = response.headers.get("location");
  if (segments[0] !== "callback" || location === null || !failurePages.test(location)) return response;
  // Nothing noted: next-auth stopped before the provider was asked, at its own cookies or at the provider's refusal.
  const unsaid = request.nextUrl.searchParams.has("error") ? "provider-cancelled" : "sign-in-stale";
  response.headers.set("location", signInPage(attempt.refusal ?? unsaid));
  return response;
}

const signInPage = (refusal: SignInRefusal): string => `${env().publicUrl}${paths.signIn()}?error=${refusal}`;

/** As next-auth answers: a browser's script gets the address as JSON, everything else a redirect. */
function refused(request: NextRequest, refusal: SignInRefusal): Response {
  const url = signInPage(refusal);
  return request.method === "POST"
    ? Response.json({ url }, { headers: { "cache-control": "no-store" } })
    : new Response(null, { status: 302, headers: { location: url, "cache-control": "no-store" } });
}
