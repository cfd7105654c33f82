import { beforeEach, describe, expect, test, vi } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { type Actor, proveRole, systemContext } from "@/lib/auth/ctx";
import * as passwords from "@/lib/auth/password";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { createUser, setPassword } from "@/lib/people/commands";
import { signIn, signInWithTicket } from "@/lib/people/sign-in";
import { testAuthenticator } from "./authenticator-testing";
import { addPasskey, confirmTotp, newRecoveryCodes, removeFactor, startPasskey, startTotp } from "./commands";
import { ownFactors } from "./queries";
import type { SignInProgress, SignInStep } from "./schema";
import { takeSignInStep } from "./sign-in-steps";
import { totpCode } from "./totp";

setUpTestDatabase();
vi.stubEnv("ICHOR_LOG_LEVEL", "error");
const ctx = systemContext("test");
const password = "correct horse battery";
const passkeys = { rpId: "localhost", origin: "http://localhost:3000" };
const startMs = Date.UTC(2026, 0, 1);
const address = "10.0.0.1";
let nowMs = startMs;

const step = (input: SignInStep, from = address) =>
  takeSignInStep(input, { address: from, agent: "Firefox on Linux", device: null, passkeys, nowMs });
const enter = (name = "ada") => step({ step: "password", name, password });
const failure = (work: Promise<unknown>) =>
  work.then(
    () => "went through",
    (error: Error) => error.message,
  );
const asked = async (progress: Promise<SignInProgress>) => {
  const at = await progress;
  if (at.state !== "factor") throw new Error(`not asked for a factor but ${at.state}`);
  return at.pending;
};
const ticketOf = (at: SignInProgress) => (at.state === "ready" ? at.ticket : `not ready but ${at.state}`);

let ada: Actor & { kind: "user" };
const own = () => proveRole(ada, "viewer");
/** The secret of an app that was added; one step passes, so that its first code is not the next one. */
async function addApp(): Promise<{ secret: string; codes: string[] }> {
  const secret = (await startTotp(own())).secret.replaceAll(" ", "");
  const codes = await confirmTotp(own(), totpCode(secret, nowMs), nowMs);
  nowMs += 30_000;
  return { secret, codes: codes ?? [] };
}
async function addKey(changes: { counter?: number } = {}) {
  const authenticator = testAuthenticator(passkeys.origin, passkeys.rpId);
  const answer = authenticator.create(await startPasskey(own(), passkeys, nowMs), changes);
  await addPasskey(own(), { name: "laptop", answer }, passkeys, nowMs);
  return authenticator;
}

beforeEach(async () => {
  nowMs += 24 * 3600_000;
  await db.user.deleteMany();
  await db.signInAttempt.deleteMany();
  const id = await createUser(ctx, { name: "ada", role: "operator", password });
  ada = {
    kind: "user",
    id,
    name: "ada",
    role: "operator",
    session: { id: "session_1", method: "password", lastProofAtMs: Date.now(), expiresAtMs: Date.now() + 3600_000 },
  };
  vi.unstubAllEnvs();
  vi.stubEnv("ICHOR_LOG_LEVEL", "error");
});

