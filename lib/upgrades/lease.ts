import "server-only";
import { ownerIsDead } from "@/lib/core/process-owner";
import { db } from "@/lib/db/client";

/** Thrown when another process has taken the run over: this one must not act on it any more. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
  constructor(runId: string) {
    super(`Another process holds the run ${runId} now.`);
  }
}

/** Longest silence of a runner before another may take its run. */
export const leaseMs = 15_000;

/**
 * Takes a run: it must be free, expired, ours already, or held by a process that has ended. Each take-over raises the fence,
 * and every later write names it, so that a runner that was only slow cannot write any more.
 * @returns the fence; null where another process holds it.
 */
export async function claimRun(runId: string, owner: string, nowMs: number): Promise<number | null> {
  const holder = await db.upgradeRun.findUnique({ where: { id: runId }, select: { leaseOwner: true } });
  const dead = holder?.leaseOwner && ownerIsDead(holder.leaseOwner, owner) ? [{ leaseOwner: holder.leaseOwner }] : [];
  await db.upgradeRun.updateMany({
    where: {
      id: runId,
      OR: [
        { leaseOwner: null },
        { leaseOwner: owner },
        { leaseUntil: null },
        { leaseUntil: { lt: new Date(nowMs) } },
        ...dead,
      ],
    },
    data: { leaseOwner: owner, leaseUntil: new Date(nowMs + leaseMs), fence: { increment: 1 } },
  });
  const row = await db.upgradeRun.findUnique({ where: { id: runId }, select: { fence: true, leaseOwner: true } });
  return row?.leaseOwner === owner ? row.fence : null;
}

/** Extends a lease. @returns false when it is not ours any more. */
export async function renewLease(runId: string, owner: string, fence: number, nowMs: number): Promise<boolean> {
  const { count } = await db.upgradeRun.updateMany({
    where: { id: runId, leaseOwner: owner, fence },
    data: { leaseUntil: new Date(nowMs + leaseMs) },
  });
  return count === 1;
}

/** Gives a run back, at a clean end. */
export async function releaseRun(runId: string, owner: string, fence: number): Promise<void> {
  await db.upgradeRun.updateMany({
    where: { id: runId, leaseOwner: owner, fence },
    data: { leaseOwner: null, leaseUntil: null },
  });
}
