import { beforeEach, describe, expect, test, vi } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { type Actor, proveRole, systemContext } from "@/lib/auth/ctx";
import { actorOfSession, endSession, openSession } from "@/lib/auth/session";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { runOperation } from "@/lib/operation/run-operation";
import { createUser } from "./commands";
import { testAuthenticator } from "./factors/authenticator-testing";
import { addPasskey, confirmTotp, startPasskey, startTotp } from "./factors/commands";
import { takeSignInStep } from "./factors/sign-in-steps";
import { totpCode } from "./factors/totp";
import { createTokenOperation, proveOperation, startProofOperation } from "./operations";
import { prove } from "./prove";

const request = vi.hoisted(() => ({ host: "localhost:3000" }));
vi.mock("next/headers", () => ({ headers: async () => new Headers({ host: request.host }) }));
setUpTestDatabase();
vi.stubEnv("ICHOR_LOG_LEVEL", "error");
const ctx = systemContext("test");
const password = "walnut trombone gutter";
const passkeys = { rpId: "localhost", origin: "http://localhost:3000" };
const how = { requestId: "request_1", origin: "browser" } as const;
const minuteMs = 60_000;
let nowMs = Date.UTC(2026, 0, 1);

/** Somebody whose last proof is six minutes old. */
async function signedIn(name: string) {
  const found = await db.user.findUnique({ where: { name } });
  const userId = found?.id ?? (await createUser(ctx, { name, role: "operator", password }));
  const client = { address: "10.0.0.1", agent: "Firefox on Linux" };
  const { id, secret } = await openSession(userId, "password", { client, nowMs: nowMs - 6 * minuteMs });
  const actor = async (): Promise<Actor & { kind: "user" }> => {
    const read = await actorOfSession(secret, nowMs, { use: false });
    if (!read) throw new Error("the session has ended");
    return read;
  };
  const first = await actor();
  return {
    id,
    userId,
    actor,
    viewer: proveRole(first, "viewer"),
    say: (input: unknown) => runOperation(proveOperation, first, input, how),
    ways: async () => {
      const answer = await runOperation(startProofOperation, first, {}, how);
      if (!answer.ok) throw new Error(answer.error.message);
      return answer.data.ways;
    },
    /** Whether what is sensitive is let pass now. */
    may: async () => {
      const answer = await runOperation(createTokenOperation, await actor(), { name: "t", role: "viewer" }, how);
      return answer.ok || answer.error.code;
    },
  };
}
type Session = Awaited<ReturnType<typeof signedIn>>;

async function addApp({ viewer }: Session) {
  const secret = (await startTotp(viewer)).secret.replaceAll(" ", "");
  const codes = (await confirmTotp(viewer, totpCode(secret, nowMs), nowMs)) ?? [];
  pass(30_000);
  return { secret, codes };
}
async function addKey({ viewer }: Session) {
  const key = testAuthenticator(passkeys.origin, passkeys.rpId);
  await addPasskey(
    viewer,
    { name: "k", answer: key.create(await startPasskey(viewer, passkeys, nowMs), { counter: 0 }) },
    passkeys,
    nowMs,
  );
  return key;
}
const optionsOf = async (session: Session) => {
  const ways = await session.ways();
  if (ways.by !== "own" || !ways.passkey) throw new Error("no passkey is asked for");
  return ways.passkey;
};
const pass = (ms: number) => void vi.setSystemTime((nowMs += ms));

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  pass(24 * 60 * minuteMs);
  request.host = "localhost:3000";
  await db.user.deleteMany();
  await db.signInAttempt.deleteMany();
});

test("with no second factor the password proves it, and is what is asked for", async () => {
  const ada = await signedIn("ada");
  expect(await ada.ways()).toEqual({ by: "own", code: "none", passkey: null });
  expect(await ada.say({ by: "password", password })).toEqual({ ok: true, data: {} });
  expect(await ada.may()).toBe(true);
});

