import "server-only";
import { judgeNode } from "./judge";
import { mayInstall } from "./machine";
import type { NodeReading } from "./ports";
import { isBadReturn, tellBadReturn } from "./return-story";
import { withSequence } from "./sequence-watch";
import {
  type StepContext,
  type StepResult,
  call,
  isAway,
  note,
  readNode,
  save,
  sentenceOf,
  withNode,
} from "./step-context";
import { guardQuorum, holdPlane, releasePlane, takeSnapshot } from "./step-guard";
import { stepReleaseCordon } from "./step-uncordon";

/** Stages in which the node is carrying the call out. */
const underWay = new Set(["upgrading", "rebooting", "booting", "installing", "shutting-down"]);

/** What works as before is given back to Kubernetes. */
async function badReturn(ctx: StepContext, reading: NodeReading): Promise<StepResult> {
  const told = await tellBadReturn(ctx, reading);
  return told.event === "failed" ? stepReleaseCordon(ctx, told) : told;
}

/**
 * Talos ≤ 1.12: one call validates, installs and restarts, and drains by itself without regard for budgets (talos#9882), so
 * that our own drain comes first. It blocks for as long as the node pulls; a lost answer is told from the node's stage.
 */
export async function stepLegacyInstall(ctx: StepContext): Promise<StepResult> {
  return withSequence(ctx, async () => {
    // Once a call has left us, or a runner before us, a lost answer may be that of a node that is at work.
    let sent = ctx.row.installBootId !== null;
    try {
      const reading = await readNode(ctx);
      const verdict = judgeNode(ctx.row, reading);
      if (verdict === "returned") return { event: "returned" };
      if (isBadReturn(ctx.row, reading)) return badReturn(ctx, reading);
      if (verdict === "moved") {
        return stepReleaseCordon(ctx, {
          event: "failed",
          reason: `It runs ${reading.version} now: somebody else changed it.`,
        });
      }
      if (ctx.row.installBootId !== null && (underWay.has(reading.stage) || verdict === "rolled-back"))
        return { event: "installed" };
      const { installBootId, installExit } = ctx.row;
      const may = mayInstall(
        installBootId === null ? null : { bootId: installBootId, exit: installExit },
        reading.bootId,
        false,
      );
      if (may.kind === "refused") return stepReleaseCordon(ctx, { event: "failed", reason: may.reason });
      if (may.kind === "installed") return { event: "installed" };
      if (may.kind === "adopt")
        await note(ctx, "The answer to the upgrade call was not seen and nothing came of it: asking again.");
      const refusal = (await holdPlane(ctx, reading.bootId)) ?? (await guardQuorum(ctx)) ?? (await takeSnapshot(ctx));
      if (refusal !== null) await releasePlane(ctx);
      if (refusal !== null) return stepReleaseCordon(ctx, { event: "failed", reason: refusal });
      await save(ctx, { installBootId: reading.bootId, installExit: null, rebootBootId: reading.bootId });
      sent = false;
      await call(ctx, "MachineService.Upgrade", "node.upgrade", ctx.row.image, () =>
        withNode(ctx, "admin", (port) => {
          sent = true;
          return port.upgradeLegacy(ctx.row.image);
        }),
      );
      // It has accepted: from here on a repetition would be a second attempt.
      await save(ctx, { installExit: 0 });
      return { event: "installed" };
    } catch (error) {
      ctx.signal.throwIfAborted();
      if (isAway(error) && sent) return { event: "installed" };
      if (ctx.row.installBootId === null) return stepReleaseCordon(ctx, { event: "failed", reason: sentenceOf(error) });
      // Refused before the sequence began: the node is as it was, and the call may be made again.
      await releasePlane(ctx);
      await save(ctx, { installBootId: null, rebootBootId: null });
      return stepReleaseCordon(ctx, { event: "failed", reason: sentenceOf(error) });
    }
  });
}
