import { createHash } from "node:crypto";

export const auditPhases = ["intent", "outcome", "change", "denied", "system"] as const;
export type AuditPhase = (typeof auditPhases)[number];
export const auditOutcomes = ["succeeded", "failed", "unknown"] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

/** One row of the log without its hash. */
export type AuditRow = {
  seq: number;
  id: string;
  at: Date;
  phase: string;
  action: string;
  actor: string;
  actorName: string;
  onBehalfOf: string | null;
  targetKind: string | null;
  targetId: string | null;
  targetName: string | null;
  requestId: string;
  intentId: string | null;
  outcome: string | null;
  errorCode: string | null;
  durationMs: number | null;
  detail: string;
  prevHash: string;
};

export const firstHash = "0".repeat(64);

/** The row's fields in a fixed order as JSON: what is hashed. */
const canonicalRow = (row: AuditRow): string =>
  JSON.stringify([
    row.seq,
    row.id,
    row.at.toISOString(),
    row.phase,
    row.action,
    row.actor,
    row.actorName,
    row.onBehalfOf,
    row.targetKind,
    row.targetId,
    row.targetName,
    row.requestId,
    row.intentId,
    row.outcome,
    row.errorCode,
    row.durationMs,
    row.detail,
  ]);

/** sha256 over the hash of the row before and this row: a changed, removed or inserted row breaks every later link. */
export const hashRow = (row: AuditRow): string =>
  createHash("sha256")
    .update(`${row.prevHash}\n${canonicalRow(row)}`)
    .digest("hex");

/** A place in the chain: an entry's number and hash. Number 0 is the place before the first entry. */
export type ChainPoint = { seq: number; hash: string };
export const chainStart: ChainPoint = { seq: 0, hash: firstHash };

export type ChainVerdict =
  { state: "intact"; seq: number; hash: string } | { state: "broken"; seq: number; reason: string };

/**
 * Walks entries that follow `from`. A log cut short at its end, or computed anew as a whole, shows only against a hash noted
 * elsewhere.
 * @returns the last entry's place, or the number of the first bad (or missing) entry.
 */
export function verifyRows(rows: Iterable<AuditRow & { hash: string }>, from: ChainPoint = chainStart): ChainVerdict {
  let { seq, hash } = from;
  for (const row of rows) {
    if (row.seq !== seq + 1) return { state: "broken", seq: seq + 1, reason: `Entry ${seq + 1} is missing.` };
    if (row.prevHash !== hash)
      return { state: "broken", seq: row.seq, reason: `Entry ${row.seq} does not follow the entry before it.` };
    if (hashRow(row) !== row.hash)
      return { state: "broken", seq: row.seq, reason: `Entry ${row.seq} was changed after it was written.` };
    seq = row.seq;
    hash = row.hash;
  }
  return { state: "intact", seq, hash };
}
