import { beforeEach, describe, expect, test, vi } from "vitest";
import { newId } from "@/lib/core/ids";
import { closeDatabase, db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { withTransaction } from "@/lib/db/transaction";
import { sseResponse } from "@/lib/live/sse";
import { principalsOf, streamRights } from "./ctx";
import { actorOfSession, endSession, endSessionsOf, noteProof, openSession } from "./session";
import { sessionCookieName, sessionCookieOptions } from "./session-cookie";

setUpTestDatabase();
const client = { address: "10.0.0.1", agent: "Firefox on Linux" };
const startMs = Date.UTC(2026, 0, 1);
const hourMs = 3600_000;
const read = (secret: string, nowMs: number, use = false) => actorOfSession(secret, nowMs, { use });
const open = (userId: string, nowMs = startMs, replaces: string | null = null) =>
  openSession(userId, "password", { client, nowMs, replaces });

let ada = "";
beforeEach(async () => {
  await db.user.deleteMany();
  ada = newId("user");
  await db.user.create({ data: { id: ada, name: "ada", role: "operator", passwordHash: "x" } });
});

describe("a session", () => {
  test.each([
    ["now, where nothing else is said", undefined, startMs],
    ["earlier, where it was shown elsewhere", startMs - 5, startMs - 5],
    ["never in the future, whatever another clock says", startMs + 5, startMs],
    ["long ago, where nobody can say", null, 0],
  ])("was proven %s", async (_, provenAtMs, lastProofAtMs) => {
    const { secret } = await openSession(ada, "oidc", { client, nowMs: startMs, provenAtMs });
    expect(await read(secret, startMs)).toMatchObject({ session: { method: "oidc", lastProofAtMs } });
  });

  test("is noted as used once a minute, and no other with it", async () => {
    const { id, secret } = await open(ada);
    const other = await open(ada);
    const usedMs = async (of: string) =>
      (await db.session.findUniqueOrThrow({ where: { id: of } })).lastUsedAt.getTime();
    for (const [afterMs, notedMs] of [
      [60_000, 0],
      [60_001, 60_001],
      [100_000, 60_001],
    ] as const) {
      await read(secret, startMs + afterMs, true);
      expect(await usedMs(id)).toBe(startMs + notedMs);
    }
    expect(await usedMs(other.id)).toBe(startMs);
  });

  test("is read where its last use cannot be written down", async () => {
    const { secret } = await open(ada);
    await db.$queryRawUnsafe("PRAGMA query_only = ON");
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    expect(await read(secret, startMs + hourMs, true)).toMatchObject({ id: ada });
    expect(logged.mock.calls.join()).toContain("The last use of a session could not be noted");
    logged.mockRestore();
    await closeDatabase();
  });

  test("ends with all others of its account, and with none of another's", async () => {
    const bob = newId("user");
    await db.user.create({ data: { id: bob, name: "bob", role: "viewer", passwordHash: "x" } });
    const [one, two, other] = [await open(ada), await open(ada), await open(bob)];
    await withTransaction(async (tx) => void (await endSessionsOf(tx, ada)));
    expect(await Promise.all([one, two, other].map(({ secret }) => read(secret, startMs)))).toMatchObject([
      ...[null, null, { id: bob }],
    ]);
  });

  test("stands for its account, with what proved it and when; only a hash of its secret is stored", async () => {
    const { id, secret } = await open(ada);
    expect(id).toMatch(/^session_/);
    expect(await read(secret, startMs + 1)).toMatchObject({
      kind: "user",
      id: ada,
      role: "operator",
      session: { id, method: "password", lastProofAtMs: startMs, expiresAtMs: startMs + 12 * hourMs },
    });
    expect(JSON.stringify(await db.session.findMany())).not.toContain(secret);
    for (const other of ["", id, `${secret}x`, secret.toUpperCase()]) expect(await read(other, startMs)).toBeNull();
  });

  test("ends 4 hours after its last use and 12 after the sign-in, however often it was used", async () => {
    const { secret } = await open(ada);
    expect(await read(secret, startMs + 4 * hourMs)).toBeNull();
    for (let hours = 1; hours < 12; hours += 1)
      expect(await read(secret, startMs + hours * hourMs, true)).not.toBeNull();
    expect(await read(secret, startMs + 12 * hourMs)).toBeNull();
  });

  test("what a page reads by itself does not keep it open", async () => {
    const { secret } = await open(ada);
    expect(await read(secret, startMs + 3 * hourMs, false)).not.toBeNull();
    expect(await read(secret, startMs + 4 * hourMs)).toBeNull();
  });

  test("ends on the server, once, with its open streams and no other's", async () => {
    const mine = await open(ada);
    const other = await open(ada);
    const actor = await read(mine.secret, startMs);
    if (!actor) throw new Error("no session");
    let end: () => void = () => {};
    const ended = new Promise<null>((resolve) => (end = () => resolve(null)));
    const source = { next: () => ended, close: () => end() };
    const stream = sseResponse(source, { signal: new AbortController().signal, owners: principalsOf(actor) }).text();
    expect(await endSession({ secret: mine.secret })).toEqual({ userId: ada });
    await stream;
    expect(await read(mine.secret, startMs)).toBeNull();
    expect(await read(other.secret, startMs)).not.toBeNull();
    expect(await endSession({ id: mine.id })).toBeNull();
    expect(await endSession({ id: other.id })).toEqual({ userId: ada });
  });

  test("a sign-in ends the session that the browser had before, and prunes what is over", async () => {
    const first = await open(ada);
    const second = await open(ada, startMs + hourMs, first.secret);
    expect(await read(first.secret, startMs + hourMs)).toBeNull();
    await open(ada, startMs + 13 * hourMs);
    expect(await read(second.secret, startMs + 13 * hourMs)).toBeNull();
    expect(await db.session.count()).toBe(1);
  });

  test("an account has 20 at most: the one that was used longest ago ends", async () => {
    const opened = [];
    for (let minute = 0; minute < 21; minute += 1) opened.push(await open(ada, startMs + minute * 60_000));
    const alive = await Promise.all(opened.map(({ secret }) => read(secret, startMs + hourMs)));
    expect(alive.filter((actor) => actor === null)).toHaveLength(1);
    expect(alive[0]).toBeNull();
    const bob = newId("user");
    await db.user.create({ data: { id: bob, name: "bob", role: "viewer", passwordHash: "x" } });
    await open(bob, startMs + hourMs);
    expect(await db.session.count({ where: { userId: ada } }), "another account's count for themselves").toBe(20);
  });

  test("stands for nobody while the account is disabled; a new proof counts from its time", async () => {
    const { id, secret } = await open(ada);
    expect(await noteProof(id, "passkey", startMs + 7)).toBe(true);
    expect(await read(secret, startMs + 8)).toMatchObject({
      session: { method: "passkey", lastProofAtMs: startMs + 7 },
    });
    await db.user.update({ where: { id: ada }, data: { disabledAt: new Date() } });
    expect(await read(secret, startMs + 8)).toBeNull();
    await endSession({ id });
    expect(await noteProof(id, "password", startMs)).toBe(false);
  });
});

test("a stream lasts no longer than the session or token that opened it", () => {
  const session = { id: "session_1", method: "password" as const, lastProofAtMs: 0, expiresAtMs: 1000 };
  const user = { kind: "user" as const, id: "user_1", name: "ada", role: "viewer" as const };
  expect(streamRights({ ...user, session }, 400)).toEqual({ owners: ["user_1", "session_1"], maxAgeMs: 600 });
  const token = { ...user, kind: "token" as const, id: "token_1", ownerId: "user_1", expiresAtMs: 1000 };
  expect(streamRights(token, 2000)).toEqual({ owners: ["token_1", "user_1"], maxAgeMs: 0 });
});

test("the cookie is Secure and bound to its host under https", () => {
  expect(sessionCookieName("https://ichor.example.org")).toMatch(/^__Host-/);
  const options = { httpOnly: true, sameSite: "lax", path: "/" };
  expect(sessionCookieOptions("https://ichor.example.org")).toEqual({ ...options, secure: true });
  expect(sessionCookieOptions("http://127.0.0.1:3000")).toEqual({ ...options, secure: false });
});
