import "server-only";
import { setImmediate } from "node:timers/promises";
import type { Ctx } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeCheckpoint } from "./checkpoint";
import { recordChange } from "./record";
import { verifyAuditLog } from "./verification";

/** Entries per transaction: everything else waits while one runs. */
const mostAtOnce = 2000;

export type RemovalRule = {
  /** Entries from before this time may go. */
  before: Date;
  /** No entry behind this number goes: what an export has not delivered yet. */
  upToSeq?: number;
};

/**
 * The one door through which entries leave the log. Each step takes the oldest ones, up to an entry whose hash a signed checkpoint
 * keeps, so that what follows still verifies; and writes an entry of its own. The newest entry always stays.
 * @returns how many entries were removed.
 * @throws AppError `refused` where the chain is broken: what does not verify is evidence.
 */
export async function removeOldEntries(ctx: Ctx<Grants["admin"]>, { before, upToSeq }: RemovalRule): Promise<number> {
  const oldest = await db.auditEntry.findFirst({ orderBy: { seq: "asc" }, select: { seq: true } });
  const kept = await db.auditEntry.findFirst({
    where: { at: { gte: before } },
    orderBy: { seq: "asc" },
    select: { seq: true },
  });
  const newest = await db.auditEntry.findFirst({ orderBy: { seq: "desc" }, select: { seq: true } });
  if (!oldest || !newest) return 0;
  const last = Math.min((kept?.seq ?? newest.seq) - 1, upToSeq ?? Infinity);
  if (last < oldest.seq) return 0;
  const status = await verifyAuditLog({ full: true });
  if (status.state !== "intact") {
    throw new AppError("refused", "The chain of the audit log is broken, so no entry is removed from it.", {
      hint: "Keep the database file as it is, and compare it with a back-up or an export.",
    });
  }
  for (let from = oldest.seq; from <= last; from += mostAtOnce) {
    await removeUpTo(ctx, from, Math.min(last, from + mostAtOnce - 1));
    await setImmediate();
  }
  return last - oldest.seq + 1;
}

const removeUpTo = (ctx: Ctx<Grants["admin"]>, from: number, to: number): Promise<void> =>
  withTransaction(async (tx) => {
    const { hash } = await tx.auditEntry.findUniqueOrThrow({ where: { seq: to }, select: { hash: true } });
    await recordChange(tx, ctx, { action: "audit.remove-old", detail: { from, to, hash } });
    await writeCheckpoint({ kind: "removed", seq: to, hash, at: new Date() }, tx);
    await tx.auditEntry.deleteMany({ where: { seq: { lte: to } } });
  });
