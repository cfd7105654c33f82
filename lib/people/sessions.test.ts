import { beforeEach, describe, expect, test, vi } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { type Actor, systemContext } from "@/lib/auth/ctx";
import type { Role } from "@/lib/auth/role";
import { actorOfSession, openSession } from "@/lib/auth/session";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { runOperation } from "@/lib/operation/run-operation";
import { createUser } from "./commands";
import { endOneSession } from "./sessions";
import { createTokenOperation, endSessionOperation, listSessionsOperation, proveOperation } from "./operations";

vi.mock("next/headers", () => ({ headers: async () => new Headers({ host: "localhost:3000" }) }));
setUpTestDatabase();
const ctx = systemContext("test");
const password = "walnut trombone gutter";
const client = { address: "10.0.0.1", agent: "Firefox on Linux" };
const how = { requestId: "request_1", origin: "browser" } as const;
const minuteMs = 60_000;

async function signedIn(name: string, role: Role, ageMs = 0) {
  const found = await db.user.findUnique({ where: { name } });
  const userId = found?.id ?? (await createUser(ctx, { name, role, password }));
  const { id, secret } = await openSession(userId, "password", { client, nowMs: Date.now() - ageMs });
  const read = () => actorOfSession(secret, Date.now(), { use: false });
  const actor = await read();
  if (!actor) throw new Error("no session");
  return { id, actor, read };
}
beforeEach(async () => void (await db.user.deleteMany()));
const end = (actor: Actor, sessionId: string) => runOperation(endSessionOperation, actor, { sessionId }, how);

test("sessions are listed with what tells them apart: one's own, or everybody's for an admin", async () => {
  const ada = await signedIn("ada", "operator");
  const elsewhere = await signedIn("ada", "operator");
  const root = await signedIn("root", "admin");
  const listed = async (actor: Actor) => {
    const result = await runOperation(listSessionsOperation, actor, {}, how);
    if (!result.ok) throw new Error(result.error.message);
    return result.data.sessions;
  };
  const own = await listed(ada.actor);
  expect(own.map(({ id, current }) => [id, current]).sort()).toEqual(
    [
      [ada.id, true],
      [elsewhere.id, false],
    ].sort(),
  );
  expect(own[0]).toMatchObject({ owner: { name: "ada" }, method: "password", ...client });
  expect((await listed(root.actor)).map(({ id }) => id).sort()).toEqual([ada.id, elsewhere.id, root.id].sort());
  const token: Actor = { kind: "token", id: "token_1", name: "t", role: "admin", ownerId: null };
  expect(await runOperation(listSessionsOperation, token, {}, how)).toMatchObject({ error: { code: "refused" } });
});

test("a session is ended by its owner or an admin, audited, and by nobody else", async () => {
  const ada = await signedIn("ada", "operator");
  const elsewhere = await signedIn("ada", "operator");
  const eve = await signedIn("eve", "operator");
  const root = await signedIn("root", "admin");
  const refused = { error: { code: "not-found", hint: expect.stringMatching(/reload/) as string } };
  expect(await end(eve.actor, ada.id)).toMatchObject(refused);
  expect(await end(eve.actor, "session_none")).toMatchObject(refused);
  expect(await end(ada.actor, elsewhere.id)).toEqual({ ok: true, data: {} });
  expect([await elsewhere.read(), (await ada.read())?.name]).toEqual([null, "ada"]);
  expect(await end(root.actor, ada.id)).toEqual({ ok: true, data: {} });
  expect(await ada.read()).toBeNull();
  expect((await listAudit(ctx)).entries[0]).toMatchObject({
    action: "session.end",
    actorName: "root",
    outcome: "succeeded",
    detail: { session: ada.id },
  });
});

test("a job of the console may end any session", async () => {
  const ada = await signedIn("ada", "operator");
  await endOneSession(ctx, ada.id);
  expect(await ada.read()).toBeNull();
});

describe("a fresh proof", () => {
  const make = (actor: Actor) => runOperation(createTokenOperation, actor, { name: "t", role: "viewer" }, how);

  test("is asked for what is sensitive, is given by the password, and is good for that session alone", async () => {
    const ada = await signedIn("ada", "operator", 6 * minuteMs);
    const elsewhere = await signedIn("ada", "operator", 6 * minuteMs);
    expect(await make(ada.actor)).toMatchObject({ error: { code: "proof-needed" } });
    const proving = (word: string) => runOperation(proveOperation, ada.actor, { by: "password", password: word }, how);
    expect(await proving("wrong")).toMatchObject({
      error: { code: "invalid-input", fields: { password: expect.any(String) as string } },
    });
    expect(await make((await ada.read()) ?? ada.actor)).toMatchObject({ error: { code: "proof-needed" } });
    expect(await proving(password)).toEqual({ ok: true, data: {} });
    expect(await make((await ada.read()) ?? ada.actor)).toMatchObject({ ok: true });
    expect(await make((await elsewhere.read()) ?? elsewhere.actor)).toMatchObject({ error: { code: "proof-needed" } });
    expect(JSON.stringify((await listAudit(ctx)).entries)).not.toContain(password);
  });

  test("is not had without a session, by a token, or from the future", async () => {
    const { actor } = await signedIn("ada", "operator");
    const { session, ...bare } = actor;
    expect(await make(bare)).toMatchObject({ error: { code: "proof-needed" } });
    expect(await runOperation(proveOperation, bare, { by: "password", password }, how)).toMatchObject({
      error: { code: "refused" },
    });
    const later = { ...actor, ...(session && { session: { ...session, lastProofAtMs: Date.now() + minuteMs } }) };
    expect(await make(later)).toMatchObject({ error: { code: "proof-needed" } });
  });
});
