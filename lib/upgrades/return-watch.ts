import "server-only";
import { AppError } from "@/lib/core/errors";
import { shownLine } from "@/lib/core/shown-line";
import { formatDuration } from "@/lib/core/units";
import type { RunJournal } from "./journal";
import { judgeNode, rolledBackSentence } from "./judge";
import { cardChecks, losesCards, whyUnproven } from "./proof";
import type { NodeReading } from "./ports";
import { heldBoot, lookAtProof } from "./proof-look";
import { type StepContext, type StepResult, note, tryRead, withNode } from "./step-context";
import { Throttle } from "./throttle";

/** By run, then node: the last event that one step saw before it stopped watching, where the next one goes on. */
const seenUpTo = new WeakMap<RunJournal, Map<string, string>>();

/** Takes it out: a restart forgets all events, and an older place in them means nothing. */
function takeSeen({ journal, row }: StepContext): string | null {
  const seen = seenUpTo.get(journal);
  const id = seen?.get(row.nodeId) ?? null;
  seen?.delete(row.nodeId);
  return id;
}

function keepSeen({ journal, row }: StepContext, id: string): void {
  const seen = seenUpTo.get(journal) ?? new Map<string, string>();
  seenUpTo.set(journal, seen.set(row.nodeId, id));
}

/**
 * Shows the phases of the node's sequence while `work` goes on, from where the step before stopped watching: the older flow's call
 * starts the sequence while one step hands over to the next. Losing the stream is what a restart looks like, so no
 * failure of it counts.
 */
export async function withSequence<T>(ctx: StepContext, work: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const signal = AbortSignal.any([ctx.signal, stop.signal]);
  const show = (texts: string[]) =>
    ctx.journal.write({
      events: texts.map((text) => ({ kind: "sequence", nodeId: ctx.row.nodeId, text: shownLine(text) })),
    });
  const throttle = new Throttle<string>(ctx.tuning.progressMs, show, (ms) => ctx.ports.sleep(ms, ctx.signal));
  let last = "";
  let lost = false;
  const follow = withNode(ctx, "reader", async (port) => {
    for await (const { id, text } of port.sequence(signal, takeSeen(ctx))) {
      last = id || last;
      if (text !== null) throttle.push(text);
    }
    lost = true;
  }).catch((error: unknown) => {
    if (signal.aborted) return;
    lost = true;
    // Told here, and not thrown on: nobody waits for it while the work goes on.
    if (!(error instanceof AppError)) ctx.ports.report("The sequence of a node could not be followed", error);
  });
  try {
    return await work();
  } finally {
    stop.abort(new Error("The sequence is not watched any more."));
    await follow;
    if (!lost && last !== "") keepSeen(ctx, last);
    await throttle.drain();
  }
}

const unmet = (reading: NodeReading): string =>
  reading.unmetConditions.map(({ name, reason }) => (reason ? `${name}: ${reason}` : name)).join("; ") ||
  "no condition is named";

/**
 * A node whose boot does not end, because a service waits for a driver that was lost: it will not end by waiting, and after an hour
 * Talos falls back without a word of why. Null where nothing is lost.
 */
async function lostInBoot(ctx: StepContext, reading: NodeReading): Promise<StepResult | null> {
  const { proof } = await lookAtProof(ctx);
  if (!proof || !losesCards(proof)) return null;
  const { checks, gpus } = proof;
  await ctx.journal.write({ events: [{ kind: "proof", nodeId: ctx.row.nodeId, checks, gpus }] });
  const held = await heldBoot(ctx);
  return {
    event: "failed",
    reason:
      `It is back on ${reading.version}, but its boot does not end, and it is not proven. ${held} ${whyUnproven(proof, cardChecks)}`.replace(
        /  +/g,
        " ",
      ),
  };
}

/**
 * Waits until the node has restarted and runs, and tells into what. A node that runs its old image again has fallen back;
 * one that runs the target has to become ready within the policy's time.
 * @param stillHere asked while it has not restarted; gives a result to stop waiting, or `asked-again`: from then on the node has
 * its whole time once more, since nothing that was asked before has to count.
 */
export async function awaitReturn(
  ctx: StepContext,
  stillHere: (reading: NodeReading) => Promise<StepResult | "asked-again" | null>,
): Promise<StepResult> {
  let deadlineMs = ctx.ports.nowMs() + ctx.policy.returnTimeoutMs;
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
      if (verdict === "returned" && reading.stage === "running" && reading.ready) return { event: "returned" };
      // A fall-back shows only once it runs: on the way there the failed image may answer for a moment.
      if (verdict === "rolled-back" && reading.stage === "running") {
        return { event: "rolled-back", reason: rolledBackSentence(ctx.row, reading) };
      }
      if (verdict === "same-boot") {
        const stop = await stillHere(reading);
        if (stop === "asked-again") deadlineMs = ctx.ports.nowMs() + ctx.policy.returnTimeoutMs;
        else if (stop) return stop;
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
      if (!reading) return fail(`It has not come back within ${time}. ${away}`);
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
