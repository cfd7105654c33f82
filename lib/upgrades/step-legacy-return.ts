import "server-only";
import { readCourse } from "./return-story";
import { failureSentence } from "./return-words";
import { awaitReturn } from "./return-watch";
import { withSequence } from "./sequence-watch";
import type { StepContext, StepResult } from "./step-context";
import { releasePlane } from "./step-guard";
import { stepReleaseCordon } from "./step-uncordon";
import { neverEnded } from "./machine";

/** After a failure that left the node in its boot: its lock and our cordon are given back. */
async function leftAsItWas(ctx: StepContext, failure: StepResult): Promise<StepResult> {
  await releasePlane(ctx);
  return stepReleaseCordon(ctx, failure);
}

/**
 * The part of the older flow that follows its call: the node installs and restarts by itself. Talos tells of a failure in an event and on
 * its console, and restarts into what ran some seconds later (internal/app/machined/main.go); where it stays, the failure is told here.
 */
export async function stepLegacyReturn(ctx: StepContext): Promise<StepResult> {
  let failedMs: number | null = null;
  const result = await withSequence(ctx, (followed) =>
    awaitReturn(
      ctx,
      followed,
      async () => {
        const course = await readCourse(ctx);
        // Who takes over may hear of an earlier call that was refused.
        if (course.refused && followed.gapless) {
          return {
            event: "failed",
            reason:
              "It took the call and did not begin: another sequence was running on it. Wait until that is over, then try again.",
            // Nothing came of the call.
            row: { installBootId: null, installExit: null, rebootBootId: null },
          };
        }
        const { failure } = course;
        if (failure === null) return null;
        failedMs ??= ctx.ports.nowMs();
        if (ctx.ports.nowMs() - failedMs < ctx.tuning.rebootGraceMs) return null;
        const told = failureSentence({ ...course, failure, console: followed.console ?? [] });
        return {
          event: "failed",
          reason: `${told} It has not restarted, and runs on as it was.`,
          row: { installExit: neverEnded },
        };
      },
      async () => (await readCourse(ctx)).at,
    ),
  );
  // Where it works as before nothing keeps its pods away; one that fell back, or hangs, stays cordoned.
  return result.event === "failed" && result.row !== undefined ? leftAsItWas(ctx, result) : result;
}
