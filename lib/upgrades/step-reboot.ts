import "server-only";
import { judgeNode } from "./judge";
import type { NodeReading } from "./ports";
import { awaitReturn } from "./return-watch";
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
import { forfeitLeadership, guardQuorum, holdPlane, releasePlane } from "./step-guard";
import { stepReleaseCordon } from "./step-uncordon";

/** Asks for the restart, once per boot. Gives a failure, or null when it is under way or may be. */
async function askForReboot(ctx: StepContext, bootId: string): Promise<StepResult | null> {
  const refusal = (await holdPlane(ctx, bootId)) ?? (await guardQuorum(ctx));
  if (refusal !== null) {
    await releasePlane(ctx);
    return { event: "failed", reason: `The new image is installed, but it was not restarted: ${refusal}` };
  }
  await forfeitLeadership(ctx);
  await save(ctx, { rebootBootId: bootId });
  try {
    await call(ctx, "MachineService.Reboot", "node.reboot", ctx.row.name, () =>
      withNode(ctx, "admin", (port) => port.reboot()),
    );
    return null;
  } catch (error) {
    ctx.signal.throwIfAborted();
    // The answer may have been lost to the restart itself.
    if (isAway(error)) return null;
    await releasePlane(ctx);
    return { event: "failed", reason: `The new image is installed, but the restart was refused: ${sentenceOf(error)}` };
  }
}

/** Restarts the node into the new slot and waits for it. */
export async function stepReboot(ctx: StepContext): Promise<StepResult> {
  return withSequence(ctx, async (followed) => {
    if (ctx.row.rebootBootId === null || ctx.row.rebootBootId !== ctx.row.installBootId) {
      let reading: NodeReading;
      try {
        reading = await readNode(ctx);
      } catch (error) {
        ctx.signal.throwIfAborted();
        const sentence = sentenceOf(error);
        return stepReleaseCordon(ctx, { event: "failed", reason: `It was lost before its restart: ${sentence}` });
      }
      if (judgeNode(ctx.row, reading) === "same-boot") {
        const failure = await askForReboot(ctx, reading.bootId);
        if (failure) return stepReleaseCordon(ctx, failure);
      }
    }
    let askedMs = ctx.ports.nowMs();
    let repeated = false;
    // A runner that died between its intent and the call has asked for nothing: within any time that a policy gives, it is asked again.
    const graceMs = Math.min(ctx.tuning.rebootGraceMs, ctx.policy.returnTimeoutMs / 3, ctx.policy.stallMs / 3);
    return awaitReturn(ctx, followed, async (reading) => {
      const idle = reading.stage === "running" && ctx.ports.nowMs() - askedMs > graceMs;
      if (!idle) return null;
      if (repeated) {
        const failure: StepResult = {
          event: "failed",
          reason: "The new image is installed, but it does not restart when asked.",
        };
        return stepReleaseCordon(ctx, failure);
      }
      repeated = true;
      await note(ctx, "It shows no sign of the restart that was asked for: asking once more.");
      const failure = await askForReboot(ctx, reading.bootId);
      askedMs = ctx.ports.nowMs();
      return failure ? stepReleaseCordon(ctx, failure) : "asked-again";
    });
  });
}
