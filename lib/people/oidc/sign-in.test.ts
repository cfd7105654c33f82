import { generateKeyPairSync } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { proveRole, systemContext } from "@/lib/auth/ctx";
import { takeFailures } from "@/lib/auth/anonymous-failures";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { changePassword, createUser, setDisabled, setPassword, setRole } from "@/lib/people/commands";
import { signIn } from "@/lib/people/sign-in";
import { testBrowser } from "./browser-testing";
import { setUpTestConsole } from "./console-testing";
import type { TestProvider } from "./provider-testing";

// Cookies that are set beside next-auth's own; there is no Next around this test.
vi.mock("next/headers", () => ({ cookies: async () => ({ set: () => {} }), headers: async () => new Headers() }));
setUpTestDatabase();
const { publicUrl, page, provider, sessionOf } = setUpTestConsole({
  ICHOR_OIDC_ROLE_ADMIN: "admins",
  ICHOR_OIDC_ROLE_OPERATOR: "operators",
  ICHOR_OIDC_ROLE_AUDITOR: "auditors",
  ICHOR_OIDC_ROLE_VIEWER: "staff",
});
const ctx = systemContext("test");

beforeEach(async () => {
  await db.user.deleteMany();
  await createUser(ctx, { name: "root", role: "admin", password: "correct horse battery" });
  provider().people.set("ada", { preferred_username: "Ada Lovelace", email: "ada@x.org", groups: ["operators"] });
});

const accounts = () => db.user.findMany({ where: { name: { not: "root" } }, include: { identity: true } });

describe("a sign-in through a real provider", () => {
  test("makes an account by issuer and subject, with the role of the groups that userinfo tells", async () => {
    const browser = testBrowser(publicUrl);
    expect(await browser.signIn("ada", "/nodes?status=ready")).toBe(`${publicUrl}/nodes?status=ready`);
    expect(await sessionOf(browser)).toMatchObject({
      name: "ada-lovelace",
      role: "operator",
      session: { method: "oidc" },
    });
    expect(await accounts()).toMatchObject([{ identity: { issuer: provider().issuer, subject: "ada" } }]);
    expect((await listAudit(ctx)).entries[0]).toMatchObject({
      action: "session.sign-in",
      detail: { via: "oidc", role: "operator" },
    });
  });

  test("sends PKCE (S256), state and nonce, and the code alone comes back", async () => {
    const url = new URL(await testBrowser(publicUrl).begin());
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: "code",
      code_challenge_method: "S256",
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      state: expect.stringMatching(/^[\w-]{20,}$/) as string,
      nonce: expect.stringMatching(/^[\w-]{20,}$/) as string,
      scope: "openid profile email",
    });
  });

  test("the same person comes back to the same account, under whatever name and address now", async () => {
    await testBrowser(publicUrl).signIn("ada");
    provider().people.set("ada", { preferred_username: "countess", email: "other@x.org", groups: ["operators"] });
    await testBrowser(publicUrl).signIn("ada");
    expect(await accounts()).toMatchObject([{ name: "ada-lovelace" }]);
  });

  test("is never linked to a local account, nor another person's, by name or address", async () => {
    provider().people.set("eve", { preferred_username: "root", email: "root", groups: ["staff"] });
    provider().people.set("eve2", { preferred_username: "root", groups: ["staff"] });
    const browser = testBrowser(publicUrl);
    await browser.signIn("eve");
    await testBrowser(publicUrl).signIn("eve2");
    expect(await sessionOf(browser)).toMatchObject({ name: "root-2", role: "viewer" });
    expect((await accounts()).map(({ name }) => name).sort()).toEqual(["root-2", "root-3"]);
    expect(await db.user.findUnique({ where: { name: "root" }, include: { identity: true } })).toMatchObject({
      role: "admin",
      identity: null,
    });
  });

  test("two first sign-ins at once make one account", async () => {
    await Promise.all([testBrowser(publicUrl).signIn("ada"), testBrowser(publicUrl).signIn("ada")]);
    expect(await accounts()).toHaveLength(1);
  });

  test("the provider says when a person last proved who they are; a session without that is no fresh proof", async () => {
    const plain = testBrowser(publicUrl);
    await plain.signIn("ada");
    expect(await sessionOf(plain)).toMatchObject({ session: { lastProofAtMs: 0 } });
    const again = testBrowser(publicUrl);
    await again.signIn("ada", "/", { prompt: "login", max_age: "0" });
    const { session } = (await sessionOf(again)) ?? {};
    expect(Date.now() - (session?.lastProofAtMs ?? 0)).toBeLessThan(600_000);
  });
});

