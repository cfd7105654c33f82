import "server-only";
import { AppError } from "@/lib/core/errors";
import { paths } from "@/lib/core/paths";
import { processOwner } from "@/lib/core/process-owner";
import { db } from "@/lib/db/client";
import { type Tx, withTransaction } from "@/lib/db/transaction";
import { type HoldingOperation, wordsOf } from "./disturbance";

/**
 * calling: the node is being asked. awaiting: it was asked, and has to come back. away: it counts as missing until its etcd is
 * healthy again, and holds nobody up any more.
 */
export const holdPhases = ["calling", "awaiting", "away"] as const;
export type HoldPhase = (typeof holdPhases)[number];
export type HoldEnd = "return" | "gone" | "service";
export type Hold = NonNullable<Awaited<ReturnType<Tx["nodeHold"]["findUnique"]>>>;

/** Longest that a call and what is read back after it may take. */
export const callMs = 10 * 60_000;
/** Longest that a node holds others up while it is on its way back; afterwards it counts as missing. */
export const returnMs = 30 * 60_000;

export type Claim = {
  nodeId: string;
  nodeName: string;
  clusterId: string | null;
  operation: HoldingOperation;
  runId: string | null;
  actor: string;
  actorName: string;
  nowMs: number;
};

const clock = (date: Date): string => `${date.toISOString().slice(11, 16)} UTC`;

/** Whether a run holds a node: it has not ended, and has not ended with the node, or is about to try it again. */
const heldByRun = (nodeIds: readonly string[]) => ({
  nodeId: { in: [...nodeIds] },
  run: { finishedAt: null },
  OR: [{ finishedAt: null }, { state: { in: ["failed", "unknown"] }, run: { requested: "retry" } }],
});

/** @throws AppError `conflict` with the run's page, where an unfinished run holds one of the nodes. */
export async function refuseRunsNodes(tx: Tx, nodeIds: readonly string[], ownRunId: string | null): Promise<void> {
  const row = await tx.upgradeRunNode.findFirst({
    where: { ...heldByRun(nodeIds), ...(ownRunId !== null && { runId: { not: ownRunId } }) },
    select: { name: true, run: true },
  });
  if (!row) return;
  const { id, title, startedByName } = row.run;
  throw new AppError("conflict", `An upgrade run holds ${row.name}: ${title}, started by ${startedByName}.`, {
    hint: `Wait for it or cancel it: ${paths.upgrade(id)}`,
  });
}

/** Says who has a node, and what for. */
export function heldSentence({ nodeName, operation, actorName, since, phase }: Hold): string {
  const state = phase === "awaiting" ? "was asked for, and the node is not back yet" : "is under way";
  return `${nodeName} is taken: ${wordsOf(operation)} by ${actorName} (${clock(since)}) ${state}.`;
}

const heldError = (hold: Hold): AppError =>
  new AppError("conflict", heldSentence(hold), {
    hint: `Wait until it is over, at the latest at ${clock(hold.until)}, then look at the node again.`,
  });

/**
 * @throws AppError `conflict` where somebody works on one of the nodes. One that is away by our doing holds nobody up; and for what leaves
 * the machines as they are, only a call that is being made counts (`calls`).
 */
export async function refuseHeldNodes(tx: Tx, nodeIds: readonly string[], only?: "calls"): Promise<void> {
  const phase = only === "calls" ? "calling" : { not: "away" };
  const hold = await tx.nodeHold.findFirst({ where: { nodeId: { in: [...nodeIds] }, phase } });
  if (hold) throw heldError(hold);
}

/**
 * Takes a node for one operation, or fails: two at once cannot both have it. What was known of a node that is away is given back, for
 * `releaseNode` to restore where the operation comes to nothing.
 * @throws AppError `conflict` with who has it
 */
export const claimNode = (claim: Claim): Promise<{ hold: Hold; previous: Hold | null }> =>
  withTransaction(async (tx) => {
    const { nodeId, runId, nowMs, ...rest } = claim;
    await refuseRunsNodes(tx, [nodeId], runId);
    const found = await tx.nodeHold.findUnique({ where: { nodeId } });
    if (found && found.phase !== "away" && (runId === null || found.runId !== runId)) throw heldError(found);
    if (found) await tx.nodeHold.delete({ where: { nodeId } });
    const hold = await tx.nodeHold.create({
      data: {
        ...{ nodeId, runId, ...rest, phase: "calling", owner: processOwner() },
        ...{ since: new Date(nowMs), until: new Date(nowMs + callMs) },
      },
    });
    return { hold, previous: found?.phase === "away" ? found : null };
  });

/** Lets a node go: with what was known of it before, where that still counts. */
export const releaseNode = (hold: Hold, previous: Hold | null = null): Promise<void> =>
  withTransaction(async (tx) => {
    const { count } = await tx.nodeHold.deleteMany({ where: asRead(hold) });
    if (previous && count > 0) await tx.nodeHold.create({ data: previous });
  });

export type Plane = { nodeId: string; clusterId: string; ends: HoldEnd; runId: string | null; overridden: boolean };

/**
 * The cluster's one lock: its holder may take a control plane away. Overridden, whoever had it counts as missing from then on; a call
 * that is being made is never overtaken.
 * @throws AppError `conflict` with who has it
 */
export const claimPlane = ({ nodeId, clusterId, ends, runId, overridden }: Plane): Promise<void> =>
  withTransaction(async (tx) => {
    const others = await tx.nodeHold.findMany({
      where: { clusterId, takesPlane: true, phase: { not: "away" }, nodeId: { not: nodeId } },
    });
    for (const other of others) {
      // A run has proven the ones before; what etcd says is read in any case.
      const passed = (runId !== null && other.runId === runId) || (overridden && other.phase === "awaiting");
      if (!passed) throw planeError(other);
      await tx.nodeHold.update({ where: { nodeId: other.nodeId }, data: { phase: "away" } });
    }
    await tx.nodeHold.update({ where: { nodeId }, data: { clusterId, takesPlane: true, ends } });
  });

function planeError(hold: Hold): AppError {
  const { runId, until } = hold;
  const see = runId === null ? "" : ` Its run: ${paths.upgrade(runId)}`;
  return new AppError("conflict", `Another control plane of this cluster is on its way. ${heldSentence(hold)}`, {
    hint: `One at a time, so that etcd keeps its quorum: wait until it is back and healthy, at the latest until ${clock(until)}.${see}`,
  });
}

/** A hold as it was read: one that was taken by somebody else meanwhile is another. */
const asRead = ({ nodeId, since, phase }: Pick<Hold, "nodeId" | "since" | "phase">) => ({ nodeId, since, phase });

/** Writes what was learned of a hold, unless it is another by now. */
export async function noteHold(hold: Pick<Hold, "nodeId" | "since" | "phase">, data: Partial<Hold>): Promise<void> {
  await db.nodeHold.updateMany({ where: asRead(hold), data });
}

/** Ends a hold, unless it is another by now. @returns whether it was this one */
export async function endHold(hold: Hold): Promise<boolean> {
  return (await db.nodeHold.deleteMany({ where: asRead(hold) })).count > 0;
}

/** All holds, the oldest first. */
export const listHolds = (): Promise<Hold[]> => db.nodeHold.findMany({ orderBy: { since: "asc" } });

/** Control planes of a cluster that were taken away here and are not back, but for one. */
export const planesAway = (clusterId: string, exceptNodeId: string): Promise<Hold[]> =>
  db.nodeHold.findMany({ where: { clusterId, takesPlane: true, nodeId: { not: exceptNodeId } } });
