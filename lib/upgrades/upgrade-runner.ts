import "server-only";
import { hub } from "@/lib/live/hub";
import { livePorts } from "./live-ports";
import { lastSeqOf, loadRuns, summaryOf } from "./records";
import { Runner } from "./runner";

const runnerKey = Symbol.for("ichor.upgrade-runner");

/** Runs that a browser gets with its first snapshot. */
const shownRuns = 50;

/** The one runner of this process. Its first user also makes the newest runs part of the hub's snapshot. */
export function upgradeRunner(): Runner {
  const shared = globalThis as { [runnerKey]?: Runner };
  const known = shared[runnerKey];
  if (known) return known;
  const made = new Runner(livePorts());
  shared[runnerKey] = made;
  hub().addSnapshotSource("runs", async () => {
    const runs = await loadRuns(shownRuns);
    return Promise.all(
      runs.map(async (run) => ({ type: "run.upsert", run: summaryOf(run, await lastSeqOf(run.id)) }) as const),
    );
  });
  return made;
}

/** At the start of the server: goes on with every run that an earlier process left, and watches for more. */
export const resumeRuns = (): Promise<void> => upgradeRunner().start();

/** At the end of the server: lets go of the runs, which go on in the next process. */
export const stopRuns = (): Promise<void> => upgradeRunner().stop();
