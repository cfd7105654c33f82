import { beforeEach, describe, expect, test, vi } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { firstHash, hashRow } from "./chain";
import { checkpointText, readCheckpoint, writeCheckpoint } from "./checkpoint";
import { auditStatus, expectedHead } from "./schema";
import { forge, forgetVerification, raw, writeEntries } from "./testing";
import * as verification from "./verification";

const { auditHead, judgeHead, verifyAuditLog } = verification;
setUpTestDatabase();
forgetVerification();

const hashOf = async (seq: number) => (await db.auditEntry.findUniqueOrThrow({ where: { seq } })).hash;
/** Empties the log as nobody could with the guards in place, and writes so many entries. */
async function logOf(entries: number): Promise<void> {
  forge(`DELETE FROM "AuditEntry"; DELETE FROM "AuditCheckpoint"`);
  await writeEntries(entries);
}
/** Computes every hash anew from an entry on, as somebody does who knows how: the chain then holds in itself. */
async function recompute(from: number, change: Record<string, string>): Promise<void> {
  const rows = await db.auditEntry.findMany({ orderBy: { seq: "asc" } });
  let prevHash = rows.find(({ seq }) => seq === from - 1)?.hash ?? firstHash;
  const updates = rows
    .filter(({ seq }) => seq >= from)
    .map((row) => {
      const forged = { ...row, ...(row.seq === from && change), prevHash };
      prevHash = hashRow(forged);
      return `UPDATE "AuditEntry" SET "actorName" = '${forged.actorName}', "prevHash" = '${forged.prevHash}', "hash" = '${prevHash}' WHERE "seq" = ${row.seq}`;
    });
  forge(updates.join(";"));
}
const restart = verification.forgetAuditStatus;

