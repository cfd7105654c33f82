import { type NextRequest, NextResponse } from "next/server";
import { countFailureOf } from "@/lib/auth/anonymous-failures";
import { forgeryOf, isAllowedHost, requestFacts } from "@/lib/auth/origin";
import { sessionCookieName } from "@/lib/auth/session-cookie";
import { env } from "@/lib/core/env";
import { paths } from "@/lib/core/paths";
import { contentSecurityPolicy, securityHeaders } from "@/lib/core/security-headers";

const openPages = new Set([paths.signIn(), "/set-up"]);

/**
 * Headers, and the way to the sign-in page. It refuses requests for other hosts and from other sites early; who may do
 * what is decided where it is done, never here.
 */
export function proxy(request: NextRequest): NextResponse {
  const { publicUrl } = env();
  for (const name of ["host", "x-forwarded-host"]) {
    const host = request.headers.get(name);
    if ((name === "host" || host !== null) && !isAllowedHost(host, publicUrl)) {
      countFailureOf("foreign", request.headers);
      return new NextResponse(
        `This console does not answer for that host name. Set ICHOR_URL to the address that people use.\n`,
        { status: 421 },
      );
    }
  }
  const forgery = forgeryOf(requestFacts(request.method, request.headers), publicUrl);
  if (forgery) {
    countFailureOf("foreign", request.headers);
    return NextResponse.json({ error: { code: "forbidden", message: forgery, requestId: "proxy" } }, { status: 403 });
  }

  const { pathname, search } = request.nextUrl;
  const cookie = request.cookies.get(sessionCookieName(publicUrl))?.value;
  const isApi = pathname.startsWith("/api/");
  // An action answers in its own words that the session has ended; a redirect would look like a console that is gone.
  const isAction = request.method === "POST" && request.headers.has("next-action");
  if (!isApi && !isAction && cookie === undefined && !openPages.has(pathname)) {
    const from = pathname === "/" ? undefined : pathname + search;
    return secured(NextResponse.redirect(new URL(paths.signIn(from), request.nextUrl)), publicUrl);
  }

  const policy = contentSecurityPolicy(Buffer.from(crypto.randomUUID()).toString("base64"), {
    development: process.env.NODE_ENV === "development",
    secure: publicUrl.startsWith("https://"),
  });
  const headers = new Headers(request.headers);
  // Next puts the nonce that it finds here on its own scripts.
  headers.set("content-security-policy", policy);
  headers.set("x-ichor-path", pathname + search);
  const response = secured(NextResponse.next({ request: { headers } }), publicUrl);
  response.headers.set("content-security-policy", policy);
  return response;
}

function secured(response: NextResponse, publicUrl: string): NextResponse {
  for (const [name, value] of Object.entries(securityHeaders(publicUrl.startsWith("https://"))))
    response.headers.set(name, value);
  return response;
}

export const config = {
  // Built files carry their hash in the name and hold nothing private.
  matcher: ["/((?!_next/static|icon.svg|favicon.ico).*)"],
};
