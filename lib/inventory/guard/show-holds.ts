import "server-only";
import { StorageUnavailable } from "@/lib/core/errors";
import { fleet } from "../fleet";
import type { HoldView } from "../schema";
import { wordsOf } from "./disturbance";
import { type Hold, holdPhases, listHolds } from "./holds";

const viewOf = ({ operation, actorName, runId, phase, since, until }: Hold): HoldView => ({
  ...{ operation, what: wordsOf(operation), by: actorName, runId },
  phase: holdPhases.find((known) => known === phase) ?? "calling",
  ...{ sinceMs: since.getTime(), untilMs: until.getTime() },
});

/** Has every node say who has it, whichever process took it. A database that is busy is asked again at the next turn. */
export async function showHolds(): Promise<void> {
  try {
    const holds = new Map((await listHolds()).map((hold) => [hold.nodeId, viewOf(hold)]));
    const all = fleet();
    for (const { record } of all.states()) all.apply(record.id, { kind: "hold", hold: holds.get(record.id) ?? null });
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error;
  }
}
