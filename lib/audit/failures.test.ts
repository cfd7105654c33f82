import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { countFailure, failureTotals, placeOf, takeFailures } from "@/lib/auth/anonymous-failures";
import { type Actor, systemContext } from "@/lib/auth/ctx";
import { requestActor } from "@/lib/auth/require-role";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { createUser } from "@/lib/people/commands";
import { signIn } from "@/lib/people/sign-in";
import { mayRecordDenied } from "./denied-limit";
import { listFailures, storeFailures } from "./failures";
import { recordDenied } from "./record";
import { raw } from "./testing";

setUpTestDatabase();
const ctx = systemContext("test");
const hourMs = 3600_000;
const startMs = Date.UTC(2026, 0, 1, 12, 10);
const at = (nowMs: number) => vi.setSystemTime(nowMs);

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: startMs });
  takeFailures();
  await db.anonymousFailure.deleteMany();
});
afterEach(() => vi.useRealTimers());

describe("what strangers get wrong", () => {
  test.each([
    ["10.1.2.3", "10.1.2.0/24"],
    ["::ffff:10.1.2.3", "10.1.2.0/24"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
    ["unknown", "unknown"],
    ["", "unknown"],
    ["'; DROP TABLE", "unknown"],
  ])("%s is counted as %s", (address, place) => {
    expect(placeOf(address)).toBe(place);
  });

  test("is counted per kind, account, network and hour, and told with the most frequent first", async () => {
    const before = failureTotals().bearer;
    for (const [kind, address, subject] of [
      ["sign-in", "10.0.0.1", "user_1"],
      ["sign-in", "10.0.0.2", "user_1"],
      ["sign-in", "10.0.0.2", ""],
      ["bearer", "10.0.0.2", ""],
    ] as const)
      countFailure(kind, address, subject);
    await storeFailures();
    at(startMs + 60_000);
    countFailure("sign-in", "10.0.0.9", "user_1");
    await storeFailures();
    const seen = { place: "10.0.0.0/24", name: null, lastAtMs: startMs };
    expect(await listFailures(ctx)).toEqual([
      { ...seen, kind: "sign-in", subject: "user_1", count: 3, lastAtMs: startMs + 60_000 },
      { ...seen, kind: expect.any(String), subject: "", count: 1 },
      { ...seen, kind: expect.any(String), subject: "", count: 1 },
    ]);
    expect(await db.anonymousFailure.count()).toBe(3);
    expect(failureTotals().bearer).toBe(before + 1);
    expect(await listFailures(ctx, startMs + 26 * hourMs)).toEqual([]);
  });

  test("a flood from everywhere adds a fixed number of rows, loses no count, and writes one entry an hour", async () => {
    const entries = await db.auditEntry.count();
    for (let hour = 0; hour < 3; hour += 1) {
      at(startMs + hour * hourMs);
      for (let round = 0; round < 2; round += 1) {
        for (let one = 0; one < 1000; one += 1) {
          const address = `${one & 127}.${round}.${one >> 4}.1`;
          countFailure("sign-in", address, one % 3 ? "" : `user_${one}`);
          countFailure("bearer", address);
        }
        await storeFailures();
      }
      const rows = await db.anonymousFailure.findMany({
        where: { sinceAt: new Date(Date.UTC(2026, 0, 1, 12 + hour)) },
      });
      expect(rows.length).toBeLessThanOrEqual(34);
      expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(4000);
    }
    const written = await db.auditEntry.findMany({ skip: entries, orderBy: { seq: "asc" } });
    expect(written.map(({ action }) => action)).toEqual(["failures.counted", "failures.counted"]);
    expect(JSON.parse(written[0]?.detail ?? "")).toMatchObject({ hour: "2026-01-01T12:00:00.000Z", total: 4000 });
    expect(JSON.parse(written[1]?.detail ?? "")).toMatchObject({ hour: "2026-01-01T13:00:00.000Z", total: 4000 });
    expect((JSON.parse(written[0]?.detail ?? "") as { most: string[] }).most).toHaveLength(20);
    at(startMs + 31 * 24 * hourMs);
    await storeFailures();
    expect(await db.anonymousFailure.count()).toBe(0);
  });

  test("what cannot be stored is stored later", async () => {
    at(startMs + 40 * 24 * hourMs);
    raw((sqlite) =>
      sqlite.exec(
        `CREATE TRIGGER "full_disk" BEFORE INSERT ON "AnonymousFailure" BEGIN SELECT RAISE(ABORT, 'full'); END`,
      ),
    );
    countFailure("bearer", "10.0.0.1");
    countFailure("bearer", "10.0.0.1");
    await expect(storeFailures()).rejects.toThrow();
    raw((sqlite) => sqlite.exec(`DROP TRIGGER "full_disk"`));
    await storeFailures();
    expect(await listFailures(ctx)).toMatchObject([{ kind: "bearer", place: "10.0.0.0/24", count: 2 }]);
  });
});

test("are listed with the name of the account, however it is referred to, and without one that is gone", async () => {
  const id = await createUser(ctx, { name: "grace", role: "viewer", password: "correct horse battery" });
  countFailure("sign-in", "10.0.0.1", id);
  countFailure("denied", "", `user:${id}`);
  countFailure("sign-in", "10.0.0.1", "user_gone");
  await storeFailures();
  const named = (await listFailures(ctx)).map(({ subject, name }) => [subject, name]);
  expect(named.sort()).toEqual(
    [
      [`user:${id}`, "grace"],
      [id, "grace"],
      ["user_gone", null],
    ].sort(),
  );
});

describe("where they are counted", () => {
  const kinds = () => takeFailures().map(({ kind, subject, count }) => [kind, subject, count]);
  const request = (method: string, headers: Record<string, string>) =>
    new Request("http://127.0.0.1:3000/api/v1/nodes", { method, headers });

  test("a bearer token that is none, and a request from another site, leave no entry", async () => {
    const before = await db.auditEntry.count();
    await expect(requestActor(request("GET", { authorization: "Bearer ichor_none" }))).rejects.toThrow("not valid");
    await expect(requestActor(request("POST", { origin: "https://evil.example" }))).rejects.toThrow("another site");
    expect(kinds()).toEqual([
      ["bearer", "", 1],
      ["foreign", "", 1],
    ]);
    expect(await db.auditEntry.count()).toBe(before);
  });

  test("a wrong password for an account and for none, and one attempt too many", async () => {
    const id = await createUser(ctx, { name: "ada", role: "viewer", password: "correct horse battery" });
    const before = await db.auditEntry.count();
    for (const name of ["ada", "nobody"])
      await expect(signIn(name, "wrong", { address: "10.0.0.1" }, startMs)).rejects.toThrow();
    for (let attempt = 0; attempt < 5; attempt += 1)
      await expect(signIn("ada", "wrong", { address: "10.0.0.1" }, startMs)).rejects.toThrow();
    expect(kinds()).toEqual([
      ["sign-in", id, 5],
      ["sign-in", "", 1],
      ["sign-in-limit", "", 1],
    ]);
    expect(await db.auditEntry.count()).toBe(before);
  });
});

describe("refused attempts of an account", () => {
  const vera: Actor = { kind: "user", id: "user_v", name: "vera", role: "viewer" };

  test("are entries five times an hour for each action, and counted beyond", async () => {
    const denied = () => db.auditEntry.count({ where: { phase: "denied", actor: "user:user_v" } });
    for (let attempt = 0; attempt < 50; attempt += 1)
      for (const action of ["node.reboot", "node.reset"])
        await recordDenied({ actor: vera, requestId: "request_1" }, { action, errorCode: "forbidden" });
    expect(await denied()).toBe(10);
    await storeFailures();
    expect(await listFailures(ctx)).toMatchObject([
      { kind: "denied", subject: "user:user_v", place: "unknown", count: 90 },
    ]);
    at(startMs + hourMs);
    await recordDenied({ actor: vera, requestId: "request_2" }, { action: "node.reset", errorCode: "forbidden" });
    expect(await denied()).toBe(11);
  });

  test("are remembered for so many, and a clock that goes back starts anew", () => {
    for (let actor = 0; actor < 5; actor += 1) expect(mayRecordDenied("user:x", "a.b", startMs)).toBe(true);
    expect(mayRecordDenied("user:x", "a.b", startMs)).toBe(false);
    expect(mayRecordDenied("user:x", "a.b", startMs + hourMs - 1)).toBe(false);
    expect(mayRecordDenied("user:x", "a.b", startMs - 1)).toBe(true);
    for (let actor = 0; actor < 3000; actor += 1) mayRecordDenied(`user:${actor}`, "a.b", startMs);
    expect(mayRecordDenied("user:2999", "a.b", startMs)).toBe(true);
  });
});
