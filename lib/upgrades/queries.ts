import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { releasesKnown } from "./facts/factory-answers";
import { lastSeqOf, loadRun, loadRuns, summaryOf } from "./records";
import { compareVersions } from "./release-order";
import { type RunDetail, type RunEvent, type RunSummary, runEvent } from "./schema";

const mostRuns = 200;
/** So many at a time: a run over a whole fleet tells more than one query should hold. */
const pageEvents = 5_000;

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

/** A run's whole log in order. A page that held its beginning only would ask for the end again and again. */
export async function listRunEvents(_ctx: Ctx, runId: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const rows = await db.upgradeRunEvent.findMany({
      where: { runId, seq: { gt: events.at(-1)?.seq ?? 0 } },
      orderBy: { seq: "asc" },
      take: pageEvents,
    });
    events.push(...rows.map(({ body }) => runEvent.parse(JSON.parse(body))));
    if (rows.length < pageEvents) return events;
  }
}

const releaseDeadlineMs = 4_000;

/** Talos releases to choose from, newest first: the factory's list, or the known ones where it cannot be asked in time. */
export async function offeredReleases(_ctx: Ctx): Promise<string[]> {
  const { tags } = await releasesKnown(AbortSignal.timeout(releaseDeadlineMs));
  return [...tags].sort((a, b) => compareVersions(b, a));
}
