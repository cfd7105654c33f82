import "server-only";
import { db } from "@/lib/db/client";
import { type NodeVerdict, judgeNode, rolledBackSentence } from "./judge";
import { neverEnded } from "./machine";
import type { NodeReading } from "./ports";
import { type RunEvent, runEvent } from "./schema";
import { type SequenceCourse, courseOf } from "./sequence-course";
import type { StepContext, StepResult } from "./step-context";
import { type BadReturn, badReturnSentence } from "./return-words";

const installCall = { legacy: "MachineService.Upgrade", lifecycle: "LifecycleService.Upgrade" } as const;

/** What the run's log holds of the newest call that installs on this node, oldest first. */
async function sinceInstallCall({ journal, row }: StepContext): Promise<RunEvent[]> {
  const where = { runId: journal.identity.runId, nodeId: row.nodeId };
  const kinds = ["call-intent", "call-outcome", "sequence"];
  const rows = await db.upgradeRunEvent.findMany({
    where: { ...where, kind: { in: kinds } },
    orderBy: { seq: "desc" },
    take: 500,
  });
  const events = rows.map(({ body }) => runEvent.parse(JSON.parse(body)));
  const call = installCall[row.flow];
  const begun = events.findIndex((event) => event.kind === "call-intent" && event.call === call);
  return (begun < 0 ? events : events.slice(0, begun)).reverse();
}

/** How far the newest upgrade of the older flow came, as far as its events were heard. */
export const readCourse = async (ctx: StepContext): Promise<SequenceCourse> => courseIn(await sinceInstallCall(ctx));

const courseIn = (events: readonly RunEvent[]): SequenceCourse =>
  courseOf(events.flatMap((event) => (event.kind === "sequence" && event.sign) || []));

/** Of the newer flow: the call ended with its stream, and nobody asked for a restart. */
function afterLifecycle({ row }: StepContext, events: readonly RunEvent[]): BadReturn {
  if (row.installExit === 0) return { kind: "rolled-back" };
  const brokeOff = events.some((event) => event.kind === "call-outcome" && event.outcome !== "succeeded");
  return row.rebootBootId === null && row.installExit === null && brokeOff
    ? { kind: "power-loss", at: "installer" }
    : { kind: "unseen" };
}

/** Of the older flow: the node's own events say how far it came. */
function afterLegacy(events: readonly RunEvent[], gapless: boolean, console: readonly string[]): BadReturn {
  const { at, phase, failure } = courseIn(events);
  if (failure !== null) return { kind: "failed", at, phase, failure, console };
  if (at === "installed") return { kind: "rolled-back" };
  return gapless ? { kind: "power-loss", at } : { kind: "unseen" };
}

/**
 * Tells why a node is back in what it ran before: its installer failed, it lost power, or the boot loader took the old image again. Only
 * after the last is nothing tried again; what was not seen counts as that.
 * @param gapless whether the node's events were followed until it went
 * @param console lines of its console from before it went
 */
export async function tellBadReturn(
  ctx: StepContext,
  reading: Pick<NodeReading, "version" | "schematicId" | "bootId">,
  { gapless, console }: { gapless: boolean; console: readonly string[] } = { gapless: false, console: [] },
): Promise<StepResult> {
  const events = await sinceInstallCall(ctx);
  const what = ctx.row.flow === "legacy" ? afterLegacy(events, gapless, console) : afterLifecycle(ctx, events);
  const reason = badReturnSentence(what, rolledBackSentence(ctx.row, reading), reading.version);
  if (what.kind === "rolled-back" || what.kind === "unseen") return { event: "rolled-back", reason };
  const exit = what.kind === "failed" ? (/exit code:? (\d+)/.exec(what.failure)?.[1] ?? null) : null;
  // The slot that works is the one that runs: another attempt may begin anew.
  return { event: "failed", reason, row: { installExit: exit === null ? neverEnded : Number(exit) } };
}

/** Whether a node fell back, for those who look once it runs again: on the way there the failed image may answer for a moment. */
export const isBadReturn = (row: StepContext["row"], reading: NodeReading): boolean => {
  const verdict: NodeVerdict = judgeNode(row, reading);
  return verdict === "rolled-back" && reading.stage === "running";
};