describe("with an authenticator app", () => {
  test("the password alone does not; with a code of now it does, audited by its kind", async () => {
    const ada = await signedIn("ada");
    const { secret } = await addApp(ada);
    expect(await ada.ways()).toEqual({ by: "own", code: "app", passkey: null });
    const wrong = { error: { code: "invalid-input", fields: { code: expect.any(String) as string } } };
    expect(await ada.say({ by: "password", password })).toMatchObject(wrong);
    expect(await ada.say({ by: "password", password, code: "000000" })).toMatchObject(wrong);
    expect(await ada.may()).toBe("proof-needed");
    const code = totpCode(secret, nowMs);
    expect(await ada.say({ by: "password", password: "not it", code })).toMatchObject({
      error: { fields: { password: expect.any(String) as string } },
    });
    expect(await ada.say({ by: "password", password, code })).toEqual({ ok: true, data: {} });
    expect([await ada.may(), (await ada.actor()).session?.method]).toEqual([true, "password-totp"]);
    const entries = (await listAudit(ctx, { action: "session.prove", actor: `user:${ada.userId}`, phase: "intent" }))
      .entries;
    expect(entries.map(({ outcome }) => outcome)).toEqual(["succeeded", "failed", "failed", "failed"]);
    expect(entries[0]).toMatchObject({ detail: { by: "password" } });
    expect(JSON.stringify(entries)).not.toMatch(new RegExp(`${password}|${code}`));
  });

  test("a code that the sign-in or another proof has taken is refused", async () => {
    const ada = await signedIn("ada");
    const { secret } = await addApp(ada);
    const code = totpCode(secret, nowMs);
    const place = { address: "10.0.0.9", agent: "x", device: null, passkeys, nowMs };
    const entered = await takeSignInStep({ step: "password", name: "ada", password }, place);
    if (entered.state !== "factor") throw new Error(entered.state);
    await takeSignInStep({ step: "code", pending: entered.pending, code }, place);
    expect(await ada.say({ by: "password", password, code })).toMatchObject({ error: { code: "invalid-input" } });
    pass(30_000);
    const next = totpCode(secret, nowMs);
    expect(await ada.say({ by: "password", password, code: next })).toMatchObject({ ok: true });
    expect(await ada.say({ by: "password", password, code: next })).toMatchObject({ error: { code: "invalid-input" } });
  });

  test("a recovery code stands in, once", async () => {
    const ada = await signedIn("ada");
    const { codes } = await addApp(ada);
    const input = { by: "password", password, code: codes[0] };
    expect(await ada.say(input)).toMatchObject({ ok: true });
    expect((await ada.actor()).session?.method).toBe("password-recovery");
    expect(await ada.say(input)).toMatchObject({ error: { code: "invalid-input" } });
  });

  test("codes guessed on and on are limited together with those of the sign-in", async () => {
    const ada = await signedIn("ada");
    await addApp(ada);
    let last: unknown;
    for (let guess = 0; guess < 6; guess += 1) last = await ada.say({ by: "password", password, code: "000000" });
    expect(last).toMatchObject({ error: { code: "rate-limited" } });
    const place = { address: "10.0.0.9", agent: "x", device: null, passkeys, nowMs };
    const entered = await takeSignInStep({ step: "password", name: "ada", password }, place);
    if (entered.state !== "factor") throw new Error(entered.state);
    await expect(takeSignInStep({ step: "code", pending: entered.pending, code: "000000" }, place)).rejects.toThrow(
      "Too many attempts",
    );
  });
});

