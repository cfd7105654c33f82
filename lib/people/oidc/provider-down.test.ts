import http from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { setUpTestDatabase } from "@/lib/db/testing";
import { createUser } from "@/lib/people/commands";
import { signIn } from "@/lib/people/sign-in";
import { boundedAgent } from "@/lib/core/dial/bounded-agent";
import { testBrowser } from "./browser-testing";
import { setUpTestConsole } from "./console-testing";
import { discover, forgetDocument, readDocument } from "./discovery";
import { ProviderFailure } from "./provider-failure";
import type { TestProvider } from "./provider-testing";

// Cookies that are set beside next-auth's own; there is no Next around this test.
vi.mock("next/headers", () => ({ cookies: async () => ({ set: () => {} }), headers: async () => new Headers() }));
setUpTestDatabase();
const { publicUrl, page, provider } = setUpTestConsole({ ICHOR_OIDC_DEFAULT_ROLE: "viewer" });
const wellKnown = "/.well-known/openid-configuration";
const password = "correct horse battery";

beforeAll(async () => {
  await createUser(systemContext("test"), { name: "root", role: "admin", password });
});

/** Answers requests for a path itself. */
const answering = (path: string, answer: (response: http.ServerResponse) => void): TestProvider["tamper"] => ({
  answer: (request, response) => {
    if (!request.url?.startsWith(path)) return false;
    answer(response);
    return true;
  },
});
const sendJson = (value: unknown) => (response: http.ServerResponse) => void response.end(JSON.stringify(value));
const document = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/auth`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/me`,
  jwks_uri: `${issuer}/jwks`,
});

/** Sends on and on, as fast as it is taken. */
function endless(response: http.ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, " ");
  const forever = function* () {
    while (true) yield chunk;
  };
  response.writeHead(200, { "content-type": "application/json" });
  Readable.from(forever())
    .on("error", () => {})
    .pipe(response);
  response.on("error", () => {});
}

describe("a provider that is down", () => {
  test("is told as that on the sign-in page, and a local account signs in all the same", async () => {
    vi.stubEnv("ICHOR_OIDC_ISSUER", "http://127.0.0.1:1");
    expect(await testBrowser(publicUrl).begin()).toBe(page("provider-down"));
    expect(await signIn("root", password, { address: "10.0.0.1" }, Date.now())).toMatchObject({ name: "root" });
  });

  test.each<[string, string, TestProvider["tamper"]]>([
    ["discovery that fails", wellKnown, answering(wellKnown, (response) => response.writeHead(503).end("later"))],
    ["discovery that hangs up", wellKnown, answering(wellKnown, (response) => response.destroy())],
    ["discovery without end", wellKnown, answering(wellKnown, endless)],
  ])("%s", async (_name, _path, tamper) => {
    provider().tamper = tamper;
    expect(await testBrowser(publicUrl).begin()).toBe(page("provider-down"));
  });

  test.each<[string, TestProvider["tamper"]]>([
    ["tokens", answering("/token", (response) => response.destroy())],
    ["keys", answering("/jwks", (response) => response.destroy())],
    ["keys without end", answering("/jwks", endless)],
    ["userinfo", answering("/me", (response) => response.destroy())],
    ["userinfo without end", answering("/me", endless)],
  ])("in the midst of a sign-in: %s", async (_name, tamper) => {
    provider().tamper = tamper;
    expect(await testBrowser(publicUrl).signIn("ada")).toBe(page("provider-down"));
  });
});

describe("discovery", () => {
  test("is asked for once by all who sign in at once, and again after five minutes", async () => {
    const issuer = { issuer: provider().issuer };
    await Promise.all([discover(issuer, 1000), discover(issuer, 1000), discover(issuer, 299_000)]);
    expect(provider().asked).toEqual([wellKnown]);
    await discover(issuer, 302_000);
    expect(provider().asked).toEqual([wellKnown, wellKnown]);
  });

  test("a failure stands for five seconds, however often strangers press the button", async () => {
    provider().tamper = answering(wellKnown, (response) => response.writeHead(500).end());
    const ask = (nowMs: number) =>
      discover({ issuer: provider().issuer }, nowMs).catch((error: ProviderFailure) => error.kind);
    expect(await ask(1000)).toBe("down");
    for (let press = 0; press < 20; press += 1) await ask(5000);
    expect(provider().asked).toEqual([wellKnown]);
    provider().tamper = {};
    expect(await ask(6500)).toMatchObject({ issuer: provider().issuer });
  });

  test.each<[string, unknown]>([
    ["garbage", "<html>"],
    ["a list", []],
    ["nothing", null],
    ["another issuer", document("https://evil.example")],
    ["no keys", { ...document("https://id.example.org"), jwks_uri: undefined }],
    ["an address that is none", { ...document("https://id.example.org"), token_endpoint: "file:///etc/passwd" }],
    [
      "an address without TLS",
      { ...document("https://id.example.org"), token_endpoint: "http://id.example.org/token" },
    ],
  ])("%s is refused", (_name, found) => {
    const text = typeof found === "string" ? found : JSON.stringify(found);
    expect(() => readDocument("https://id.example.org", text)).toThrow(ProviderFailure);
  });

  test("a trailing slash more or less is the same issuer, and the document's own form is what tokens must say", () => {
    const text = JSON.stringify(document("https://id.example.org/o/ichor/"));
    expect(readDocument("https://id.example.org/o/ichor", text).issuer).toBe("https://id.example.org/o/ichor/");
  });

  test("garbage is told as an answer that cannot be believed", async () => {
    provider().tamper = answering(wellKnown, sendJson({ issuer: 7 }));
    expect(await testBrowser(publicUrl).begin()).toBe(page("provider-nonsense"));
  });

  test("redirects are not followed, and metadata services are never asked", async () => {
    provider().tamper = answering(wellKnown, (response) =>
      response.writeHead(302, { location: "http://169.254.169.254/latest" }).end(),
    );
    expect(await testBrowser(publicUrl).begin()).toBe(page("provider-down"));
    provider().tamper = answering(
      wellKnown,
      sendJson({ ...document(provider().issuer), token_endpoint: "http://169.254.169.254/token" }),
    );
    forgetDocument();
    const browser = testBrowser(publicUrl);
    const url = new URL(await browser.begin());
    const back = `callback/oidc?code=x&state=${url.searchParams.get("state") ?? ""}`;
    const answer = await browser.console("GET", back);
    expect(answer.headers.get("location")).toMatch(/error=provider-(nonsense|down)$/);
  });
});

test("a connection ends after its time, whatever drips from it", async () => {
  const server = http.createServer((_request, response) => {
    const timer = setInterval(() => response.write(" "), 5);
    response.on("close", () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const agent = boundedAgent(url, { kind: "service", url }, { timeoutMs: 60 });
  const failure = await new Promise((resolve) => {
    http.get(url, { agent }, (response) => response.resume().once("error", resolve)).once("error", resolve);
  });
  expect(failure).toMatchObject({ code: "ETIMEDOUT" });
  server.closeAllConnections();
  server.close();
});
