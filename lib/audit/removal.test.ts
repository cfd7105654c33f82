import { beforeEach, expect, test, vi } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { readCheckpoint } from "./checkpoint";
import { removeOldEntries } from "./removal";
import { forge, forgetVerification, raw, writeEntries } from "./testing";
import { forgetAuditStatus, judgeHead, verifyAuditLog } from "./verification";

setUpTestDatabase();
forgetVerification();

const ctx = systemContext("retention");
const dayMs = 24 * 3600_000;
const day = (number: number) => new Date(Date.UTC(2026, 0, number));
const seqs = async () => (await db.auditEntry.findMany({ orderBy: { seq: "asc" } })).map(({ seq }) => seq);

/** Three entries a day, for four days. */
beforeEach(async () => {
  forge(`DELETE FROM "AuditEntry"; DELETE FROM "AuditCheckpoint"`);
  vi.useFakeTimers({ toFake: ["Date"] });
  for (let number = 1; number <= 4; number += 1) {
    vi.setSystemTime(day(number));
    await writeEntries(3);
  }
  vi.useRealTimers();
});

test("removes what is older, notes it in the log and in a signed checkpoint, and the rest still verifies", async () => {
  const gone = await db.auditEntry.findUniqueOrThrow({ where: { seq: 6 } });
  const kept = await db.auditEntry.findUniqueOrThrow({ where: { seq: 9 } });
  expect(await removeOldEntries(ctx, { before: day(3) })).toBe(6);
  expect(await seqs()).toEqual([7, 8, 9, 10, 11, 12, 13]);
  expect(await db.auditEntry.findUnique({ where: { seq: 13 } })).toMatchObject({
    phase: "change",
    action: "audit.remove-old",
    actor: "system:retention",
    detail: JSON.stringify({ from: 1, to: 6, hash: gone.hash }),
  });
  expect(await readCheckpoint("removed")).toMatchObject({ state: "signed", checkpoint: { seq: 6, hash: gone.hash } });
  for (const full of [false, true]) {
    forgetAuditStatus();
    const status = await verifyAuditLog({ full });
    expect(status).toMatchObject({ state: "intact", firstSeq: 7, seq: 13, missingGuards: [] });
    expect(await judgeHead({ seq: 6, hash: gone.hash }, status)).toBe("in-chain");
    expect(await judgeHead({ seq: 6, hash: kept.hash }, status)).toBe("differs");
    expect(await judgeHead({ seq: 5, hash: gone.hash }, status)).toBe("removed");
    expect(await judgeHead({ seq: 9, hash: kept.hash }, status)).toBe("in-chain");
  }
  expect(await removeOldEntries(ctx, { before: day(4) })).toBe(3);
  expect(await seqs()).toEqual([10, 11, 12, 13, 14]);
  expect(await verifyAuditLog()).toMatchObject({ state: "intact", firstSeq: 10, seq: 14 });
});

test("removes nothing that is not older or not delivered, and never the newest entry", async () => {
  expect(await removeOldEntries(ctx, { before: day(1) })).toBe(0);
  expect(await removeOldEntries(ctx, { before: day(4), upToSeq: 0 })).toBe(0);
  expect(await db.auditEntry.count()).toBe(12);
  expect(await removeOldEntries(ctx, { before: day(4), upToSeq: 2 })).toBe(2);
  expect(await removeOldEntries(ctx, { before: new Date(Date.now() + dayMs) })).toBe(10);
  expect(await seqs()).toEqual([13, 14]);
  expect(await verifyAuditLog({ full: true })).toMatchObject({ state: "intact", firstSeq: 13, seq: 14 });
});

test("an older clock behind does not take newer entries along", async () => {
  forge(`UPDATE "AuditEntry" SET "at" = '2025-01-01T00:00:00.000+00:00' WHERE "seq" = 12`);
  await expect(removeOldEntries(ctx, { before: day(2) })).rejects.toThrow("broken");
  expect(await db.auditEntry.count()).toBe(12);
});

test("removes nothing of a broken chain", async () => {
  forge(`UPDATE "AuditEntry" SET "actorName" = 'eve' WHERE "seq" = 2`);
  await expect(removeOldEntries(ctx, { before: day(3) })).rejects.toMatchObject({ code: "refused" });
  expect(await db.auditEntry.count()).toBe(12);
  expect(await readCheckpoint("removed")).toEqual({ state: "none" });
});

test("removes all of a step or nothing", async () => {
  raw((sqlite) =>
    sqlite.exec(
      `CREATE TRIGGER "stuck" BEFORE DELETE ON "AuditEntry" WHEN OLD."seq" = 5 BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END`,
    ),
  );
  await expect(removeOldEntries(ctx, { before: day(3) })).rejects.toThrow();
  raw((sqlite) => sqlite.exec(`DROP TRIGGER "stuck"`));
  expect(await db.auditEntry.count()).toBe(12);
  expect(await readCheckpoint("removed")).toEqual({ state: "none" });
  expect(await verifyAuditLog()).toMatchObject({ state: "intact", firstSeq: 1, seq: 12 });
});

test("a checkpoint that was put back to an older one shows what is missing in between", async () => {
  await removeOldEntries(ctx, { before: day(2) });
  const old = raw((sqlite) => sqlite.prepare(`SELECT * FROM "AuditCheckpoint" WHERE "kind" = 'removed'`).get());
  await removeOldEntries(ctx, { before: day(3) });
  forge(`DELETE FROM "AuditCheckpoint"`);
  raw((sqlite) => sqlite.exec(`DROP TRIGGER "AuditCheckpoint_insert"`));
  raw((sqlite) =>
    sqlite.prepare(`INSERT INTO "AuditCheckpoint" VALUES (@kind, @seq, @hash, @at, @keyId, @signature)`).run(old),
  );
  forgetAuditStatus();
  expect(await verifyAuditLog()).toMatchObject({ state: "broken", seq: 4, missingGuards: ["AuditCheckpoint_insert"] });
});