describe("with a passkey", () => {
  test("it proves it by itself, once per challenge; where it is of another address, a recovery code is asked for", async () => {
    const ada = await signedIn("ada");
    const key = await addKey(ada);
    const answer = key.get(await optionsOf(ada), { counter: 0 });
    expect(await ada.say({ by: "passkey", answer })).toEqual({ ok: true, data: {} });
    expect([await ada.may(), (await ada.actor()).session?.method]).toEqual([true, "passkey"]);
    expect(await ada.say({ by: "passkey", answer })).toMatchObject({ error: { code: "refused" } });
    expect(await ada.say({ by: "password", password })).toMatchObject({
      error: { fields: { code: expect.any(String) as string } },
    });
    request.host = "127.0.0.1:3000";
    expect(await ada.ways()).toEqual({ by: "own", code: "recovery", passkey: null });
    expect(await ada.say({ by: "passkey", answer })).toMatchObject({ error: { code: "refused" } });
  });

  test("a challenge of another session, of a sign-in, of another account, or too old is refused", async () => {
    const ada = await signedIn("ada");
    const elsewhere = await signedIn("ada");
    const key = await addKey(ada);
    const eve = await signedIn("eve");
    const eves = await addKey(eve);
    const place = { address: "10.0.0.9", agent: "x", device: null, passkeys, nowMs };
    const signIn = await takeSignInStep({ step: "passkey-options", pending: null }, place);
    if (signIn.state !== "passkey-options") throw new Error(signIn.state);
    for (const answer of [
      key.get(await optionsOf(elsewhere), { counter: 0 }),
      key.get(signIn.options, { counter: 0 }),
      eves.get(await optionsOf(eve), { counter: 0 }),
      eves.get(await optionsOf(ada), { counter: 0 }),
      key.get(await optionsOf(ada), { counter: 0, userVerified: false }),
      key.get(await optionsOf(ada), { counter: 0, origin: "https://evil.example" }),
    ]) {
      expect(await ada.say({ by: "passkey", answer })).toMatchObject({ error: { code: "refused" } });
      // The limit on them is no part of this.
      await db.signInAttempt.deleteMany();
    }
    const late = key.get(await optionsOf(ada), { counter: 0 });
    pass(5 * minuteMs + 1);
    expect(await ada.say({ by: "passkey", answer: late })).toMatchObject({ error: { code: "refused" } });
    expect(await ada.may()).toBe("proof-needed");
    // And an answer to the proof's challenge does not sign in.
    const proof = key.get(await optionsOf(ada), { counter: 0 });
    await expect(
      takeSignInStep({ step: "passkey", pending: null, answer: proof }, { ...place, nowMs }),
    ).rejects.toThrow("not known");
  });
});

describe("what is no proof", () => {
  test("one in a session that has ended, or has run out meanwhile", async () => {
    const ada = await signedIn("ada");
    await endSession({ id: ada.id });
    expect(await ada.say({ by: "password", password })).toMatchObject({ error: { code: "unauthenticated" } });
    const grace = await signedIn("grace");
    pass(5 * 60 * minuteMs);
    expect(await grace.say({ by: "password", password })).toMatchObject({ error: { code: "unauthenticated" } });
    expect(await db.session.findUnique({ where: { id: grace.id } })).toMatchObject({ method: "password" });
  });

  test("anything of a token, or of an account that the identity provider keeps", async () => {
    const ada = await signedIn("ada");
    const token: Actor = { kind: "token", id: "token_1", name: "t", role: "admin", ownerId: ada.userId };
    expect(await runOperation(proveOperation, token, { by: "password", password }, how)).toMatchObject({
      error: { code: "refused" },
    });
    expect(await runOperation(startProofOperation, token, {}, how)).toMatchObject({ error: { code: "refused" } });
    await db.oidcIdentity.create({
      data: { id: "identity_1", issuer: "https://id", subject: "ada", userId: ada.userId },
    });
    expect(await ada.ways()).toEqual({ by: "provider", label: null });
    await expect(prove(ada.viewer, { by: "password", password, code: null }, passkeys, nowMs)).rejects.toThrow(
      "identity provider",
    );
    expect(await ada.may()).toBe("proof-needed");
  });
});