describe("roles follow the groups at each sign-in", () => {
  test("another group gives another role and ends the sessions with the former one", async () => {
    const before = testBrowser(publicUrl);
    await before.signIn("ada");
    provider().people.set("ada", { groups: ["auditors"] });
    const after = testBrowser(publicUrl);
    await after.signIn("ada");
    expect(await sessionOf(before)).toBeNull();
    expect(await sessionOf(after)).toMatchObject({ role: "auditor" });
  });

  test("a group that is gone refuses the person and takes sessions, tokens and role", async () => {
    const before = testBrowser(publicUrl);
    await before.signIn("ada");
    const [account] = await accounts();
    await db.apiToken.create({
      data: { id: "token_1", name: "t", role: "operator", hash: "x", userId: account?.id ?? "" },
    });
    for (const claims of [{ groups: ["others"] }, { groups: [] }, {}]) {
      provider().people.set("ada", claims);
      expect(await testBrowser(publicUrl).signIn("ada")).toBe(page("no-group"));
    }
    expect(await sessionOf(before)).toBeNull();
    expect(await accounts()).toMatchObject([{ role: "viewer" }]);
    expect(await db.apiToken.findUnique({ where: { id: "token_1" } })).toMatchObject({
      revokedAt: expect.any(Date) as Date,
    });
    const entries = (await listAudit(ctx)).entries.slice(0, 4);
    expect(entries.map(({ action }) => action)).toEqual([
      ...Array.from({ length: 3 }, () => "session.refused"),
      "user.lose-rights",
    ]);
    expect(entries[0]).toMatchObject({ target: { name: "ada-lovelace" }, detail: { via: "oidc", reason: "no-group" } });
    expect(entries[3]?.detail).toMatchObject({ reason: "no-group", formerRole: "operator", sessions: 1, revoked: 1 });
  });

  test("refusals of strangers are counted and make no entry; an account's own make five an hour", async () => {
    provider().people.set("eve", { groups: ["others"] });
    await testBrowser(publicUrl).signIn("ada");
    const [account] = await accounts();
    await setDisabled(ctx, account?.id ?? "", true);
    const newest = async () => (await listAudit(ctx)).entries[0]?.seq ?? 0;
    const before = await newest();
    takeFailures();
    for (let count = 0; count < 3; count += 1) {
      expect(await testBrowser(publicUrl).signIn("eve")).toBe(page("no-group"));
      await testBrowser(publicUrl).console("GET", "callback/oidc?code=x&state=made-up");
    }
    expect(await newest()).toBe(before);
    expect(takeFailures()).toMatchObject([{ kind: "sign-in", subject: "", count: 6 }]);
    for (let count = 0; count < 8; count += 1) await testBrowser(publicUrl).signIn("ada");
    expect(await newest()).toBe(before + 5);
    expect(takeFailures()).toMatchObject([{ kind: "sign-in", subject: account?.id, count: 3 }]);
  });

  test("who is in no group makes no account; a disabled account stays out; a local admin comes first", async () => {
    provider().people.set("eve", { groups: ["others"] });
    expect(await testBrowser(publicUrl).signIn("eve")).toBe(page("no-group"));
    expect(await accounts()).toEqual([]);
    await testBrowser(publicUrl).signIn("ada");
    const [account] = await accounts();
    await setDisabled(ctx, account?.id ?? "", true);
    expect(await testBrowser(publicUrl).signIn("ada")).toBe(page("account-disabled"));
    await db.user.deleteMany();
    expect(await testBrowser(publicUrl).signIn("ada")).toBe(page("not-set-up"));
    expect(await db.user.count()).toBe(0);
  });
});

