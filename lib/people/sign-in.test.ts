import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { proveRole, systemContext } from "@/lib/auth/ctx";
import { knownDevice, newDevice } from "@/lib/auth/device";
import * as password from "@/lib/auth/password";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { changePassword, createUser, setDisabled } from "./commands";
import { signIn } from "./sign-in";

setUpTestDatabase();
const ctx = systemContext("test");
const right = "correct horse battery";
const startMs = Date.UTC(2026, 0, 1);
const kdf = vi.spyOn(password, "verifyPassword");
const messageOf = (work: Promise<unknown>) =>
  work.then(
    () => "signed in",
    (error: Error) => error.message,
  );

describe("signIn", () => {
  let id = "";
  beforeAll(async () => {
    id = await createUser(ctx, { name: "ada", role: "operator", password: right });
  });
  beforeEach(async () => {
    await db.signInAttempt.deleteMany();
    kdf.mockClear();
  });

  test("takes the right password whatever the case of the name, and records it", async () => {
    expect(await signIn("Ada ", right, { address: "10.0.0.1" }, startMs)).toMatchObject({
      id,
      name: "ada",
      method: "password",
    });
    expect((await listAudit(ctx)).entries[0]).toMatchObject({ action: "session.sign-in", target: { id } });
  });

  test("a wrong password, an unknown name and a disabled account get the same sentence, each after one hash", async () => {
    const sentences = [
      await messageOf(signIn("ada", "wrong", { address: "10.0.0.1" }, startMs)),
      await messageOf(signIn("nobody", "wrong", { address: "10.0.0.1" }, startMs)),
    ];
    await setDisabled(ctx, id, true);
    sentences.push(await messageOf(signIn("ada", right, { address: "10.0.0.1" }, startMs)));
    await setDisabled(ctx, id, false);
    expect(new Set(sentences)).toEqual(new Set(["The name or the password is not right."]));
    expect(kdf).toHaveBeenCalledTimes(3);
  });

  test("the log never holds what was typed as a name that is no account", async () => {
    await messageOf(signIn("my-password-by-mistake", "x", { address: "10.0.0.1" }, startMs));
    expect(JSON.stringify((await listAudit(ctx)).entries)).not.toContain("my-password-by-mistake");
  });

  test("of a thousand guesses in an hour, few reach the hash, from one address or from a whole network of IPv6", async () => {
    kdf.mockResolvedValue(false);
    for (let guess = 0; guess < 500; guess += 1)
      await messageOf(signIn("ada", `guess ${guess}`, { address: "10.0.0.1" }, startMs + guess * 7200));
    expect(kdf.mock.calls.length).toBeLessThan(25);
    await db.signInAttempt.deleteMany();
    kdf.mockClear();
    for (let guess = 0; guess < 500; guess += 1)
      await messageOf(
        signIn("ada", "guess", { address: `2001:db8:0:1::${guess.toString(16)}` }, startMs + guess * 7200),
      );
    expect(kdf.mock.calls.length).toBeLessThan(25);
    kdf.mockRestore();
  });

  test("guesses sent at once are counted before any is checked", async () => {
    const results = await Promise.all(
      Array.from({ length: 40 }, () => messageOf(signIn("ada", "wrong", { address: "10.0.0.9" }, startMs))),
    );
    expect(results.filter((text) => text.startsWith("Too many attempts."))).toHaveLength(35);
  });

  test("the wait is said, ends, and a success forgives", async () => {
    for (let guess = 0; guess < 5; guess += 1)
      await messageOf(signIn("ada", "wrong", { address: "10.0.0.1" }, startMs));
    expect(await messageOf(signIn("ada", right, { address: "10.0.0.1" }, startMs))).toMatch(/Try again in 2\u00a0s/);
    expect(await signIn("ada", right, { address: "10.0.0.1" }, startMs + 2001)).toMatchObject({ name: "ada" });
    expect(await db.signInAttempt.count({ where: { key: { startsWith: "pair:" } } })).toBe(0);
  });

  test("nobody is locked out by others: neither from other addresses, nor from one's own once one has signed in there", async () => {
    kdf.mockResolvedValue(false);
    const attempts = Array.from({ length: 24 }, (_, guess) => guess);
    for (const guess of attempts) await messageOf(signIn("ada", "guess", { address: `10.2.${guess}.1` }, startMs));
    for (const guess of attempts) await messageOf(signIn(`name ${guess}`, "x", { address: "10.0.0.7" }, startMs));
    for (const _ of attempts) await messageOf(signIn("ada", "guess", { address: "10.0.0.7" }, startMs));
    kdf.mockRestore();
    expect(await signIn("ada", right, { address: "10.0.0.8" }, startMs)).toMatchObject({ id });
    expect(await messageOf(signIn("ada", right, { address: "10.0.0.7" }, startMs))).toContain("Too many attempts");
    const device = newDevice("ada");
    expect(await signIn("ada", right, { address: "10.0.0.7", device }, startMs)).toMatchObject({ id });
  });

  test("a browser's mark is good for its account alone, and its guesses are limited as well", async () => {
    const device = newDevice("ada");
    expect(knownDevice(device, "ada")).not.toBeNull();
    for (const other of [
      null,
      "",
      ".",
      `${device}.x`,
      device.slice(0, -1),
      device.replace(/^./, "!"),
      newDevice("eve"),
    ])
      expect(knownDevice(other, "ada")).toBeNull();
    for (let guess = 0; guess < 5; guess += 1)
      await messageOf(signIn("ada", "wrong", { address: `10.3.0.${guess}`, device }, startMs));
    expect(await messageOf(signIn("ada", right, { address: "10.3.0.9", device }, startMs))).toContain("Too many");
  });

  test("the limit's own table keeps no name that was typed, and forgets attempts after a day", async () => {
    const dayMs = 24 * 3600_000;
    const typed = "my-password-by-mistake";
    for (let guess = 0; guess < 3; guess += 1)
      await messageOf(signIn(`${typed}${guess}`, "x", { address: "10.0.0.1" }, startMs + dayMs));
    expect(await db.signInAttempt.count()).toBe(4);
    expect(JSON.stringify(await db.signInAttempt.findMany())).not.toContain(typed);
    await messageOf(signIn("ada", "wrong", { address: "10.0.0.2" }, startMs + 3 * dayMs));
    expect(await db.signInAttempt.count()).toBe(2);
  });
});

test("whoever found an open session cannot guess its password on and on", async () => {
  const id = await createUser(ctx, { name: "grace", role: "admin", password: right });
  const grace = proveRole({ kind: "user", id, name: "grace", role: "admin" }, "viewer");
  const change = (current: string, nowMs: number) =>
    messageOf(changePassword(grace, { current, password: "another good one" }, nowMs));
  for (let guess = 0; guess < 5; guess += 1) expect(await change("guess", startMs)).toContain("not right");
  expect(await change(right, startMs)).toContain("Too many attempts");
  expect(await change(right, startMs + 2001)).toBe("signed in");
});
