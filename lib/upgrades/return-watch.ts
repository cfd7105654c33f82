import "server-only";
import { formatDuration } from "@/lib/core/units";
import { judgeNode } from "./judge";
import { cardChecks, losesCards, whyUnproven } from "./proof";
import type { NodeReading } from "./ports";
import { heldBoot, lookAtProof } from "./proof-look";
import { isBadReturn, tellBadReturn } from "./return-story";
import type { Followed } from "./sequence-watch";
import { type StepContext, type StepResult, note, tryRead } from "./step-context";

const unmet = (reading: NodeReading): string =>
  reading.unmetConditions.map(({ name, reason }) => (reason ? `${name}: ${reason}` : name)).join("; ") ||
  "no condition is named";

/**
 * A node whose boot does not end, because a service waits for a driver that was lost: it will not end by waiting, and after an hour
 * Talos falls back without a word of why. Null where nothing is lost.
 */
async function lostInBoot(ctx: StepContext, reading: NodeReading): Promise<StepResult | null> {
  const { proof, basis, bootId } = await lookAtProof(ctx);
  if (!proof || !losesCards(proof)) return null;
  const { checks, gpus } = proof;
  await ctx.journal.write({ events: [{ kind: "proof", nodeId: ctx.row.nodeId, checks, gpus, bootId }] });
  const held = await heldBoot(ctx);
  return {
    event: "failed",
    reason:
      `It is back on ${reading.version}, but its boot does not end, and it is not proven. ${held} ${whyUnproven(proof, cardChecks)} ${basis}`.replace(
        /  +/g,
        " ",
      ),
  };
}

const clock = (ms: number): string => `${new Date(ms).toISOString().slice(11, 16)} UTC`;

/** Of a node that stands still in its boot: what it said last, what that may mean, and what to do. */
function standsStill(ctx: StepContext, { stage }: NodeReading, { lastText, lastMs }: Followed, at: string): StepResult {
  const time = formatDuration(ctx.policy.stallMs);
  const last = lastText === null ? "" : ` Its last word was “${lastText}” (${clock(lastMs)}).`;
  const still = `It stands still: for ${time} it has said nothing and has not restarted, in the stage ${stage}.${last}`;
  if (at === "installer") {
    return {
      event: "lost",
      reason: `${still} Its installer may hang, or still write: look at its console, and do not cut its power while its disk is at work. Once it is over, try again.`,
    };
  }
  if (at === "not-begun" && stage === "running") {
    return {
      event: "failed",
      reason: `${still} It took the upgrade call, and nothing came of it. Look at its log (machined), then try again.`,
      row: { installBootId: null, installExit: null, rebootBootId: null },
    };
  }
  return {
    event: "failed",
    reason: `${still} Look at its console for what keeps it; a restart by hand brings it back.`,
  };
}

/**
 * Waits until the node has restarted and runs, and tells into what. A node that runs its old image again is told with the reason; one that
 * runs the target has to become ready within the policy's time, and one that stands still is not waited for.
 * @param stillHere asked while it has not restarted; gives a result to stop waiting, or `asked-again`: from then on the node has
 * its whole time once more, since nothing that was asked before has to count.
 * @param at how far its upgrade came, as far as it was heard
 */
export async function awaitReturn(
  ctx: StepContext,
  followed: Followed,
  stillHere: (reading: NodeReading) => Promise<StepResult | "asked-again" | null>,
  at: () => Promise<string> = async () => "installed",
): Promise<StepResult> {
  let deadlineMs = ctx.ports.nowMs() + ctx.policy.returnTimeoutMs;
  let movedMs = ctx.ports.nowMs();
  let stage = "";
  let gone = false;
  let away = "";
  let heldFromMs: number | null = null;
  for (;;) {
    const reading = await tryRead(ctx, (sentence) => (away = sentence));
    if (!reading && !gone) {
      gone = true;
      await note(ctx, "It has gone away to restart.");
    }
    const verdict = reading && judgeNode(ctx.row, reading);
    if (reading) {
      if (reading.stage !== stage) [stage, movedMs] = [reading.stage, ctx.ports.nowMs()];
      if (verdict === "returned" && reading.stage === "running" && reading.ready) return { event: "returned" };
      if (isBadReturn(ctx.row, reading)) {
        return tellBadReturn(ctx, reading, { gapless: followed.gapless, console: followed.console ?? [] });
      }
      if (verdict === "same-boot") {
        const stop = await stillHere(reading);
        if (stop === "asked-again") {
          movedMs = ctx.ports.nowMs();
          deadlineMs = movedMs + ctx.policy.returnTimeoutMs;
        } else if (stop) return stop;
        const stillMs = ctx.ports.nowMs() - Math.max(movedMs, followed.lastMs);
        if (stillMs >= ctx.policy.stallMs) return standsStill(ctx, reading, followed, await at());
      }
      heldFromMs = verdict === "returned" && reading.stage === "booting" ? (heldFromMs ?? ctx.ports.nowMs()) : null;
      if (heldFromMs !== null && ctx.ports.nowMs() >= heldFromMs + ctx.tuning.heldBootMs) {
        const failure = await lostInBoot(ctx, reading);
        if (failure) return failure;
        heldFromMs = ctx.ports.nowMs();
      }
    }
    if (ctx.ports.nowMs() >= deadlineMs) {
      const time = formatDuration(ctx.policy.returnTimeoutMs);
      const fail = (reason: string): StepResult => ({ event: "failed", reason });
      if (!reading) return fail(`It has not come back within ${time}. ${away}${lastHeard(followed, await at())}`);
      if (verdict === "same-boot") {
        return fail(`It has not restarted within ${time}: it still runs what it was, in the stage ${reading.stage}.`);
      }
      const held = await heldBoot(ctx);
      const why = held === "" ? `${unmet(reading)}.` : `${unmet(reading)}. ${held}`;
      return fail(`It is back on ${reading.version} but not ready after ${time}: ${why}`);
    }
    await ctx.ports.sleep(ctx.tuning.pollMs, ctx.signal);
  }
}

/** Of a node that stays away: whether it went in good order. */
const lastHeard = ({ lastText, lastMs }: Followed, at: string): string =>
  at === "installer" && lastText !== null
    ? ` It went away while its installer was at work (“${lastText}”, ${clock(lastMs)}): it may have lost power. Look at its console and its power supply.`
    : "";