describe("an account of the provider", () => {
  const account = async () => {
    await testBrowser(publicUrl).signIn("ada");
    const [made] = await accounts();
    if (!made) throw new Error("no account was made");
    return made;
  };

  test("has no password here, whatever is stored, and its role is not set here", async () => {
    const { id, name } = await account();
    await expect(setPassword(ctx, id, "another good one")).rejects.toThrow("has no password here");
    await expect(setRole(ctx, id, "admin")).rejects.toThrow("follows the groups");
    const ada = proveRole({ kind: "user", id, name, role: "operator" }, "viewer");
    await expect(changePassword(ada, { current: "x", password: "another good one" })).rejects.toThrow("no password");
    const root = await db.user.findUniqueOrThrow({ where: { name: "root" } });
    await db.user.update({ where: { id }, data: { passwordHash: root.passwordHash } });
    await expect(signIn(name, "correct horse battery", { address: "10.0.0.1" }, Date.now())).rejects.toThrow(
      "not right",
    );
  });

  test("that is an administrator does not stand in for a local one", async () => {
    provider().people.set("ada", { groups: ["admins"] });
    const { role } = await account();
    expect(role).toBe("admin");
    const root = await db.user.findUniqueOrThrow({ where: { name: "root" } });
    await expect(setDisabled(ctx, root.id, true)).rejects.toThrow("last administrator");
    await expect(setRole(ctx, root.id, "viewer")).rejects.toThrow("last administrator");
  });

  test("with passwords for administrators alone, theirs is taken and nobody else's", async () => {
    const password = "correct horse battery";
    await createUser(ctx, { name: "grace", role: "operator", password });
    vi.stubEnv("ICHOR_PASSWORD_SIGN_IN", "admins");
    try {
      expect(await signIn("root", password, { address: "10.0.0.2" }, Date.now())).toMatchObject({ name: "root" });
      await expect(signIn("grace", password, { address: "10.0.0.3" }, Date.now())).rejects.toThrow("not right");
    } finally {
      vi.stubEnv("ICHOR_PASSWORD_SIGN_IN", "");
    }
  });
});

