import "server-only";
import { type CountedFailure, elsewhere, giveBackFailures, takeFailures } from "@/lib/auth/anonymous-failures";
import { type Ctx, systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { type Tx, withTransaction } from "@/lib/db/transaction";
import { recordSystem } from "./record";
import { type FailureView, failureView } from "./schema";

const hourMs = 60 * 60_000;
/** Rows per hour at most, beside one per kind for everything else: what a flood can add to the database. */
const mostPerHour = 32;
const keptMs = 30 * 24 * hourMs;
const mostShown = 20;
const counted = "failures.counted";

/** The hour that was looked at last: most turns find nothing new to record. */
let recordedTo = NaN;

const hourOf = (atMs: number): Date => new Date(Math.floor(atMs / hourMs) * hourMs);

/** Adds to the rows of one hour, each read once and written once: a flood costs no more than a handful of statements. */
async function addToHour(tx: Tx, sinceAt: Date, failures: readonly CountedFailure[]): Promise<void> {
  const keyOf = (row: { kind: string; subject: string; place: string }) =>
    JSON.stringify([row.kind, row.subject, row.place]);
  const before = await tx.anonymousFailure.findMany({ where: { sinceAt } });
  const rows = new Map(before.map(({ kind, subject, place, count }) => [keyOf({ kind, subject, place }), count]));
  let places = before.filter(({ place }) => place !== elsewhere).length;
  const sums = new Map<string, CountedFailure>();
  for (const failure of failures) {
    const known = rows.has(keyOf(failure)) || sums.has(keyOf(failure)) || failure.place === elsewhere;
    const kept = known || places < mostPerHour ? failure : { ...failure, subject: "", place: elsewhere };
    if (!known && kept === failure) places += 1;
    const sum = sums.get(keyOf(kept));
    sums.set(keyOf(kept), {
      ...kept,
      count: kept.count + (sum?.count ?? 0),
      lastAtMs: Math.max(kept.lastAtMs, sum?.lastAtMs ?? 0),
    });
  }
  for (const { kind, subject, place, count, lastAtMs } of sums.values()) {
    const key = { kind, subject, place, sinceAt };
    const stored = { count: (rows.get(keyOf(key)) ?? 0) + count, lastAt: new Date(lastAtMs) };
    await tx.anonymousFailure.upsert({
      where: { kind_subject_place_sinceAt: key },
      create: { ...key, ...stored },
      update: stored,
    });
  }
}

/**
 * Stores what was counted since the last time, per hour, and writes one audit entry for each hour that is over and had any: so
 * that the chain covers the counts. Old hours are forgotten.
 */
export async function storeFailures(nowMs = Date.now()): Promise<void> {
  const taken = takeFailures();
  try {
    if (taken.length > 0)
      await withTransaction(async (tx) => {
        const hours = new Set(taken.map(({ lastAtMs }) => hourOf(lastAtMs).getTime()));
        for (const hour of hours) {
          const ofHour = taken.filter(({ lastAtMs }) => hourOf(lastAtMs).getTime() === hour);
          await addToHour(tx, new Date(hour), ofHour);
        }
      });
  } catch (error) {
    // A disk that is full for a while loses none.
    giveBackFailures(taken);
    throw error;
  }
  const hour = hourOf(nowMs);
  if (hour.getTime() === recordedTo) return;
  await recordHours(hour);
  await db.anonymousFailure.deleteMany({ where: { sinceAt: { lt: new Date(nowMs - keptMs) } } });
  recordedTo = hour.getTime();
}

async function recordHours(until: Date): Promise<void> {
  const last = await db.auditEntry.findFirst({
    where: { action: counted },
    orderBy: { seq: "desc" },
    select: { at: true },
  });
  // The entry is written in the hour after those that it counts.
  const rows = await db.anonymousFailure.findMany({
    where: { sinceAt: { lt: until, ...(last && { gte: hourOf(last.at.getTime()) }) } },
    orderBy: [{ sinceAt: "asc" }, { count: "desc" }],
  });
  for (const sinceMs of new Set(rows.map((row) => row.sinceAt.getTime()))) {
    const ofHour = rows.filter((row) => row.sinceAt.getTime() === sinceMs);
    await recordSystem(systemContext("sign-in"), {
      action: counted,
      detail: {
        hour: new Date(sinceMs).toISOString(),
        total: ofHour.reduce((sum, row) => sum + row.count, 0),
        most: ofHour
          .slice(0, mostShown)
          .map(({ kind, subject, place, count }) => `${count} × ${kind}${subject && ` of ${subject}`} from ${place}`),
      },
    });
  }
}

/** Names of accounts and tokens by how failures speak of them: an account's id, or the actor's reference of who was denied. */
async function namesOf(subjects: readonly string[]): Promise<(subject: string) => string | null> {
  const idOf = (subject: string): string => subject.replace(/^(user|token):/, "");
  const wanted = { where: { id: { in: subjects.map(idOf) } }, select: { id: true, name: true } };
  const rows = [...(await db.user.findMany(wanted)), ...(await db.apiToken.findMany(wanted))];
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return (subject) => names.get(idOf(subject)) ?? null;
}

/** Failures of the last day, the most frequent first. */
export async function listFailures(_ctx: Ctx<"auditor">, nowMs = Date.now()): Promise<FailureView[]> {
  const rows = await db.anonymousFailure.groupBy({
    by: ["kind", "subject", "place"],
    where: { sinceAt: { gte: new Date(nowMs - 24 * hourMs) } },
    _sum: { count: true },
    _max: { lastAt: true },
    orderBy: { _sum: { count: "desc" } },
    take: mostShown,
  });
  const nameOf = await namesOf(rows.map(({ subject }) => subject));
  return rows.map(({ kind, subject, place, _sum, _max }) =>
    failureView.parse({
      ...{ kind, subject, place, name: nameOf(subject) },
      count: _sum.count ?? 0,
      lastAtMs: _max.lastAt?.getTime() ?? 0,
    }),
  );
}
