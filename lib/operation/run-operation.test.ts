import { beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { listAudit } from "@/lib/audit/queries";
import { verifyAuditLog } from "@/lib/audit/verification";
import { type Actor, systemContext } from "@/lib/auth/ctx";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { defineOperation } from "./define-operation";
import { runOperation } from "./run-operation";

setUpTestDatabase();

const admin: Actor = { kind: "user", id: "user_a", name: "ada", role: "admin" };
const viewer: Actor = { kind: "user", id: "user_v", name: "vera", role: "viewer" };
const how = { requestId: "request_1", origin: "api" } as const;
const effect = vi.fn(async (text: string) => text.length);

const measure = defineOperation({
  name: "text.measure",
  role: "operator",
  kind: "change",
  summary: "Measures a text.",
  input: z.object({ text: z.string().min(2, "At least two letters."), password: z.string().default("hunter2hunter2") }),
  output: z.object({ letters: z.number() }),
  target: (input) => ({ kind: "setting", id: input.text }),
  auditDetail: (input) => ({ text: input.text, password: input.password }),
  run: async (_ctx, input) => ({ letters: await effect(input.text), secret: "must not leave" }),
});

const newest = async () => (await listAudit(systemContext("test"))).entries[0];

describe("runOperation", () => {
  beforeEach(() => {
    effect.mockReset().mockImplementation(async (text) => text.length);
  });

  test("runs what the role allows, answers only what the output declares, and audits intent and outcome", async () => {
    const result = await runOperation(measure, admin, { text: "four" }, how);
    expect(result).toEqual({ ok: true, data: { letters: 4 } });
    expect(await newest()).toMatchObject({
      phase: "intent",
      action: "text.measure",
      actorName: "ada",
      outcome: "succeeded",
      target: { kind: "setting", id: "four" },
      detail: { text: "four", password: "[redacted]", via: "api" },
    });
  });

  test("refuses a role that is too weak before anything runs, and records the attempt", async () => {
    const result = await runOperation(measure, viewer, { text: "four" }, how);
    expect(result).toMatchObject({ ok: false, error: { code: "forbidden", requestId: "request_1" } });
    expect(effect).not.toHaveBeenCalled();
    expect(await newest()).toMatchObject({ phase: "denied", actorName: "vera", target: { id: "four" } });
  });

  test("asks for a fresh proof only where it is sensitive and the last one is old, and records that it asked", async () => {
    const shred = { ...measure, name: "text.shred", sensitive: "secrets" as const };
    const session = { id: "session_1", method: "password" as const, expiresAtMs: Date.now() + 60_000 };
    const provenBefore = (ageMs: number): Actor => ({
      ...admin,
      session: { ...session, lastProofAtMs: Date.now() - ageMs },
    });
    const old = await runOperation(shred, provenBefore(301_000), { text: "four" }, how);
    expect(old).toMatchObject({ ok: false, error: { code: "proof-needed" } });
    expect(effect).not.toHaveBeenCalled();
    expect(await newest()).toMatchObject({ phase: "denied", errorCode: "proof-needed", target: { id: "four" } });
    expect(await runOperation(shred, provenBefore(1_000), { text: "four" }, how)).toMatchObject({ ok: true });
    expect(await runOperation(measure, provenBefore(301_000), { text: "four" }, how)).toMatchObject({ ok: true });
  });

  test("answers a sentence per field for bad input", async () => {
    const result = await runOperation(measure, admin, { text: "x" }, how);
    expect(result).toMatchObject({
      ok: false,
      error: { code: "invalid-input", fields: { text: "At least two letters." } },
    });
    expect(effect).not.toHaveBeenCalled();
  });

  test("the intent is in the log before the work starts", async () => {
    let seen: unknown;
    effect.mockImplementation(async () => ((seen = await newest()), 0));
    await runOperation(measure, admin, { text: "before" }, how);
    expect(seen).toMatchObject({ phase: "intent", outcome: "unknown", target: { id: "before" } });
  });

  test("an expected failure keeps its sentence; an unexpected one is answered with a fixed one and logged", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    effect.mockRejectedValueOnce(new AppError("conflict", "It is taken.", { hint: "Take another." }));
    expect(await runOperation(measure, admin, { text: "four" }, how)).toMatchObject({
      error: { code: "conflict", message: "It is taken.", hint: "Take another." },
    });
    effect.mockRejectedValueOnce(new Error("password=canary-4711"));
    const result = await runOperation(measure, admin, { text: "four" }, how);
    expect(result).toMatchObject({ ok: false, error: { code: "internal" } });
    expect(JSON.stringify(result)).not.toContain("canary-4711");
    expect(logged.mock.calls.flat().join()).toContain("request_1");
    expect(await newest()).toMatchObject({ outcome: "failed", errorCode: "internal" });
    logged.mockRestore();
  });

  test("does nothing when the audit log cannot be written", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    await db.$executeRawUnsafe(
      `CREATE TRIGGER "full_disk" BEFORE INSERT ON "AuditEntry" BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
    );
    const result = await runOperation(measure, admin, { text: "four" }, how);
    await db.$executeRawUnsafe(`DROP TRIGGER "full_disk"`);
    expect(result).toMatchObject({ ok: false, error: { code: "unavailable" } });
    expect(effect).not.toHaveBeenCalled();
    logged.mockRestore();
  });

  test("the log is one unbroken chain afterwards, and refuses to be changed", async () => {
    expect(await verifyAuditLog()).toMatchObject({ state: "intact" });
    await expect(
      db.$executeRawUnsafe(`UPDATE "AuditEntry" SET "actorName" = 'mallory' WHERE "seq" = 1`),
    ).rejects.toThrow("append-only");
    await db.$executeRawUnsafe(`DROP TRIGGER "AuditEntry_no_update"`);
    await db.$executeRawUnsafe(`UPDATE "AuditEntry" SET "actorName" = 'mallory' WHERE "seq" = 2`);
    expect(await verifyAuditLog({ full: true })).toMatchObject({ state: "broken", seq: 2 });
  });
});
