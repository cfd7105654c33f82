import { expect, test } from "vitest";
import type { RunSummary } from "@/lib/upgrades/schema";
import { runStatus } from "./run-looks";

const run = (changes: Partial<RunSummary>, ...states: string[]) =>
  ({ state: "running", requested: null, nodes: states.map((state) => ({ state })), ...changes }) as RunSummary;

test("a run that lost nodes is not simply done", () => {
  expect(runStatus(run({ state: "done" }, "done", "skipped"))).toEqual({ tone: "ok", words: "Done" });
  expect(runStatus(run({ state: "done" }, "done", "failed", "unknown"))).toEqual({
    tone: "warn",
    words: "Done, 2 not upgraded",
  });
});

test("what was asked of a run is said before it is met", () => {
  expect(runStatus(run({ requested: "pause" })).words).toBe("Running, pauses after this node");
  expect(runStatus(run({ requested: "cancel" })).words).toBe("Cancelling");
  expect(runStatus(run({ state: "paused", requested: "resume" })).words).toBe("Paused");
});
