import "server-only";
import { setImmediate } from "node:timers/promises";
import { log } from "@/lib/core/log";
import { db } from "@/lib/db/client";
import { type ChainPoint, chainStart, type ChainVerdict, hashRow, verifyRows } from "./chain";
import { type CheckpointKind, readCheckpoint, writeCheckpoint } from "./checkpoint";
import { missingGuards } from "./guards";
import type { AuditStatus, ExpectedHead, HeadVerdict } from "./schema";

/** Entries per slice: some milliseconds of work, after which everything else has its turn. */
const sliceRows = 250;

const slot = Symbol.for("ichor.audit-verification");
type Running = { full: boolean; result: Promise<AuditStatus> };
type Holder = { status: AuditStatus; anchor: ChainPoint | null; running: Running | null };
const holder = globalThis as { [slot]?: Holder };
const unverified: AuditStatus = { state: "unverified", missingGuards: [] };
const held = (): Holder => (holder[slot] ??= { status: unverified, anchor: null, running: null });

/** What the last verification found; kept in memory, so that a page and a scrape cost nothing. */
export const auditStatus = (): AuditStatus => held().status;

/** Forgets it, when a test takes another database. */
export const forgetAuditStatus = (): void => void delete holder[slot];

/** The newest entry's number and hash; that of the chain's start while the log is empty. */
export async function auditHead(): Promise<ChainPoint> {
  const head = await db.auditEntry.findFirst({ orderBy: { seq: "desc" }, select: { seq: true, hash: true } });
  return head ?? chainStart;
}

/**
 * Verifies the log in slices: from where the last verification ended, or with `full` from the first entry. What runs already
 * is waited for in place of a second one. Never throws for a broken chain: that is a finding.
 */
export async function verifyAuditLog({ full = false, nowMs = Date.now() } = {}): Promise<AuditStatus> {
  const { running } = held();
  if (running) {
    const status = await running.result;
    if (running.full || !full) return status;
    return verifyAuditLog({ full, nowMs });
  }
  const mine: Running = { full, result: verify(full, nowMs) };
  held().running = mine;
  try {
    return (held().status = await mine.result);
  } finally {
    held().running = null;
  }
}

/** Whether a head that was noted elsewhere is in the chain that was just verified. */
export async function judgeHead(expected: ExpectedHead, status: AuditStatus): Promise<HeadVerdict> {
  if (status.state === "unverified") return "not-verified";
  if (status.state === "broken") return expected.seq < status.seq ? stored(expected) : "not-verified";
  if (expected.seq > status.seq) return "beyond-end";
  return stored(expected);
}

async function stored({ seq, hash }: ExpectedHead): Promise<HeadVerdict> {
  const removed = await readCheckpoint("removed");
  const removedTo = removed.state === "signed" ? removed.checkpoint : chainStart;
  if (seq < removedTo.seq) return "removed";
  const row = await db.auditEntry.findUnique({ where: { seq }, select: { hash: true } });
  const there = seq === removedTo.seq ? removedTo.hash : row?.hash;
  return there?.startsWith(hash) ? "in-chain" : "differs";
}

async function verify(full: boolean, nowMs: number): Promise<AuditStatus> {
  const guards = await missingGuards();
  const base = await firstPoint();
  if ("broken" in base) return { ...base.broken, checkedAtMs: nowMs, missingGuards: guards };
  const anchor = await anchorAfter(base);
  if ("broken" in anchor) return { ...anchor.broken, checkedAtMs: nowMs, missingGuards: guards };
  // What was verified once must still be there, even when all of it is walked again.
  const from = full || anchor.seq <= base.seq ? base : anchor;
  const verdict = await walk(from);
  const whole = from === base;
  if (verdict.state === "broken") {
    // The next verification starts before the break, and finds it again.
    await mark("verified", await pointBefore(verdict.seq, base), nowMs);
    return { ...verdict, checkedAtMs: nowMs, missingGuards: guards };
  }
  await mark("verified", verdict, nowMs);
  if (whole) await mark("full", verdict, nowMs);
  const lastFull = await readCheckpoint("full");
  return {
    state: "intact",
    firstSeq: base.seq + 1,
    seq: verdict.seq,
    hash: verdict.hash,
    checkedAtMs: nowMs,
    fullAtMs: lastFull.state === "signed" ? lastFull.checkpoint.at.getTime() : null,
    missingGuards: guards,
  };
}

type Broken = { broken: { state: "broken"; seq: number; reason: string } };
const broken = (seq: number, reason: string): Broken => ({ broken: { state: "broken", seq, reason } });

/** Where the stored log begins: at its start, or behind the entries that were removed by the rules. */
async function firstPoint(): Promise<ChainPoint | Broken> {
  const removed = await readCheckpoint("removed");
  if (removed.state === "none") return chainStart;
  if (removed.state === "signed") return removed.checkpoint;
  return broken(removed.seq, "The note of what was removed is not signed by this Ichor.");
}

/** The last point that was verified, as this process remembers it or as it is stored and signed. */
async function anchorAfter(base: ChainPoint): Promise<ChainPoint | Broken> {
  const stored = await readCheckpoint("verified");
  if (stored.state === "forged")
    return broken(stored.seq, "The note of what was verified is not signed by this Ichor.");
  const known = [held().anchor, stored.state === "signed" ? stored.checkpoint : null].filter((point) => point !== null);
  for (const point of known.filter(({ seq }) => seq > base.seq)) {
    const row = await db.auditEntry.findUnique({ where: { seq: point.seq } });
    if (!row) return broken(point.seq, `Entry ${point.seq} was verified before, and is gone.`);
    if (row.hash !== point.hash || hashRow(row) !== point.hash)
      return broken(point.seq, `Entry ${point.seq} is not the one that was verified before.`);
  }
  return held().anchor ?? known[0] ?? base;
}

async function walk(from: ChainPoint): Promise<ChainVerdict> {
  let at = from;
  for (;;) {
    const rows = await db.auditEntry.findMany({
      where: { seq: { gt: at.seq } },
      orderBy: { seq: "asc" },
      take: sliceRows,
    });
    const verdict = verifyRows(rows, at);
    if (verdict.state === "broken" || rows.length < sliceRows) return verdict;
    at = verdict;
    await setImmediate();
  }
}

async function pointBefore(seq: number, base: ChainPoint): Promise<ChainPoint> {
  const row = await db.auditEntry.findUnique({ where: { seq: seq - 1 }, select: { seq: true, hash: true } });
  return row ?? base;
}

async function mark(kind: CheckpointKind, { seq, hash }: ChainPoint, nowMs: number): Promise<void> {
  held().anchor = { seq, hash };
  // A disk that is full must not hide what was found.
  await writeCheckpoint({ kind, seq, hash, at: new Date(nowMs) }).catch((error: unknown) =>
    log.unexpected("How far the audit log was verified could not be stored", error, { seq }),
  );
}
