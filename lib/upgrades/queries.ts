import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { releasesKnown } from "./preflight";
import { lastSeqOf, loadRun, loadRuns, summaryOf } from "./records";
import { compareVersions } from "./versions";
import { type RunDetail, type RunEvent, type RunSummary, runEvent } from "./schema";

const mostRuns = 200;
const mostEvents = 5_000;

/** Upgrade runs, the newest first, at most 200. */
export async function listRuns(_ctx: Ctx): Promise<RunSummary[]> {
  const runs = await loadRuns(mostRuns);
  return Promise.all(runs.map(async (run) => summaryOf(run, await lastSeqOf(run.id))));
}

/** A run with the plan that it was started from. @throws AppError `not-found` */
export async function getRun(_ctx: Ctx, runId: string): Promise<RunDetail> {
  const run = await loadRun(runId);
  return { ...summaryOf(run, await lastSeqOf(runId)), plan: run.plan };
}

/** A run's events after a sequence number (0 = from the first), in order, at most 5000; ask again with the last one's for more. */
export async function listRunEvents(_ctx: Ctx, runId: string, afterSeq = 0): Promise<RunEvent[]> {
  const rows = await db.upgradeRunEvent.findMany({
    where: { runId, seq: { gt: afterSeq } },
    orderBy: { seq: "asc" },
    take: mostEvents,
  });
  return rows.map(({ body }) => runEvent.parse(JSON.parse(body)));
}

const releaseDeadlineMs = 4_000;

/** Talos releases to choose from, newest first: the factory's list, or the known ones where it cannot be asked in time. */
export async function offeredReleases(_ctx: Ctx): Promise<string[]> {
  const { tags } = await releasesKnown(AbortSignal.timeout(releaseDeadlineMs));
  return [...tags].sort((a, b) => compareVersions(b, a));
}
