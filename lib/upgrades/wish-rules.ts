import type { RunRequest } from "./run-machine";
import type { RunState } from "./schema";

/**
 * What becomes of a wish, by the run's state and the wish that is pending.
 * `take`: it is the one that is pending now; `beats` is the one whose place it took. `undo`: it takes the pending one back, and nothing is
 * left to be done. `refuse`: whoever asked is told.
 */
export type WishVerdict =
  | { kind: "take"; beats: RunRequest | null }
  | { kind: "undo"; beats: RunRequest }
  | { kind: "refuse"; sentence: string };

const wishes: Record<RunRequest, { from: RunState[]; sentence: string }> = {
  pause: { from: ["planned", "running"], sentence: "Only a run that is at work can be paused." },
  resume: { from: ["paused", "running"], sentence: "Only a paused run can be resumed." },
  cancel: { from: ["planned", "running", "paused", "halted"], sentence: "This run is being cancelled already." },
  retry: { from: ["halted"], sentence: "Only a halted run can be tried again." },
};
const done: Record<RunRequest, string> = {
  pause: "to be paused",
  resume: "to go on",
  cancel: "to be cancelled",
  retry: "to be tried again",
};

/** The rules of the queue. Pure. Cancel beats everything; a resume takes a pause back; asked twice, the second is told. */
export function judgeWish(state: RunState, pending: RunRequest | null, wish: RunRequest): WishVerdict {
  const refuse = (sentence: string): WishVerdict => ({ kind: "refuse", sentence });
  if (state === "done" || state === "cancelled") return refuse("This run has ended already.");
  if (!wishes[wish].from.includes(state)) return refuse(wishes[wish].sentence);
  if (pending === wish) return refuse(`This run was asked ${done[wish]} already.`);
  if (pending === "cancel") return refuse("This run was asked to be cancelled already, and that comes first.");
  if (wish === "cancel") return { kind: "take", beats: pending };
  // A run that has not paused yet goes on where the pause is taken back; there is nothing else to resume.
  if (wish === "resume" && state !== "paused") {
    return pending === "pause" ? { kind: "undo", beats: pending } : refuse(wishes.resume.sentence);
  }
  return { kind: "take", beats: pending };
}
