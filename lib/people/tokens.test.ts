import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hashToken } from "@/lib/auth/api-token";
import { type Actor, type Ctx, proveRole, systemContext } from "@/lib/auth/ctx";
import type { Role } from "@/lib/auth/role";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import * as sse from "@/lib/live/sse";
import { createTokenInput } from "./schema";
import { createToken, revokeToken } from "./tokens";

setUpTestDatabase();
const nowMs = Date.UTC(2026, 5, 1);
const dayMs = 86_400_000;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: nowMs });
  await db.apiToken.deleteMany();
  await db.user.deleteMany();
  for (const id of ["user_ada", "user_eve"])
    await db.user.create({ data: { id, name: id, role: "operator", passwordHash: "x" } });
});
afterEach(() => vi.useRealTimers());

const ctxOf = (actor: Actor): Ctx => proveRole(actor, "viewer");
const person = (id: string, role: Role) => ctxOf({ kind: "user", id, name: id, role });
const ada = person("user_ada", "operator");
const script = (role: Role) => ctxOf({ kind: "token", id: "token_1", name: "script", role, ownerId: "user_ada" });
const job = systemContext("test");
const input = (changes: Partial<Parameters<typeof createTokenInput.parse>[0] & object> = {}) =>
  createTokenInput.parse({ name: "script", role: "viewer", ...changes });
const rowOf = (id: string) => db.apiToken.findUniqueOrThrow({ where: { id } });

describe("a token is made", () => {
  test("for its maker, for so many days, and only its hash is kept", async () => {
    const { id, token, expiresAtMs } = await createToken(ada, input({ role: "operator", expiresInDays: 3 }));
    expect(id).toMatch(/^token_/);
    expect(expiresAtMs).toBe(nowMs + 3 * dayMs);
    expect(await rowOf(id)).toMatchObject({
      ...{ name: "script", role: "operator", userId: "user_ada", hash: hashToken(token), doors: null, revokedAt: null },
      expiresAt: new Date(nowMs + 3 * dayMs),
    });
  });

  test("narrowed to doors, each once and in order", async () => {
    const { id } = await createToken(ada, input({ doors: ["nodes.list", "node.reboot", "nodes.list"] }));
    expect((await rowOf(id)).doors).toBe('["node.reboot","nodes.list"]');
  });

  test("for nobody by a job of the console, with any role", async () => {
    const { id } = await createToken(job, input({ role: "admin" }));
    expect(await rowOf(id)).toMatchObject({ userId: null, role: "admin" });
  });

  test.each(["admin", "auditor"] as const)("by an operator not with the role %s", async (role) => {
    await expect(createToken(ada, input({ role }))).rejects.toMatchObject({
      ...{ code: "forbidden", fields: { role: expect.any(String) as string } },
    });
    expect(await db.apiToken.count()).toBe(0);
  });

  test("by no token: it would outlive it", async () => {
    await expect(createToken(script("admin"), input())).rejects.toMatchObject({
      ...{ code: "refused", hint: expect.stringMatching(/Settings/) as string },
    });
    expect(await db.apiToken.count()).toBe(0);
  });
});

describe("a token is revoked", () => {
  const made = async (by: Ctx = ada) => (await createToken(by, input())).id;
  const refusal = { code: "not-found", hint: expect.any(String) as string };

  test.each([
    ["its owner", ada],
    ["an admin", person("user_root", "admin")],
    ["a token of an admin's role", script("admin")],
    ["a job of the console", job],
  ])("by %s: at once, and its streams end", async (_, by) => {
    const end = vi.spyOn(sse, "endStreamsOf");
    const [id, other] = [await made(), await made()];
    await revokeToken(by, id);
    expect((await rowOf(id)).revokedAt).toEqual(new Date(nowMs));
    expect((await rowOf(other)).revokedAt).toBeNull();
    expect(end.mock.calls).toEqual([[id]]);
    end.mockRestore();
  });

  test.each([
    ["another person", person("user_eve", "operator")],
    ["an auditor", person("user_eve", "auditor")],
    ["a token, even of its owner", script("operator")],
  ])("by %s never", async (_, by) => {
    const ids = [await made(), await made(job)];
    for (const id of ids) {
      await expect(revokeToken(by, id)).rejects.toMatchObject(refusal);
      expect((await rowOf(id)).revokedAt).toBeNull();
    }
  });

  test("once: the time stays the first one", async () => {
    const id = await made();
    await revokeToken(ada, id);
    vi.setSystemTime(nowMs + 1);
    await expect(revokeToken(ada, id)).rejects.toMatchObject(refusal);
    expect((await rowOf(id)).revokedAt).toEqual(new Date(nowMs));
  });
});
