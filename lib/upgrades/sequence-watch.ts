import "server-only";
import { AppError } from "@/lib/core/errors";
import { shownLine } from "@/lib/core/shown-line";
import type { RunJournal } from "./journal";
import type { NodePort, SequenceFrame } from "./ports";
import type { RunEventBody, SequenceSign } from "./schema";
import { type StepContext, isAway, withNode } from "./step-context";
import { Throttle } from "./throttle";

/** What was heard of a node while a step follows its events. */
export type Followed = {
  /** When the last event came, whatever it was of; the start of the watch before the first. */
  lastMs: number;
  /** What it said. */
  lastText: string | null;
  /** Nothing was missed since the step before, or since before the call: an absent word then says something. */
  gapless: boolean;
  /** What Talos wrote to the node's console until its sequence failed; null before that, and where it could not be read. */
  console: readonly string[] | null;
};

/** Where one step stopped watching: its last event (empty before the first), and whether nothing was missed until there. */
type Place = { id: string; gapless: boolean };
/** By run, then node. */
const seenUpTo = new WeakMap<RunJournal, Map<string, Place>>();

/** Takes it out: a restart forgets all events, and an older place in them means nothing. */
function takePlace({ journal, row }: StepContext): Place | null {
  const seen = seenUpTo.get(journal);
  const place = seen?.get(row.nodeId) ?? null;
  seen?.delete(row.nodeId);
  return place;
}

function keepPlace({ journal, row }: StepContext, place: Place): void {
  const seen = seenUpTo.get(journal) ?? new Map<string, Place>();
  seenUpTo.set(journal, seen.set(row.nodeId, place));
}

const shownSign = (sign: SequenceSign): SequenceSign =>
  sign.what === "failed" ? { ...sign, message: shownLine(sign.message) } : sign;

const eventOf =
  (nodeId: string) =>
  ({ text, sign }: { text: string; sign: SequenceSign | null }): RunEventBody => ({
    ...{ kind: "sequence", nodeId, text: shownLine(text) },
    ...(sign && { sign: shownSign(sign) }),
  });

/** Opens the node's events again where they broke off, unless it is in another boot by now, which knows nothing of the one before. */
async function follow(
  ctx: StepContext,
  signal: AbortSignal,
  first: string | null,
  heard: (frame: SequenceFrame, port: NodePort) => void,
): Promise<void> {
  let last = first;
  for (let opened = false; !signal.aborted; [opened, last] = [true, last ?? ""]) {
    try {
      // Before 1.14 only an administrator may read which boot it is.
      const ended = await withNode(ctx, opened ? "admin" : "reader", async (port) => {
        if (opened && ctx.row.installBootId !== null && (await port.read()).bootId !== ctx.row.installBootId)
          return true;
        for await (const frame of port.sequence(signal, last)) {
          last = frame.id || last;
          heard(frame, port);
        }
        return false;
      });
      if (ended) return;
    } catch (error) {
      if (signal.aborted) return;
      if (!isAway(error)) throw error;
    }
    await ctx.ports.sleep(ctx.tuning.pollMs, signal);
  }
}

/** A node whose sequence failed restarts after some seconds, and its console forgets why: it is read at once. */
async function keepConsole(ctx: StepContext, followed: Followed, port: NodePort): Promise<void> {
  try {
    followed.console = await port.console();
  } catch (error) {
    if (!(error instanceof AppError) && !ctx.signal.aborted)
      ctx.ports.report("The console of a node could not be read", error);
  }
}

/**
 * Follows the node's sequence while `work` goes on, and shows it: from where the step before stopped, since the older flow's call starts
 * the sequence while one step hands over to the next. Losing the stream is what a restart looks like, so no failure of it counts.
 */
export async function withSequence<T>(ctx: StepContext, work: (followed: Followed) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const signal = AbortSignal.any([ctx.signal, stop.signal]);
  const show = (frames: { text: string; sign: SequenceSign | null }[]) =>
    ctx.journal.write({ events: frames.map(eventOf(ctx.row.nodeId)) });
  const throttle = new Throttle(ctx.tuning.progressMs, show, (ms) => ctx.ports.sleep(ms, ctx.signal));
  const place = takePlace(ctx);
  const uncalled = ctx.row.installBootId === null;
  const gapless = place?.gapless ?? uncalled;
  const followed: Followed = { lastMs: ctx.ports.nowMs(), lastText: null, gapless, console: null };
  let last = place?.id ?? "";
  let reading: Promise<void> | null = null;
  // A sequence that may be under way has said something already: the last few events come first.
  const following = follow(ctx, signal, place?.id ?? (uncalled ? null : ""), ({ id, text, sign }, port) => {
    last = id || last;
    followed.lastMs = ctx.ports.nowMs();
    followed.lastText = text ?? followed.lastText;
    if (text !== null) throttle.push({ text, sign });
    if (sign?.what === "failed") reading ??= keepConsole(ctx, followed, port);
  }).catch((error: unknown) => {
    if (signal.aborted) return;
    followed.gapless = false;
    // Told here, and not thrown on: nobody waits for it while the work goes on.
    if (!(error instanceof AppError)) ctx.ports.report("The sequence of a node could not be followed", error);
  });
  try {
    return await work(followed);
  } finally {
    stop.abort(new Error("The sequence is not watched any more."));
    await following;
    await reading;
    keepPlace(ctx, { id: last, gapless: followed.gapless });
    await throttle.drain();
  }
}