describe("verifyAuditLog", () => {
  beforeEach(() => logOf(8));

  test("says up to where the log is intact, and keeps that for pages and scrapes", async () => {
    expect(verification.auditStatus()).toEqual({ state: "unverified", missingGuards: [] });
    const status = await verifyAuditLog({ nowMs: 1000 });
    const whole = {
      state: "intact",
      firstSeq: 1,
      seq: 8,
      hash: await hashOf(8),
      checkedAtMs: 1000,
      fullAtMs: 1000,
      missingGuards: [],
    };
    expect(status).toEqual(whole);
    expect(auditStatus.parse(verification.auditStatus())).toEqual(whole);
    expect(await auditHead()).toEqual({ seq: 8, hash: await hashOf(8) });
  });

  test("takes an empty log, and more entries than a slice has, between which other work has its turn", async () => {
    forge(`DELETE FROM "AuditEntry"`);
    expect(await auditHead()).toEqual({ seq: 0, hash: firstHash });
    expect(await verifyAuditLog()).toMatchObject({ state: "intact", seq: 0 });
    await writeEntries(501);
    expect(await verifyAuditLog()).toMatchObject({ state: "intact", seq: 501 });
    let turns = 0;
    let over = false;
    const turn = () => {
      turns += 1;
      if (!over) setImmediate(turn);
    };
    setImmediate(turn);
    expect(await verifyAuditLog({ full: true })).toMatchObject({ state: "intact", seq: 501 });
    over = true;
    expect(turns).toBeGreaterThanOrEqual(2);
  });

  test("goes on where it ended, also after a restart, and walks all of it only when asked to", async () => {
    await verifyAuditLog({ nowMs: 1000 });
    await writeEntries(2);
    const read = vi.spyOn(db.auditEntry, "findMany");
    restart();
    expect(await verifyAuditLog({ nowMs: 2000 })).toMatchObject({ seq: 10, checkedAtMs: 2000, fullAtMs: 1000 });
    expect(read.mock.calls.map(([query]) => [query?.where?.seq, query?.orderBy])).toEqual([
      [{ gt: 8 }, { seq: "asc" }],
    ]);
    expect(await verifyAuditLog({ full: true, nowMs: 3000 })).toMatchObject({ seq: 10, fullAtMs: 3000 });
    expect(read.mock.calls.at(-1)?.[0]?.where?.seq).toEqual({ gt: 0 });
    read.mockRestore();
  });

  test("those that come at once share one walk, unless one wants more", async () => {
    const read = vi.spyOn(db.auditEntry, "findMany");
    await Promise.all([verifyAuditLog({ full: true }), verifyAuditLog(), verifyAuditLog({ full: true })]);
    expect(read).toHaveBeenCalledTimes(1);
    const [, more] = await Promise.all([verifyAuditLog(), verifyAuditLog({ full: true, nowMs: 7000 })]);
    expect(read.mock.calls.map(([query]) => query?.where?.seq)).toEqual([{ gt: 0 }, { gt: 8 }, { gt: 0 }]);
    expect(more).toMatchObject({ checkedAtMs: 7000, fullAtMs: 7000 });
    read.mockRestore();
  });

  test("finds a changed entry where it is, from then on without a whole walk, and after a restart too", async () => {
    await verifyAuditLog();
    forge(`UPDATE "AuditEntry" SET "actorName" = 'eve' WHERE "seq" = 4`);
    expect(await verifyAuditLog(), "before what is verified").toMatchObject({ state: "intact" });
    const broken = { state: "broken", seq: 4, reason: "Entry 4 was changed after it was written." };
    expect(await verifyAuditLog({ full: true })).toMatchObject(broken);
    await writeEntries(1);
    expect(await verifyAuditLog()).toMatchObject(broken);
    restart();
    expect(await verifyAuditLog()).toMatchObject(broken);
  });

  test("finds the first entry changed or gone, and finds it again after a restart", async () => {
    await verifyAuditLog();
    forge(`DELETE FROM "AuditEntry" WHERE "seq" = 1`);
    expect(await verifyAuditLog({ full: true })).toMatchObject({ state: "broken", seq: 1 });
    restart();
    expect(await verifyAuditLog()).toMatchObject({ state: "broken", seq: 1, reason: "Entry 1 is missing." });
  });

  test("finds an entry that was cut off after it was verified, and one put in its place", async () => {
    await verifyAuditLog();
    forge(`DELETE FROM "AuditEntry" WHERE "seq" >= 7`);
    const gone = { state: "broken", seq: 8, reason: "Entry 8 was verified before, and is gone." };
    expect(await verifyAuditLog()).toMatchObject(gone);
    restart();
    expect(await verifyAuditLog()).toMatchObject(gone);
    await writeEntries(3);
    const other = { state: "broken", seq: 8, reason: "Entry 8 is not the one that was verified before." };
    expect(await verifyAuditLog()).toMatchObject(other);
    expect(await verifyAuditLog({ full: true })).toMatchObject(other);
    restart();
    expect(await verifyAuditLog({ full: true })).toMatchObject(other);
  });

  test("finds the last verified entry changed though its stored hash is not", async () => {
    await verifyAuditLog();
    forge(`UPDATE "AuditEntry" SET "detail" = '{}' WHERE "seq" = 8`);
    expect(await verifyAuditLog()).toMatchObject({ state: "broken", seq: 8 });
  });

  test("finds a log that was computed anew, as long as this process or a signed checkpoint remembers it", async () => {
    await verifyAuditLog();
    await recompute(3, { actorName: "eve" });
    expect(await verifyAuditLog({ full: true })).toMatchObject({ state: "broken", seq: 8 });
    restart();
    expect(await verifyAuditLog({ full: true })).toMatchObject({ state: "broken", seq: 8 });
    forge(`DELETE FROM "AuditCheckpoint"`);
    expect(await verifyAuditLog({ full: true }), "in memory nothing, stored nothing").toMatchObject({
      state: "intact",
    });
  });

  test("believes no checkpoint that this Ichor has not signed", async () => {
    await verifyAuditLog();
    forge(`UPDATE "AuditEntry" SET "actorName" = 'eve' WHERE "seq" = 4`);
    for (const [kind, at] of [
      ["verified", `"at" = '2027-01-01T00:00:00.000+00:00'`],
      ["removed", `"kind" = 'removed'`],
      ["verified", `"signature" = ''`],
      ["verified", `"keyId" = 'another'`],
      ["verified", `"seq" = 7, "hash" = '${await hashOf(7)}'`],
    ] as const) {
      const before = raw((sqlite) => sqlite.prepare(`SELECT * FROM "AuditCheckpoint"`).all()) as Record<
        string,
        unknown
      >[];
      forge(`UPDATE "AuditCheckpoint" SET ${at} WHERE "kind" = 'verified'`);
      restart();
      expect(await verifyAuditLog({ full: true }), at).toMatchObject({
        state: "broken",
        reason: expect.stringContaining(`The note of what was ${kind} is not signed by this Ichor.`),
      });
      forge(`DELETE FROM "AuditCheckpoint"`);
      raw((sqlite) => {
        for (const row of before)
          sqlite.prepare(`INSERT INTO "AuditCheckpoint" VALUES (@kind, @seq, @hash, @at, @keyId, @signature)`).run(row);
      });
    }
  });

  test("finds the last verified entry with another stored hash, though what it says is the same", async () => {
    await verifyAuditLog();
    forge(`UPDATE "AuditEntry" SET "hash" = '${"f".repeat(64)}' WHERE "seq" = 8`);
    const reason = "Entry 8 is not the one that was verified before.";
    expect(await verifyAuditLog()).toMatchObject({ state: "broken", seq: 8, reason });
  });

  test("finds a break inside of a whole slice where it is", async () => {
    await writeEntries(250);
    forge(`UPDATE "AuditEntry" SET "actorName" = 'eve' WHERE "seq" = 4`);
    expect(await verifyAuditLog()).toMatchObject({ state: "broken", seq: 4 });
  });

  test("a note of what was removed that is not ours is told whatever else is verified", async () => {
    await verifyAuditLog();
    raw((sqlite) =>
      sqlite.exec(`INSERT INTO "AuditCheckpoint" SELECT 'removed', "seq", "hash", "at", "keyId", '' FROM "AuditCheckpoint"
        WHERE "kind" = 'verified'`),
    );
    const reason = "The note of what was removed is not signed by this Ichor.";
    for (const full of [true, false])
      expect(await verifyAuditLog({ full })).toMatchObject({ state: "broken", seq: 8, reason });
  });

  test.each([
    ["beyond what was verified", 10],
    ["up to what was verified", 8],
  ])("goes on behind entries that were removed %s: that is the whole log now", async (_, seq) => {
    await verifyAuditLog({ nowMs: 1000 });
    await writeEntries(4);
    await writeCheckpoint({ kind: "removed", seq, hash: await hashOf(seq), at: new Date(1500) });
    forge(`DELETE FROM "AuditEntry" WHERE "seq" <= ${seq}`);
    expect(await verifyAuditLog({ nowMs: 2000 })).toMatchObject({
      ...{ state: "intact", firstSeq: seq + 1, seq: 12, fullAtMs: 2000 },
    });
  });

  test("what was found is told though it cannot be stored", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    raw((sqlite) =>
      sqlite.exec(
        `CREATE TRIGGER "full_disk" BEFORE INSERT ON "AuditCheckpoint" BEGIN SELECT RAISE(ABORT, 'full'); END`,
      ),
    );
    expect(await verifyAuditLog({ nowMs: 1000 })).toMatchObject({ state: "intact", seq: 8, fullAtMs: null });
    raw((sqlite) => sqlite.exec(`DROP TRIGGER "full_disk"`));
    expect(logged.mock.calls.flat().join()).toMatch(/could not be stored seq=8 /);
    logged.mockRestore();
  });

  test("a walk that fails is told to who asked, and the next one starts anew", async () => {
    const read = vi.spyOn(db.auditEntry, "findMany").mockRejectedValueOnce(new Error("disk I/O error"));
    await expect(verifyAuditLog()).rejects.toThrow("disk I/O error");
    read.mockRestore();
    expect(await verifyAuditLog()).toMatchObject({ state: "intact", seq: 8 });
  });
});

