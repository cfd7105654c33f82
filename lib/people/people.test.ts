import { beforeEach, describe, expect, test } from "vitest";
import { actorOfToken } from "@/lib/auth/api-token";
import { type Actor, principalsOf, systemContext } from "@/lib/auth/ctx";
import type { Role } from "@/lib/auth/role";
import { actorOfSession, openSession } from "@/lib/auth/session";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { sseResponse } from "@/lib/live/sse";
import { type AnyOperation, runOperation } from "@/lib/operation/run-operation";
import { createUser } from "./commands";
import * as operations from "./operations";
import { completeSetup, isSetupLinkValid, newSetupLink } from "./setup-link";

setUpTestDatabase();
const ctx = systemContext("test");
const goodPassword = "correct horse battery";
const how = { requestId: "request_1", origin: "browser" } as const;

async function person(name: string, role: Role): Promise<Actor & { kind: "user" }> {
  const id = await createUser(ctx, { name, role, password: goodPassword });
  const session = { id: "session_x", method: "password" as const, lastProofAtMs: Date.now(), expiresAtMs: Infinity };
  return { kind: "user", id, name, role, session };
}
const opened = async (id: string) =>
  (await openSession(id, "password", { client: { address: "10.0.0.1", agent: "Firefox" }, nowMs: Date.now() })).secret;

beforeEach(async () => {
  await db.apiToken.deleteMany();
  await db.user.deleteMany();
});

describe("the set-up link", () => {
  const tokenIn = (link: string | null) => new URL(link ?? "").searchParams.get("token") ?? "";

  test("creates one administrator, once", async () => {
    const token = tokenIn(await newSetupLink());
    expect(await isSetupLinkValid(token)).toBe(true);
    const input = { token, name: "ada", password: goodPassword };
    const results = await Promise.allSettled([completeSetup(input), completeSetup({ ...input, name: "eve" })]);
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    expect(await db.user.count()).toBe(1);
    expect(await isSetupLinkValid(token)).toBe(false);
    expect(await newSetupLink()).toBeNull();
  });

  test("a newer link ends the older one; a made-up one is refused", async () => {
    const old = tokenIn(await newSetupLink());
    expect(await isSetupLinkValid(tokenIn(await newSetupLink()))).toBe(true);
    await expect(completeSetup({ token: old, name: "ada", password: goodPassword })).rejects.toThrow("not valid");
    await expect(completeSetup({ token: "x".repeat(40), name: "ada", password: goodPassword })).rejects.toThrow(
      "not valid",
    );
  });

  test("does not work once there is an account, however it came to be", async () => {
    const token = tokenIn(await newSetupLink());
    await person("first", "viewer");
    await expect(completeSetup({ token, name: "ada", password: goodPassword })).rejects.toThrow("not valid");
  });
});

describe("who may do what", () => {
  const adminOnly = [
    operations.createUserOperation,
    operations.setRoleOperation,
    operations.setPasswordOperation,
    operations.disableUserOperation,
  ];

  test.each(
    adminOnly.flatMap((operation) =>
      (["viewer", "operator"] as const).map((role) => [operation.name, role, operation] as const),
    ),
  )("%s is refused to a %s", async (_name, role, operation) => {
    const result = await runOperation(operation, await person("someone", role), {}, how);
    expect(result).toMatchObject({ ok: false, error: { code: "forbidden" } });
  });

  test("a session ends when its account's role or password changes, or it is disabled", async () => {
    const admin = await person("root", "admin");
    const ada = await person("ada", "operator");
    const current = "another good one";
    const steps = [
      () => runOperation(operations.setRoleOperation, admin, { userId: ada.id, role: "viewer" }, how),
      () => runOperation(operations.setPasswordOperation, admin, { userId: ada.id, password: current }, how),
      () => runOperation(operations.signOutEverywhereOperation, ada, {}, how),
      () => runOperation(operations.changePasswordOperation, ada, { current, password: goodPassword }, how),
      () => runOperation(operations.disableUserOperation, admin, { userId: ada.id }, how),
    ];
    for (const step of steps) {
      const session = await opened(ada.id);
      expect(await actorOfSession(session, Date.now(), { use: false })).toMatchObject({ name: "ada" });
      expect(await step()).toEqual({ ok: true, data: {} });
      expect(await actorOfSession(session, Date.now(), { use: false })).toBeNull();
    }
  });

  test("the last administrator stays one", async () => {
    const admin = await person("root", "admin");
    expect(await runOperation(operations.disableUserOperation, admin, { userId: admin.id }, how)).toMatchObject({
      error: { code: "refused" },
    });
    expect(
      await runOperation(operations.setRoleOperation, admin, { userId: admin.id, role: "viewer" }, how),
    ).toMatchObject({ error: { code: "refused" } });
  });

  test("one's own password changes only with the present one", async () => {
    const ada = await person("ada", "viewer");
    const change = (current: string) =>
      runOperation(operations.changePasswordOperation, ada, { current, password: "another good one" }, how);
    expect(await change("wrong")).toMatchObject({ error: { fields: { current: expect.any(String) as string } } });
    expect(await change(goodPassword)).toEqual({ ok: true, data: {} });
  });
});

