import NextAuth, { type NextAuthOptions } from "next-auth";
import { NextRequest } from "next/server";
import { answerNextAuth } from "@/lib/people/next-auth-answer";

/** A browser of one person: cookies per host, redirects followed by hand. It reaches the console without Next's server. */
export type TestBrowser = {
  cookies: Map<string, Map<string, string>>;
  /** Asks the console's sign-in routes. */
  console: (method: "GET" | "POST", path: string, body?: Record<string, string>) => Promise<Response>;
  /** Presses the provider's button: the address at the provider, or the sign-in page where it is refused. */
  begin: (target?: string, params?: Record<string, string>) => Promise<string>;
  /** Signs in there as a person: the address of the way back. */
  approve: (url: string, person: string) => Promise<string>;
  /** Both, and the way back: where the console leads then. */
  signIn: (person: string, target?: string, params?: Record<string, string>) => Promise<string>;
};

const mostHops = 10;

type Sent = { method: string; path: string; body: Record<string, string>; cookies: Record<string, string> };

/** next-auth as it answers in Next's pages API, which takes plain objects: the other way in needs Next's server around it. */
async function runNextAuth({ method, path, body, cookies }: Sent, options: NextAuthOptions): Promise<Response> {
  const url = new URL(path, "http://console");
  const headers = new Headers();
  let status = 200;
  let sent: string | null = null;
  const response = {
    status: (code: number) => ((status = code), response),
    getHeader: (name: string) => (name === "Set-Cookie" ? headers.getSetCookie() : headers.get(name)),
    setHeader: (name: string, value: string | string[]) => {
      headers.delete(name);
      for (const one of [value].flat()) headers.append(name, one);
      return response;
    },
    json: (value: unknown) => void (sent = JSON.stringify(value)),
    send: (value: unknown) => void (sent = typeof value === "string" ? value : JSON.stringify(value ?? null)),
    end: () => {},
  };
  const request = {
    method,
    body,
    cookies,
    headers: {},
    query: { nextauth: url.pathname.split("/").filter(Boolean), ...Object.fromEntries(url.searchParams) },
  };
  await NextAuth(request as never, response as never, options);
  return new Response(sent, { status, headers });
}

export function testBrowser(publicUrl: string): TestBrowser {
  const cookies = new Map<string, Map<string, string>>();
  const jarOf = (url: string) => {
    const { host } = new URL(url);
    const jar = cookies.get(host) ?? new Map<string, string>();
    cookies.set(host, jar);
    return jar;
  };
  const keep = (url: string, response: Response) => {
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jarOf(url).delete(name);
      else jarOf(url).set(name, value);
    }
  };
  const cookieLine = (url: string) => [...jarOf(url)].map(([name, value]) => `${name}=${value}`).join("; ");

  const console: TestBrowser["console"] = async (method, path, body) => {
    const url = `${publicUrl}/api/auth/${path}`;
    const request = new NextRequest(url, {
      method,
      headers: { cookie: cookieLine(url) },
      ...(body && { body: new URLSearchParams(body) }),
    });
    const segments = request.nextUrl.pathname.split("/").slice(3);
    const kept = Object.fromEntries([...jarOf(url)].map(([name, value]) => [name, decodeURIComponent(value)]));
    const response = await answerNextAuth(request, segments, (options) =>
      runNextAuth({ method, path, body: body ?? {}, cookies: kept }, options),
    );
    keep(url, response);
    return response;
  };

  const begin: TestBrowser["begin"] = async (target = "/", params = {}) => {
    const { csrfToken } = (await (await console("GET", "csrf")).json()) as { csrfToken: string };
    const query = new URLSearchParams(params).toString();
    const body = { csrfToken, callbackUrl: target, json: "true" };
    const response = await console("POST", `signin/oidc${query && `?${query}`}`, body);
    return ((await response.json()) as { url: string }).url;
  };
  const approve: TestBrowser["approve"] = async (url, person) => {
    let next = url;
    for (let hop = 0; hop < mostHops; hop += 1) {
      if (next.startsWith(publicUrl)) return next;
      const asks = new URL(next).pathname.startsWith("/interaction/");
      const response = await fetch(next, {
        method: asks ? "POST" : "GET",
        redirect: "manual",
        headers: { cookie: cookieLine(next) },
        ...(asks && { body: new URLSearchParams({ person }) }),
      });
      keep(next, response);
      const location = response.headers.get("location");
      if (location === null) throw new Error(`the provider stopped with ${response.status}: ${await response.text()}`);
      next = new URL(location, next).href;
    }
    throw new Error("too many redirects");
  };
  const signIn: TestBrowser["signIn"] = async (person, target, params) => {
    const back = await approve(await begin(target, params), person);
    const response = await console("GET", back.slice(`${publicUrl}/api/auth/`.length));
    return response.headers.get("location") ?? `no redirect: ${response.status}`;
  };
  return { cookies, console, begin, approve, signIn };
}
