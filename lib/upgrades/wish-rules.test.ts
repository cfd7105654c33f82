import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunRequest } from "./run-machine";
import { runStates } from "./schema";
import { judgeWish } from "./wish-rules";

const requests: RunRequest[] = ["pause", "resume", "cancel", "retry"];
const pendings = [null, ...requests];
const short = (state: (typeof runStates)[number], pending: RunRequest | null, wish: RunRequest): string => {
  const verdict = judgeWish(state, pending, wish);
  return verdict.kind === "refuse" ? verdict.sentence : `${verdict.kind} ${verdict.beats ?? ""}`.trim();
};

test.each([
  ["running", null, "pause", "take"],
  ["planned", null, "pause", "take"],
  ["running", "pause", "pause", "This run was asked to be paused already."],
  ["running", "pause", "resume", "undo pause"],
  ["running", null, "resume", "Only a paused run can be resumed."],
  ["running", "pause", "cancel", "take pause"],
  ["running", "cancel", "pause", "This run was asked to be cancelled already, and that comes first."],
  ["running", "cancel", "resume", "This run was asked to be cancelled already, and that comes first."],
  ["running", "cancel", "cancel", "This run was asked to be cancelled already."],
  ["running", null, "retry", "Only a halted run can be tried again."],
  ["paused", null, "resume", "take"],
  ["paused", "resume", "resume", "This run was asked to go on already."],
  ["paused", "resume", "cancel", "take resume"],
  ["paused", null, "pause", "Only a run that is at work can be paused."],
  ["halted", null, "retry", "take"],
  ["halted", "retry", "retry", "This run was asked to be tried again already."],
  ["halted", "retry", "cancel", "take retry"],
  ["halted", "cancel", "retry", "This run was asked to be cancelled already, and that comes first."],
  ["halted", null, "resume", "Only a paused run can be resumed."],
  ["cancelling", null, "cancel", "This run is being cancelled already."],
  ["cancelling", null, "pause", "Only a run that is at work can be paused."],
  ["done", null, "cancel", "This run has ended already."],
  ["cancelled", "pause", "pause", "This run has ended already."],
] as const)("%s, pending %s, asked %s", (state, pending, wish, expected) => {
  expect(short(state, pending, wish)).toBe(expected);
});

test("in any order, by anybody: a cancel that was taken stays pending, and every loser is told", () => {
  const queue = fc.array(fc.constantFrom(...requests), { maxLength: 12 });
  fc.assert(
    fc.property(fc.constantFrom(...runStates), fc.constantFrom(...pendings), queue, (state, first, asked) => {
      let pending = first;
      let cancelled = pending === "cancel";
      for (const wish of asked) {
        const verdict = judgeWish(state, pending, wish);
        if (verdict.kind === "refuse") expect(verdict.sentence).toMatch(/\.$/);
        else {
          expect(verdict.beats).toBe(pending);
          pending = verdict.kind === "take" ? wish : null;
        }
        if (cancelled) expect(pending).toBe("cancel");
        cancelled = pending === "cancel";
      }
    }),
  );
});
