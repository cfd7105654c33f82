import { beforeEach, expect, test, vi } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { requireFreshProof } from "@/lib/auth/proof";
import { endSession } from "@/lib/auth/session";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { createUser } from "@/lib/people/commands";
import { testBrowser } from "./browser-testing";
import { setUpTestConsole } from "./console-testing";
import type { TestProvider } from "./provider-testing";

// Cookies that are set beside next-auth's own; there is no Next around this test.
vi.mock("next/headers", () => ({ cookies: async () => ({ set: () => {} }), headers: async () => new Headers() }));
setUpTestDatabase();
const { publicUrl, provider, sessionOf } = setUpTestConsole({ ICHOR_OIDC_DEFAULT_ROLE: "viewer" });
const ctx = systemContext("test");
const here = "/settings?tab=x";
const again = { prompt: "login", max_age: "0" };
type Browser = ReturnType<typeof testBrowser>;

beforeEach(async () => {
  await db.user.deleteMany();
  await createUser(ctx, { name: "root", role: "admin", password: "correct horse battery" });
  provider().people.set("eve", {});
});

/** Signed in by a click on a provider that named no time: what is sensitive is refused. */
async function signedIn(): Promise<Browser> {
  const browser = testBrowser(publicUrl);
  expect(await browser.signIn("ada")).toMatch(new RegExp(`^${publicUrl}/?$`));
  expect(await isFresh(browser)).toBe(false);
  return browser;
}
async function isFresh(browser: Browser): Promise<boolean> {
  const actor = await sessionOf(browser);
  if (!actor) throw new Error("nobody is signed in");
  try {
    requireFreshProof(actor, "accounts", Date.now());
    return true;
  } catch {
    return false;
  }
}
const stillHere = (error: string) => `${publicUrl}/sign-in?error=${error}&from=${encodeURIComponent(here)}`;
const authTime = (value: number | undefined): TestProvider["tamper"] => ({
  idToken: (jwt) => ({ ...jwt, claims: { ...jwt.claims, auth_time: value } }),
});
const newest = async () => (await listAudit(ctx)).entries[0];

test("a sign-in there again is a fresh proof, and leads back to where it was asked for", async () => {
  const browser = await signedIn();
  expect(await browser.signIn("ada", here, again)).toBe(publicUrl + here);
  expect(await isFresh(browser)).toBe(true);
  expect(await newest()).toMatchObject({ action: "session.sign-in", detail: { via: "oidc", again: true } });
  expect(await db.session.count()).toBe(1);
});

test.each([
  ["that names no time for it", undefined, "no-proof-time"],
  ["that did not ask", Math.floor(Date.now() / 1000) - 3600, "too-old-proof"],
] as const)(
  "a provider %s gives no proof; the session stays as it was, and the reason is told",
  async (_name, at, why) => {
    const browser = await signedIn();
    const before = await sessionOf(browser);
    provider().tamper = authTime(at);
    expect(await browser.signIn("ada", here, again)).toBe(stillHere(why));
    expect(await sessionOf(browser)).toEqual(before);
    expect(await newest()).toMatchObject({
      action: "session.refused",
      target: { name: "ada" },
      detail: { reason: why, again: true },
    });
  },
);

test("somebody else's sign-in is no proof, and does not take the session over", async () => {
  await testBrowser(publicUrl).signIn("eve");
  const browser = await signedIn();
  const leave = () => browser.cookies.delete(new URL(provider().issuer).host);
  leave();
  expect(await browser.signIn("eve", here, again)).toBe(stillHere("other-person"));
  expect([await isFresh(browser), (await sessionOf(browser))?.name]).toEqual([false, "ada"]);
  expect(await newest()).toMatchObject({ action: "session.refused", target: { name: "eve" } });
  // Neither does one whom nobody knows yet: no account is made of it.
  provider().people.set("new", {});
  leave();
  const accounts = await db.user.count();
  expect(await browser.signIn("new", here, again)).toBe(stillHere("other-person"));
  expect(await db.user.count()).toBe(accounts);
});

test("of a session that has ended meanwhile it is a sign-in like any other", async () => {
  const browser = await signedIn();
  const { session } = (await sessionOf(browser)) ?? {};
  const back = await browser.approve(await browser.begin(here, again), "ada");
  await endSession({ id: session?.id ?? "" });
  provider().tamper = authTime(undefined);
  const answer = await browser.console("GET", back.slice(`${publicUrl}/api/auth/`.length));
  expect(answer.headers.get("location")).toBe(publicUrl + here);
  expect(await isFresh(browser)).toBe(false);
  expect((await newest())?.detail).not.toHaveProperty("again");
});

test("a mark that was made up, is of another request, or of another session ties nothing", async () => {
  const browser = await signedIn();
  await testBrowser(publicUrl).signIn("eve");
  const jar = browser.cookies.get(new URL(publicUrl).host);
  await browser.begin(here, again);
  const mark = jar?.get("ichor.again") ?? "";
  expect(mark).toMatch(/^[\w-]+\.[\w-]{43}$/);
  for (const made of [mark, `${mark.slice(0, -2)}xx`, "x", `${mark}.x`, ""]) {
    const url = await browser.begin(here);
    jar?.set("ichor.again", made);
    const back = await browser.approve(url, "ada");
    const answer = await browser.console("GET", back.slice(`${publicUrl}/api/auth/`.length));
    expect(answer.headers.get("location")).toBe(publicUrl + here);
    expect((await newest())?.detail).not.toHaveProperty("again");
  }
});

test("a provider that is down leads to a page that says so, and back", async () => {
  const browser = await signedIn();
  vi.stubEnv("ICHOR_OIDC_ISSUER", "http://127.0.0.1:1");
  expect(await browser.begin(here, again)).toBe(stillHere("provider-down"));
  expect(await sessionOf(browser)).toMatchObject({ name: "ada" });
  expect(await testBrowser(publicUrl).begin(here, again)).toBe(`${publicUrl}/sign-in?error=provider-down`);
});
