import { beforeEach, expect, test, vi } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { createUser } from "@/lib/people/commands";
import { signInWithTicket } from "@/lib/people/sign-in";
import { testAuthenticator } from "./authenticator-testing";
import type { SignInStep } from "./schema";
import { takeSignInStep } from "./sign-in-steps";
import { totpCode } from "./totp";

setUpTestDatabase();
const ctx = systemContext("test");
const password = "correct horse battery";
const here = { rpId: "localhost", origin: "http://localhost:3000" };
const address = "10.0.0.1";
const nowMs = Date.UTC(2026, 0, 1);
const step = (input: SignInStep, passkeys: typeof here | null = here) =>
  takeSignInStep(input, { address, agent: "Firefox on Linux", device: null, passkeys, nowMs });

type Answer = (SignInStep & { step: "enrol-passkey" })["answer"];

/** A password entered for an account that must have a factor and has none. */
async function entered(passkeys: typeof here | null = here) {
  const at = await step({ step: "password", name: "ada", password }, passkeys);
  if (at.state !== "enrolment") throw new Error(at.state);
  return at;
}
async function made(pending: string, changes: { origin?: string; userVerified?: boolean } = {}) {
  const asked = await step({ step: "enrol-passkey-options", pending });
  if (asked.state !== "passkey-options") throw new Error(asked.state);
  return testAuthenticator(here.origin, here.rpId).create(asked.options, changes) as Answer;
}
async function appCode(pending: string): Promise<string> {
  const at = await step({ step: "enrol", pending });
  if (at.state !== "invited") throw new Error(at.state);
  return totpCode(at.invitation.secret.replaceAll(" ", ""), nowMs);
}

beforeEach(async () => {
  vi.stubEnv("ICHOR_LOG_LEVEL", "error");
  vi.stubEnv("ICHOR_SECOND_FACTOR", "everyone");
  await db.user.deleteMany();
  await db.signInAttempt.deleteMany();
  await createUser(ctx, { name: "ada", role: "operator", password });
});

test("a passkey is offered where the address allows one, and is the factor then, with codes and an entry", async () => {
  expect(await entered(null)).toMatchObject({ passkey: false });
  const { pending, passkey } = await entered();
  expect(passkey).toBe(true);
  const ready = await step({ step: "enrol-passkey", pending, answer: await made(pending) });
  if (ready.state !== "ready") throw new Error(ready.state);
  expect(ready.recoveryCodes).toHaveLength(10);
  expect(await signInWithTicket(ready.ticket, address, nowMs)).toMatchObject({ name: "ada", method: "passkey" });
  expect(await db.passkey.findMany()).toMatchObject([{ name: "Firefox on Linux", rpId: "localhost" }]);
  expect((await listAudit(ctx)).entries[1]).toMatchObject({
    action: "factor.enrolled",
    target: { name: "ada" },
    detail: { address, factor: "passkey" },
  });
});

test("not where browsers have none, from elsewhere, or without user verification", async () => {
  const { pending } = await entered();
  await expect(step({ step: "enrol-passkey-options", pending }, null)).rejects.toThrow("Passkeys need");
  for (const changes of [{ origin: "https://evil.example" }, { userVerified: false }])
    await expect(step({ step: "enrol-passkey", pending, answer: await made(pending, changes) })).rejects.toThrow(
      "could not be verified",
    );
  expect(await db.passkey.count()).toBe(0);
});

test("the password alone sets up a first factor and no second, whatever was begun before", async () => {
  const early = await entered();
  const code = await appCode(early.pending);
  const answer = await made(early.pending);
  const { pending } = await entered();
  await step({ step: "enrol-passkey", pending, answer: await made(pending) });
  for (const late of [
    { step: "enrol", pending: early.pending },
    { step: "confirm", pending: early.pending, code },
    { step: "enrol-passkey-options", pending: early.pending },
    { step: "enrol-passkey", pending: early.pending, answer },
  ] as const)
    await expect(step(late)).rejects.toThrow("has ended");
  expect([await db.passkey.count(), await db.totpFactor.count({ where: { confirmedAt: { not: null } } })]).toEqual([
    1, 0,
  ]);
});

test("of an app and a passkey set up at once, one is", async () => {
  const [left, right] = [await entered(), await entered()];
  const code = await appCode(left.pending);
  const answer = await made(right.pending);
  const results = await Promise.allSettled([
    step({ step: "confirm", pending: left.pending, code }),
    step({ step: "enrol-passkey", pending: right.pending, answer }),
  ]);
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect((await db.passkey.count()) + (await db.totpFactor.count({ where: { confirmedAt: { not: null } } }))).toBe(1);
});
