import "server-only";
import { z } from "zod";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { cardReading } from "@/lib/gpu/chain-schema";
import { type RunSummary, runNodeStates, runStates, upgradePlan } from "./schema";

/** What a node had before it was touched: what the proof compares with. */
export const nodeBefore = z.object({
  extensions: z.array(z.string()),
  modules: z.array(z.string()).nullable(),
  gpuAddresses: z.array(z.string()),
  nodename: z.string().nullable(),
  allocatableGpus: z.record(z.string(), z.number()).nullable(),
  /** The proof chain of each card; null in rows of a run that an older Ichor began. */
  cards: z.array(cardReading).nullable().default(null),
  /** Extensions of the image that ran; null where its document is not held. */
  imageExtensions: z.array(z.string()).nullable().default(null),
});
export type NodeBefore = z.infer<typeof nodeBefore>;

const storedBefore = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.union([nodeBefore, z.strictObject({}).transform(() => null)]));

const time = z.date().nullable();
export const runNodeRecord = z.object({
  id: z.string(),
  nodeId: z.string(),
  name: z.string(),
  position: z.number(),
  state: z.enum(runNodeStates),
  reason: z.string(),
  fromVersion: z.string(),
  toVersion: z.string(),
  fromSchematicId: z.string().nullable(),
  toSchematicId: z.string(),
  image: z.string(),
  pulledImage: z.string().nullable(),
  flow: z.enum(["lifecycle", "legacy"]),
  bootIdBefore: z.string().nullable(),
  before: storedBefore,
  installBootId: z.string().nullable(),
  installExit: z.number().nullable(),
  rebootBootId: z.string().nullable(),
  attempt: z.number(),
  cordonedByUs: z.boolean(),
  startedAt: time,
  finishedAt: time,
});
export type RunNodeRecord = z.infer<typeof runNodeRecord>;

export const runRecord = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(runStates),
  reason: z.string(),
  plan: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(upgradePlan),
  targetVersion: z.string(),
  startedById: z.string(),
  startedByName: z.string(),
  requested: z.enum(["pause", "resume", "cancel", "retry"]).nullable(),
  leaseOwner: z.string().nullable(),
  leaseUntil: time,
  fence: z.number(),
  createdAt: z.date(),
  finishedAt: time,
  nodes: z.array(runNodeRecord),
});
export type RunRecord = z.infer<typeof runRecord>;

/** What a wish is judged by. */
export const runWish = runRecord.pick({ state: true, requested: true });

const withNodes = { nodes: { orderBy: { position: "asc" } } } as const;

/** A run with its nodes in order. @throws AppError `not-found` */
export async function loadRun(runId: string): Promise<RunRecord> {
  const row = await db.upgradeRun.findUnique({ where: { id: runId }, include: withNodes });
  if (!row) throw new AppError("not-found", "This upgrade run does not exist.");
  return runRecord.parse(row);
}

/** The newest runs first. */
export async function loadRuns(limit: number): Promise<RunRecord[]> {
  const rows = await db.upgradeRun.findMany({ include: withNodes, orderBy: { createdAt: "desc" }, take: limit });
  return rows.map((row) => runRecord.parse(row));
}

/** Number of a run's newest event; 0 before the first. */
export async function lastSeqOf(runId: string): Promise<number> {
  const newest = await db.upgradeRunEvent.findFirst({
    where: { runId },
    orderBy: { seq: "desc" },
    select: { seq: true },
  });
  return newest?.seq ?? 0;
}

/** The run as browsers see it. */
export const summaryOf = (run: RunRecord, lastSeq: number): RunSummary => ({
  id: run.id,
  title: run.title,
  state: run.state,
  reason: run.reason,
  targetVersion: run.targetVersion,
  startedBy: run.startedByName,
  createdAtMs: run.createdAt.getTime(),
  finishedAtMs: run.finishedAt?.getTime() ?? null,
  nodes: run.nodes.map((node) => ({
    nodeId: node.nodeId,
    name: node.name,
    order: node.position,
    state: node.state,
    reason: node.reason,
    fromVersion: node.fromVersion,
    toVersion: node.toVersion,
    startedAtMs: node.startedAt?.getTime() ?? null,
    finishedAtMs: node.finishedAt?.getTime() ?? null,
    ...(node.cordonedByUs && { cordoned: true }),
  })),
  requested: run.requested,
  lastSeq,
});
