import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Actor, proveRole, systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { withTransaction } from "@/lib/db/transaction";
import { firstHash, hashRow } from "./chain";
import { recordChange, recordDenied, recordIntent, recordOutcome, recordSystem } from "./record";
import { ada } from "./testing";
import { verifyAuditLog } from "./verification";

setUpTestDatabase();

const ctx = proveRole(ada, "admin", "request_1");
const newest = () => db.auditEntry.findFirstOrThrow({ orderBy: { seq: "desc" } });
const nothing = {
  onBehalfOf: null,
  targetKind: null,
  targetId: null,
  targetName: null,
  intentId: null,
  outcome: null,
  errorCode: null,
  durationMs: null,
};

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 1) }));
afterEach(() => vi.useRealTimers());

describe("what is written", () => {
  test("the first entry follows the start of the chain, each later one the one before", async () => {
    await recordSystem(ctx, { action: "test.first" });
    const first = await newest();
    expect(first).toMatchObject({ seq: 1, prevHash: firstHash, hash: hashRow(first) });
    await recordSystem(ctx, { action: "test.second" });
    const second = await newest();
    expect(second).toMatchObject({ seq: 2, prevHash: first.hash, hash: hashRow(second) });
  });

  test("an intent, with everything that is known before", async () => {
    const id = await recordIntent(ctx, {
      action: "node.reboot",
      target: { kind: "node", id: "node_1", name: "w-01" },
      detail: { mode: "default", password: "hunter2" },
    });
    expect(await newest()).toMatchObject({
      ...nothing,
      id,
      at: new Date(Date.UTC(2026, 0, 1)),
      phase: "intent",
      action: "node.reboot",
      actor: "user:user_a",
      actorName: "ada",
      targetKind: "node",
      targetId: "node_1",
      targetName: "w-01",
      requestId: "request_1",
      detail: `{"mode":"default","password":"[redacted]"}`,
    });
    expect(id).toMatch(/^audit_[0-9a-z]{20}$/);
  });

  test("an outcome repeats the intent's action and target, and says how it ended", async () => {
    const target = { kind: "node" as const, id: "node_1", name: "w-01" };
    const intentId = await recordIntent(ctx, { action: "node.reboot", target });
    const system = systemContext("upgrade", "user:user_a");
    const id = await recordOutcome(system, intentId, {
      outcome: "failed",
      errorCode: "refused",
      durationMs: 12.6,
      detail: { why: "held" },
    });
    expect(await newest()).toMatchObject({
      id,
      phase: "outcome",
      action: "node.reboot",
      actor: "system:upgrade",
      actorName: "system (upgrade)",
      onBehalfOf: "user:user_a",
      targetKind: "node",
      targetId: "node_1",
      targetName: "w-01",
      intentId,
      outcome: "failed",
      errorCode: "refused",
      durationMs: 13,
      detail: `{"why":"held"}`,
    });
  });

  test("an outcome of an intent without a target, or without a target's name, has none either", async () => {
    for (const target of [null, { kind: "user" as const, id: "user_1" }]) {
      const intentId = await recordIntent(ctx, { action: "user.disable", target });
      await recordOutcome(ctx, intentId, { outcome: "succeeded", durationMs: 0 });
      expect(await newest()).toMatchObject({
        ...nothing,
        targetKind: target?.kind ?? null,
        targetId: target?.id ?? null,
        intentId,
        outcome: "succeeded",
        durationMs: 0,
        detail: "{}",
      });
    }
  });

  test("an outcome of an intent that is not there is refused, and writes nothing", async () => {
    const before = await db.auditEntry.count();
    await expect(recordOutcome(ctx, "audit_none", { outcome: "succeeded", durationMs: 1 })).rejects.toThrow();
    expect(await db.auditEntry.count()).toBe(before);
  });

  test("a change goes with its transaction", async () => {
    const before = await db.auditEntry.count();
    const change = { action: "user.create", target: { kind: "user" as const, id: "user_2" } };
    await expect(
      withTransaction(async (tx) => {
        await recordChange(tx, ctx, change);
        throw new Error("undone");
      }),
    ).rejects.toThrow("undone");
    expect(await db.auditEntry.count()).toBe(before);
    const id = await withTransaction((tx) => recordChange(tx, ctx, change));
    expect(await newest()).toMatchObject({
      ...nothing,
      id,
      phase: "change",
      action: "user.create",
      targetKind: "user",
      targetId: "user_2",
    });
  });

  test("a denied attempt and what Ichor noticed, as who they are", async () => {
    const token: Actor = { kind: "token", id: "token_1", name: "script", role: "viewer", ownerId: "user_a" };
    await recordDenied(
      { actor: token, requestId: "request_2" },
      { action: "node.reset", target: { kind: "node", id: "node_1" }, errorCode: "forbidden" },
    );
    expect(await newest()).toMatchObject({
      ...nothing,
      phase: "denied",
      action: "node.reset",
      actor: "token:token_1",
      actorName: "script",
      targetKind: "node",
      targetId: "node_1",
      requestId: "request_2",
      errorCode: "forbidden",
    });
    const id = await recordSystem(systemContext("start"), { action: "server.start" });
    expect(await newest()).toMatchObject({ ...nothing, id, phase: "system", actor: "system:start", onBehalfOf: null });
  });

  test("many at once are one chain", async () => {
    await Promise.all(Array.from({ length: 20 }, () => recordSystem(ctx, { action: "test.at-once" })));
    expect(await verifyAuditLog({ full: true })).toMatchObject({ state: "intact", seq: await db.auditEntry.count() });
  });
});
