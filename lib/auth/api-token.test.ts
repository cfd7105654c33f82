import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { closeDatabase, db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import type { Role } from "./role";
import { actorOfToken, hashToken, newApiToken, parseDoors } from "./api-token";

setUpTestDatabase();
afterEach(closeDatabase);
const nowMs = Date.UTC(2026, 5, 1);
beforeEach(async () => {
  await db.apiToken.deleteMany();
  await db.user.deleteMany();
});
type Row = Parameters<typeof db.apiToken.create>[0]["data"];
async function tokenWith(row: Partial<Row> = {}) {
  const { token, hash } = newApiToken();
  const expiresAt = new Date(nowMs + 1);
  await db.apiToken.create({
    data: { ...{ id: "token_1", name: "script", role: "operator", hash, expiresAt }, ...row } as Row,
  });
  return token;
}
async function owner(role: Role, disabledAt: Date | null = null) {
  await db.user.create({ data: { id: "user_ada", name: "ada", role, passwordHash: "x", disabledAt } });
  return { userId: "user_ada" };
}

test("a token is 256 random bits under our prefix, and no two are the same; its hash is sha256", () => {
  const [one, two] = [newApiToken(), newApiToken()];
  expect(one.token).toMatch(/^ichor_[A-Za-z0-9_-]{43}$/);
  expect(one.token).not.toBe(two.token);
  expect(one.hash).toBe(hashToken(one.token));
  expect(hashToken("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

describe("a token stands for", () => {
  test("itself, with its role, doors and end", async () => {
    const token = await tokenWith({ doors: '["nodes.list"]' });
    expect(await actorOfToken(token, nowMs)).toEqual({
      ...{ kind: "token", id: "token_1", name: "script", role: "operator", ownerId: null },
      ...{ doors: ["nodes.list"], expiresAtMs: nowMs + 1 },
    });
  });

  test.each<[Role, Role]>([
    ["admin", "operator"],
    ["operator", "operator"],
    ["auditor", "viewer"],
    ["viewer", "viewer"],
  ])("no more than its owner, who is %s now: %s", async (has, expected) => {
    const token = await tokenWith(await owner(has));
    expect(await actorOfToken(token, nowMs)).toMatchObject({ role: expected, ownerId: "user_ada" });
  });

  test.each<[string, Partial<Row>]>([
    ["is expired at this moment", { expiresAt: new Date(nowMs) }],
    ["never expires", { expiresAt: null }],
    ["is revoked", { revokedAt: new Date(nowMs + 9) }],
  ])("nobody where it %s", async (_, row) => expect(await actorOfToken(await tokenWith(row), nowMs)).toBeNull());

  test("nobody where its owner is disabled", async () => {
    const token = await tokenWith(await owner("admin", new Date(0)));
    expect(await actorOfToken(token, nowMs)).toBeNull();
  });

  test("nobody where it is unknown, without our prefix or longer than any, even if its hash were stored", async () => {
    const longest = `ichor_${"x".repeat(94)}`;
    await tokenWith({ hash: hashToken(longest) });
    expect(await actorOfToken(longest, nowMs)).toMatchObject({ id: "token_1" });
    expect(await actorOfToken(newApiToken().token, nowMs)).toBeNull();
    for (const [at, text] of [`${longest}x`, "other_x", "xichor_"].entries()) {
      await db.apiToken.create({
        data: { id: `odd_${at}`, name: "", role: "viewer", hash: hashToken(text), expiresAt: new Date(nowMs + 1) },
      });
      expect(await actorOfToken(text, nowMs), text).toBeNull();
    }
  });
});

test("doors are null for all, or a list; anything else in the column is none", () => {
  expect([parseDoors(null), parseDoors("[]"), parseDoors('["a.b"]')]).toEqual([null, [], ["a.b"]]);
  for (const text of ["", "{}", "[1]", "null"]) expect(() => parseDoors(text)).toThrow();
});

test("a use is noted for that token, once a minute", async () => {
  const noted = async () => (await db.apiToken.findUniqueOrThrow({ where: { id: "token_1" } })).lastUsedAt?.getTime();
  const token = await tokenWith({ expiresAt: new Date(nowMs + 1e9) });
  await db.apiToken.create({
    data: { id: "token_2", name: "", role: "viewer", hash: "x", expiresAt: new Date(nowMs) },
  });
  for (const [afterMs, expectedMs] of [
    [0, 0],
    [60_000, 0],
    [60_001, 60_001],
  ] as const) {
    await actorOfToken(token, nowMs + afterMs);
    expect(await noted()).toBe(nowMs + expectedMs);
  }
  expect((await db.apiToken.findUniqueOrThrow({ where: { id: "token_2" } })).lastUsedAt).toBeNull();
});

test("a token works where its last use cannot be written down", async () => {
  const { token, hash } = newApiToken();
  await db.apiToken.create({
    data: { id: "token_1", name: "script", role: "viewer", hash, expiresAt: new Date(2_000) },
  });
  // Only read: as on a disk that takes nothing any more.
  await db.$executeRawUnsafe(
    "CREATE TRIGGER nothing_more BEFORE UPDATE ON ApiToken BEGIN SELECT RAISE(ABORT, 'not this one'); END",
  );
  await expect(actorOfToken(token, 1_000)).rejects.toThrow();
  await db.$executeRawUnsafe("DROP TRIGGER nothing_more");
  await db.$queryRawUnsafe("PRAGMA query_only = ON");
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  expect(await actorOfToken(token, 1_000)).toMatchObject({ kind: "token", id: "token_1" });
  expect(logged.mock.calls.join()).toContain("The last use of a token could not be noted");
  logged.mockRestore();
});