describe("a head that was noted elsewhere", () => {
  beforeEach(() => logOf(6));

  test("is in the chain, with all of its hash or the first twelve digits", async () => {
    const status = await verifyAuditLog();
    const hash = await hashOf(3);
    expect(await judgeHead({ seq: 3, hash }, status)).toBe("in-chain");
    expect(await judgeHead(expectedHead.parse({ seq: "3", hash: ` ${hash.slice(0, 12).toUpperCase()}` }), status)).toBe(
      "in-chain",
    );
    expect(await judgeHead({ seq: 6, hash: await hashOf(6) }, status)).toBe("in-chain");
  });

  test("shows a log that was computed anew, and one that was cut short", async () => {
    const noted = { seq: 5, hash: await hashOf(5) };
    await recompute(2, { actorName: "eve" });
    expect(await judgeHead(noted, await verifyAuditLog())).toBe("differs");
    forge(`DELETE FROM "AuditEntry" WHERE "seq" > 4; DELETE FROM "AuditCheckpoint"`);
    restart();
    expect(await judgeHead(noted, await verifyAuditLog())).toBe("beyond-end");
  });

  test("says nothing behind a break, or of what was never verified", async () => {
    const [before, behind] = [await hashOf(2), await hashOf(5)];
    forge(`UPDATE "AuditEntry" SET "detail" = '{}' WHERE "seq" = 4`);
    const status = await verifyAuditLog({ full: true });
    expect(await judgeHead({ seq: 2, hash: before }, status)).toBe("in-chain");
    expect(await judgeHead({ seq: 5, hash: behind }, status)).toBe("not-verified");
    expect(await judgeHead({ seq: 4, hash: behind }, status)).toBe("not-verified");
    expect(await judgeHead({ seq: 2, hash: before }, { state: "unverified", missingGuards: [] })).toBe("not-verified");
  });

  test("of an entry that is gone meanwhile differs", async () => {
    const noted = { seq: 3, hash: await hashOf(3) };
    const status = await verifyAuditLog();
    forge(`DELETE FROM "AuditEntry" WHERE "seq" = 3`);
    expect(await judgeHead(noted, status)).toBe("differs");
  });

  test("must look like one", () => {
    for (const bad of [
      { seq: 0, hash: "a".repeat(64) },
      { seq: 1, hash: "a".repeat(11) },
      { seq: 1, hash: "g".repeat(64) },
      { seq: 1, hash: "a".repeat(65) },
    ])
      expect(expectedHead.safeParse(bad).success).toBe(false);
  });
});

describe("a checkpoint", () => {
  test("is signed as text that says what it is, so that no other signature passes for it", () => {
    const checkpoint = { kind: "full" as const, seq: 7, hash: "ab", at: new Date(0) };
    expect(checkpointText(checkpoint)).toBe(`["ichor/audit-checkpoint/v1","full",7,"ab","1970-01-01T00:00:00.000Z"]`);
  });

  test("is read as it was written, and written over", async () => {
    await logOf(3);
    expect(await readCheckpoint("full")).toEqual({ state: "none" });
    for (const seq of [2, 3]) {
      const checkpoint = { kind: "full" as const, seq, hash: await hashOf(seq), at: new Date(5000 + seq) };
      await writeCheckpoint(checkpoint);
      expect(await readCheckpoint("full")).toEqual({ state: "signed", checkpoint });
    }
    await expect(writeCheckpoint({ kind: "full", seq: 2, hash: await hashOf(3), at: new Date() })).rejects.toThrow();
  });
});