describe("open live streams", () => {
  /** Opens a stream as the actor; resolves once it has ended. */
  function openStream(actor: Actor): Promise<unknown> {
    let end: () => void = () => {};
    const ended = new Promise<null>((resolve) => (end = () => resolve(null)));
    const source = { next: () => ended, close: () => end() };
    const response = sseResponse(source, { signal: new AbortController().signal, owners: principalsOf(actor) });
    return response.text();
  }

  test("end when the rights that opened them do", async () => {
    const admin = await person("root", "admin");
    const run = async (operation: AnyOperation, input: unknown, actor: Actor = admin) =>
      expect(await runOperation(operation, actor, input, how)).toMatchObject({ ok: true });
    const ada = await person("ada", "operator");
    const made = await runOperation(operations.createTokenOperation, ada, { name: "t", role: "viewer" }, how);
    if (!made.ok) throw new Error(made.error.message);
    const token = await actorOfToken(made.data.token, Date.now());
    if (!token) throw new Error("the token is not valid");
    const everyWay: [AnyOperation, unknown, Actor?][] = [
      [operations.setRoleOperation, { userId: ada.id, role: "viewer" }],
      [operations.setPasswordOperation, { userId: ada.id, password: goodPassword }],
      [operations.changePasswordOperation, { current: goodPassword, password: "another good one" }, ada],
      [operations.signOutEverywhereOperation, {}, ada],
      [operations.disableUserOperation, { userId: ada.id }],
    ];
    for (const [operation, input, actor] of everyWay) {
      await db.apiToken.updateMany({ data: { revokedAt: null } });
      const open = [openStream(ada), openStream(token)];
      await run(operation, input, actor);
      await Promise.all(open);
    }
    await db.apiToken.updateMany({ data: { revokedAt: null } });
    const open = openStream(token);
    await run(operations.revokeTokenOperation, { tokenId: made.data.id });
    await open;
  });
});

describe("API tokens", () => {
  const make = async (actor: Actor, input: { role: Role; expiresInDays?: number }) => {
    const result = await runOperation(operations.createTokenOperation, actor, { name: "script", ...input }, how);
    if (!result.ok) throw new Error(result.error.message);
    return result.data;
  };

  test("stands for its role, is not stored, and ends when revoked or expired", async () => {
    const ada = await person("ada", "operator");
    const { id, token } = await make(ada, { role: "viewer", expiresInDays: 1 });
    expect(await actorOfToken(token, Date.now())).toEqual({
      kind: "token",
      id,
      name: "script",
      role: "viewer",
      ownerId: ada.id,
      doors: null,
      expiresAtMs: expect.any(Number) as number,
    });
    expect(JSON.stringify(await db.apiToken.findMany())).not.toContain(token);
    expect(await actorOfToken(`${token.slice(0, -1)}_`, Date.now())).toBeNull();
    expect(await actorOfToken(token, Date.now() + 25 * 3600_000)).toBeNull();
    expect(await runOperation(operations.revokeTokenOperation, ada, { tokenId: id }, how)).toEqual({
      ok: true,
      data: {},
    });
    expect(await actorOfToken(token, Date.now())).toBeNull();
  });

  test("never has a greater role than its maker, then or later", async () => {
    const ada = await person("ada", "operator");
    await expect(make(ada, { role: "admin" })).rejects.toThrow("cannot have the role admin");
    const { token } = await make(ada, { role: "operator" });
    for (const [now, left] of [
      ["viewer", "viewer"],
      ["auditor", "viewer"],
      ["admin", "operator"],
    ] as const) {
      await db.user.update({ where: { id: ada.id }, data: { role: now } });
      expect(await actorOfToken(token, Date.now())).toMatchObject({ role: left });
    }
    await db.user.update({ where: { id: ada.id }, data: { disabledAt: new Date() } });
    expect(await actorOfToken(token, Date.now())).toBeNull();
  });

  test("ends with the password of its owner, whoever sets another", async () => {
    const admin = await person("root", "admin");
    const ada = await person("ada", "operator");
    const current = "another good one";
    for (const step of [
      () => runOperation(operations.setPasswordOperation, admin, { userId: ada.id, password: current }, how),
      () => runOperation(operations.changePasswordOperation, ada, { current, password: goodPassword }, how),
    ]) {
      const { token } = await make(ada, { role: "viewer" });
      expect(await actorOfToken(token, Date.now())).not.toBeNull();
      expect(await step()).toEqual({ ok: true, data: {} });
      expect(await actorOfToken(token, Date.now())).toBeNull();
    }
  });

  test("one that was stored without an end is none", async () => {
    const ada = await person("ada", "operator");
    const { id, token } = await make(ada, { role: "viewer" });
    await db.apiToken.update({ where: { id }, data: { expiresAt: null } });
    expect(await actorOfToken(token, Date.now())).toBeNull();
  });

  test("makes no other token, and another's is not one's own to revoke", async () => {
    const ada = await person("ada", "operator");
    const eve = await person("eve", "operator");
    const { id, token } = await make(ada, { role: "operator" });
    const asToken = await actorOfToken(token, Date.now());
    await expect(make(asToken ?? eve, { role: "viewer" })).rejects.toThrow("cannot make or change");
    expect(await runOperation(operations.revokeTokenOperation, eve, { tokenId: id }, how)).toMatchObject({
      error: { code: "not-found" },
    });
  });
});