describe("what is not believed", () => {
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const nowS = Math.floor(Date.now() / 1000);
  const hostile: [string, TestProvider["tamper"]][] = [
    ["another issuer", { idToken: (jwt) => ({ ...jwt, claims: { ...jwt.claims, iss: "http://127.0.0.1:1" } }) }],
    [
      "the issuer with a slash more",
      { idToken: (jwt) => ({ ...jwt, claims: { ...jwt.claims, iss: `${String(jwt.claims.iss)}/` } }) },
    ],
    ["another audience", { idToken: (jwt) => ({ ...jwt, claims: { ...jwt.claims, aud: "other" } }) }],
    [
      "two audiences and another party",
      { idToken: (jwt) => ({ ...jwt, claims: { ...jwt.claims, aud: ["ichor", "other"], azp: "other" } }) },
    ],
    ["another nonce", { idToken: (jwt) => ({ ...jwt, claims: { ...jwt.claims, nonce: "x" } }) }],
    ["no nonce", { idToken: (jwt) => ({ ...jwt, claims: { ...jwt.claims, nonce: undefined } }) }],
    [
      "an expired token",
      { idToken: (jwt) => ({ ...jwt, claims: { ...jwt.claims, exp: nowS - 60, iat: nowS - 120 } }) },
    ],
    ["no expiry", { idToken: (jwt) => ({ ...jwt, claims: { ...jwt.claims, exp: undefined } }) }],
    ["a token from the future", { idToken: (jwt) => ({ ...jwt, claims: { ...jwt.claims, nbf: nowS + 600 } }) }],
    ["no subject", { idToken: (jwt) => ({ ...jwt, claims: { ...jwt.claims, sub: undefined } }) }],
    ["another's signature", { idToken: (jwt) => ({ ...jwt, key: other }) }],
    ["no signature", { idToken: (jwt) => ({ ...jwt, header: { ...jwt.header, alg: "none" }, key: null }) }],
    ["no signature under a good name", { idToken: (jwt) => ({ ...jwt, key: null }) }],
    ["a symmetric way", { idToken: (jwt) => ({ ...jwt, header: { ...jwt.header, alg: "HS256" } }) }],
    ["an unknown key", { idToken: (jwt) => ({ ...jwt, header: { ...jwt.header, kid: "other" }, key: other }) }],
    ["userinfo of another subject", { userinfo: (claims) => ({ ...claims, sub: "eve" }) }],
    ["userinfo without a subject", { userinfo: ({ sub: _, ...claims }) => claims }],
  ];
  test.each(hostile)("%s", async (_name, tamper) => {
    provider().tamper = tamper;
    const browser = testBrowser(publicUrl);
    expect(await browser.signIn("ada")).toBe(page("provider-nonsense"));
    expect(await sessionOf(browser)).toBeNull();
    expect(await accounts()).toEqual([]);
  });

  test("what is signed wins: userinfo cannot say another issuer, nor a later proof", async () => {
    provider().tamper = { userinfo: (claims) => ({ ...claims, iss: "https://evil", auth_time: nowS, nonce: "x" }) };
    const browser = testBrowser(publicUrl);
    await browser.signIn("ada");
    expect(await accounts()).toMatchObject([{ identity: { issuer: provider().issuer } }]);
    expect(await sessionOf(browser)).toMatchObject({ session: { lastProofAtMs: 0 } });
  });

  test("an answer is taken once, by the browser that began, and only with its state", async () => {
    const browser = testBrowser(publicUrl);
    const back = (await browser.approve(await browser.begin(), "ada")).slice(`${publicUrl}/api/auth/`.length);
    const answer = async (from: typeof browser, path = back) =>
      (await from.console("GET", path)).headers.get("location");
    expect(await answer(testBrowser(publicUrl))).toBe(page("sign-in-stale"));
    const kept = new Map(browser.cookies.get(new URL(publicUrl).host));
    expect(await answer(browser, back.replace(/state=[^&]+/, "state=other"))).toBe(page("sign-in-stale"));
    expect(await answer(browser)).toBe(`${publicUrl}/`);
    expect(await answer(browser)).toBe(page("sign-in-stale"));
    // Even with the cookies of before, and whatever the provider answers.
    browser.cookies.set(new URL(publicUrl).host, kept);
    expect(await answer(browser)).toMatch(/error=(provider-nonsense|sign-in-stale)$/);
    expect(await db.session.count()).toBe(1);
  });

  test("the provider's own refusal is told as that, in our words", async () => {
    const browser = testBrowser(publicUrl);
    await browser.begin();
    const response = await browser.console("GET", "callback/oidc?error=access_denied&error_description=<b>evil</b>");
    expect(response.headers.get("location")).toBe(page("provider-cancelled"));
  });

  test.each([
    "//evil.example",
    "https://evil.example/x",
    "/\\evil.example",
    "javascript:alert(1)",
    `${publicUrl}.evil.example/`,
    "\u0000",
  ])("the way back leads nowhere else: %j", async (target) => {
    expect(await testBrowser(publicUrl).signIn("ada", target)).toMatch(new RegExp(`^${publicUrl}/?$`));
  });
});