describe("an authenticator app", () => {
  test("is asked for after the password, works once per code, and its secret is sealed", async () => {
    const { secret } = await addApp();
    const [row] = await db.totpFactor.findMany();
    expect(JSON.stringify(row)).not.toContain(secret);
    await expect(signIn("ada", password, { address }, nowMs)).rejects.toThrow("second factor");
    const code = totpCode(secret, nowMs);
    const ready = await step({ step: "code", pending: await asked(enter()), code });
    expect(await signInWithTicket(ticketOf(ready), address, nowMs)).toMatchObject({
      name: "ada",
      method: "password-totp",
    });
    expect(await failure(step({ step: "code", pending: await asked(enter()), code }))).toContain("used already");
    expect((await listAudit(ctx)).entries.slice(0, 2)).toMatchObject([
      { action: "session.refused", detail: { factor: "totp" } },
      { action: "session.sign-in", detail: { method: "password-totp" } },
    ]);
  });

  test("one code sent twice at once goes through once", async () => {
    const { secret } = await addApp();
    const code = totpCode(secret, nowMs);
    const [left, right] = [await asked(enter()), await asked(enter())];
    const results = await Promise.allSettled([
      step({ step: "code", pending: left, code }),
      step({ step: "code", pending: right, code }),
    ]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("of codes guessed on and on, few are looked at, from one address or from many, with any number of passwords entered", async () => {
    await addApp();
    const says: string[] = [];
    // Whoever guesses has the password; its hash takes its time.
    const kdf = vi.spyOn(passwords, "verifyPassword").mockResolvedValue(true);
    for (let guess = 0; guess < 60; guess += 1) {
      nowMs += 1000;
      const from = `10.9.0.${guess}`;
      says.push(await failure(step({ step: "code", pending: await asked(enter()), code: "000000" }, from)));
    }
    kdf.mockRestore();
    expect(says.filter((text) => text.includes("not right")).length).toBeLessThan(12);
    expect(says.at(-1)).toContain("Too many attempts");
  });

  test("a sign-in under way takes five wrong codes, and ends with its time, its password and its account", async () => {
    const { secret } = await addApp();
    const pending = await asked(enter());
    for (let guess = 0; guess < 5; guess += 1) {
      await db.signInAttempt.deleteMany();
      expect(await failure(step({ step: "code", pending, code: "000000" }))).toContain("not right");
    }
    await db.signInAttempt.deleteMany();
    expect(await failure(step({ step: "code", pending, code: totpCode(secret, nowMs) }))).toContain("has ended");
    const late = await asked(enter());
    nowMs += 5 * 60_000 + 1;
    expect(await failure(step({ step: "code", pending: late, code: totpCode(secret, nowMs) }))).toContain("has ended");
    const changed = await asked(enter());
    await setPassword(ctx, ada.id, "another good one");
    expect(await failure(step({ step: "code", pending: changed, code: totpCode(secret, nowMs) }))).toContain(
      "has ended",
    );
  });

  test("counts only once a code was entered, and is not made anew over one that counts", async () => {
    await startTotp(own());
    expect(await enter()).toMatchObject({ state: "ready" });
    await addApp();
    await expect(startTotp(own())).rejects.toThrow("already");
    await expect(confirmTotp(own(), "000000", nowMs)).rejects.toThrow("not right");
  });
});

describe("a sign-in under way", () => {
  test("gives nothing by itself: its token is no ticket, a ticket works once and soon", async () => {
    const { secret } = await addApp();
    const pending = await asked(enter());
    await expect(signInWithTicket(pending, address, nowMs)).rejects.toThrow("has ended");
    const ticket = ticketOf(await step({ step: "code", pending, code: totpCode(secret, nowMs) }));
    expect(await failure(step({ step: "code", pending: ticket, code: "000000" }))).toContain("has ended");
    const results = await Promise.allSettled([1, 2].map(() => signInWithTicket(ticket, address, nowMs)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await removeFactor(own(), { kind: "totp" });
    const late = ticketOf(await enter());
    nowMs += 61_000;
    await expect(signInWithTicket(late, address, nowMs)).rejects.toThrow("has ended");
    expect(JSON.stringify(await db.pendingSignIn.findMany())).not.toContain(late);
  });

  test("with a factor does not set one up, and with none does not skip it", async () => {
    await addApp();
    const pending = await asked(enter());
    expect(await failure(step({ step: "enrol", pending }))).toContain("has ended");
    expect(await failure(step({ step: "confirm", pending, code: "000000" }))).toContain("has ended");
  });

  test("where the setting asks for a factor, sets one up first; the ticket comes with the codes", async () => {
    vi.stubEnv("ICHOR_SECOND_FACTOR", "everyone");
    await expect(signIn("ada", password, { address }, nowMs)).rejects.toThrow("second factor");
    const at = await enter();
    if (at.state !== "enrolment") throw new Error(at.state);
    await expect(signInWithTicket(at.pending, address, nowMs)).rejects.toThrow("has ended");
    const invited = await step({ step: "enrol", pending: at.pending });
    if (invited.state !== "invited") throw new Error(invited.state);
    const code = totpCode(invited.invitation.secret.replaceAll(" ", ""), nowMs);
    const ready = await step({ step: "confirm", pending: at.pending, code });
    expect(ready).toMatchObject({ state: "ready", recoveryCodes: expect.any(Array) as string[] });
    expect(await signInWithTicket(ticketOf(ready), address, nowMs)).toMatchObject({ method: "password-totp" });
    await expect(removeFactor(own(), { kind: "totp" })).rejects.toThrow("must have a second factor");
    expect(await db.totpFactor.count()).toBe(1);
  });

  test("the setting for admins leaves others alone", async () => {
    vi.stubEnv("ICHOR_SECOND_FACTOR", "admins");
    expect(await enter()).toMatchObject({ state: "ready" });
    await createUser(ctx, { name: "root", role: "admin", password });
    expect(await enter("root")).toMatchObject({ state: "enrolment" });
  });
});

describe("recovery codes", () => {
  test("come with the first factor, are stored as hashes, and work once each, however they are typed", async () => {
    const { codes } = await addApp();
    expect(codes).toHaveLength(10);
    expect(JSON.stringify(await db.recoveryCode.findMany())).not.toContain(codes[0]);
    const typed = (codes[0] ?? "").toUpperCase().replaceAll("-", " ").replaceAll("0", "O").replaceAll("1", "l");
    const ready = await step({ step: "code", pending: await asked(enter()), code: typed });
    expect(await signInWithTicket(ticketOf(ready), address, nowMs)).toMatchObject({ method: "password-recovery" });
    expect(await failure(step({ step: "code", pending: await asked(enter()), code: codes[0] ?? "" }))).toContain(
      "not right",
    );
    expect(await ownFactors(own())).toMatchObject({
      recoveryCodesLeft: 9,
      totp: { createdAtMs: expect.any(Number) as number },
    });
  });

  test("new ones end the former; another's do not work; with the last factor they go", async () => {
    const { codes } = await addApp();
    const fresh = await newRecoveryCodes(own());
    expect(await failure(step({ step: "code", pending: await asked(enter()), code: codes[1] ?? "" }))).toContain(
      "not right",
    );
    const before = ada;
    const id = await createUser(ctx, { name: "eve", role: "viewer", password });
    ada = { ...ada, id, name: "eve" };
    await addApp();
    expect(await failure(step({ step: "code", pending: await asked(enter("eve")), code: fresh[0] ?? "" }))).toContain(
      "not right",
    );
    ada = before;
    await removeFactor(own(), { kind: "totp" });
    expect(await db.recoveryCode.count({ where: { userId: ada.id } })).toBe(0);
    await expect(newRecoveryCodes(own())).rejects.toThrow("you have none");
  });
});

describe("a passkey", () => {
  const show = async (pending: string | null) => {
    const at = await step({ step: "passkey-options", pending });
    if (at.state !== "passkey-options") throw new Error(at.state);
    return at.options;
  };

  test("signs in by itself, and as the second step", async () => {
    const key = await addKey();
    const alone = await step({ step: "passkey", pending: null, answer: key.get(await show(null)) });
    expect(await signInWithTicket(ticketOf(alone), address, nowMs)).toMatchObject({ name: "ada", method: "passkey" });
    const pending = await asked(enter());
    const second = await step({ step: "passkey", pending, answer: key.get(await show(pending)) });
    expect(await signInWithTicket(ticketOf(second), address, nowMs)).toMatchObject({ method: "passkey" });
    expect(await ownFactors(own())).toMatchObject({
      passkeys: [{ name: "laptop", rpId: "localhost" }],
      recoveryCodesLeft: 10,
    });
  });

  test.each<[string, Parameters<ReturnType<typeof testAuthenticator>["get"]>[1]]>([
    ["without user verification", { userVerified: false }],
    ["from another site", { origin: "https://evil.example" }],
    ["from another port", { origin: "http://localhost:3001" }],
    ["for another host", { rpId: "evil.example" }],
    ["with another's signature", { forged: true }],
    ["with a challenge of nobody's", { challenge: Buffer.alloc(56).toString("base64url") }],
    ["with no challenge", { challenge: "" }],
    ["whose counter went back", { counter: 1 }],
  ])("%s is refused, alone and as the second step", async (_name, changes) => {
    const key = await addKey();
    await step({ step: "passkey", pending: null, answer: key.get(await show(null)) });
    await step({ step: "passkey", pending: null, answer: key.get(await show(null)) });
    expect(
      await failure(step({ step: "passkey", pending: null, answer: key.get(await show(null), changes) })),
    ).toContain("not known");
    const pending = await asked(enter());
    expect(await failure(step({ step: "passkey", pending, answer: key.get(await show(pending), changes) }))).toContain(
      "not known",
    );
    expect((await listAudit(ctx)).entries[0]).toMatchObject({
      action: "session.refused",
      detail: { factor: "passkey" },
    });
  });

  test("is taken once per challenge, in its time, and for what the challenge was made", async () => {
    // As most that sync: it keeps no counter, so that only the challenge tells a replay.
    const key = await addKey({ counter: 0 });
    const answer = key.get(await show(null), { counter: 0 });
    await step({ step: "passkey", pending: null, answer });
    expect(await failure(step({ step: "passkey", pending: null, answer }))).toContain("not known");
    const pending = await asked(enter());
    const own2 = await show(pending);
    expect(await failure(step({ step: "passkey", pending: null, answer: key.get(own2, { counter: 0 }) }))).toContain(
      "not known",
    );
    expect(
      await failure(step({ step: "passkey", pending, answer: key.get(await show(null), { counter: 0 }) })),
    ).toContain("not known");
    const late = await show(null);
    nowMs += 5 * 60_000 + 1;
    expect(await failure(step({ step: "passkey", pending: null, answer: key.get(late, { counter: 0 }) }))).toContain(
      "not known",
    );
  });

  test("of somebody else is no second step", async () => {
    await addKey();
    const id = await createUser(ctx, { name: "eve", role: "viewer", password });
    ada = { ...ada, id, name: "eve" };
    const eves = await addKey();
    const pending = await asked(enter("ada"));
    expect(await failure(step({ step: "passkey", pending, answer: eves.get(await show(pending)) }))).toContain(
      "not known",
    );
  });

  test("is added with user verification, from here, once", async () => {
    const key = testAuthenticator(passkeys.origin, passkeys.rpId);
    const make = async (changes: Parameters<typeof key.create>[1]) => {
      const answer = key.create(await startPasskey(own(), passkeys, nowMs), changes);
      return addPasskey(own(), { name: "x", answer }, passkeys, nowMs);
    };
    for (const changes of [
      { userVerified: false },
      { origin: "https://evil.example" },
      { rpId: "evil" },
      { challenge: "AAAA" },
    ])
      await expect(make(changes)).rejects.toThrow("could not be verified");
    await make({});
    await expect(make({})).rejects.toThrow("known already");
  });
});
