import { expect, test } from "vitest";
import type { RunEvent, RunEventBody } from "@/lib/upgrades/schema";
import { spanOf, storiesOf } from "./run-model";

const log = (...bodies: RunEventBody[]): RunEvent[] =>
  bodies.map((body, index) => ({ ...body, runId: "run_1", seq: index + 1, atMs: 1_000 * (index + 1) }) as RunEvent);

test("steps and segments follow the log", () => {
  const stories = storiesOf(
    log(
      { kind: "step-started", nodeId: "a", step: "pull" },
      { kind: "layers", nodeId: "a", layers: [{ id: "x", status: "downloading", offsetBytes: 1, totalBytes: 4 }] },
      { kind: "step-finished", nodeId: "a", step: "pull", ok: true, detail: "" },
      { kind: "step-started", nodeId: "a", step: "install" },
      { kind: "installer-line", nodeId: "a", text: "hello" },
      { kind: "installer-exit", nodeId: "a", code: 4 },
    ),
  );
  const story = stories.get("a");
  expect(story?.segments).toEqual([
    { step: "pull", startMs: 1_000, endMs: 3_000, ok: true },
    { step: "install", startMs: 4_000, endMs: null, ok: null },
  ]);
  expect(story?.steps).toMatchObject({ pull: "done", install: "running", reboot: "waiting" });
  expect(story?.layers).toHaveLength(1);
  expect(story?.lines.map(({ text, ok }) => [text, ok])).toEqual([
    ["hello", true],
    ["exit code 4", false],
  ]);
});

test("a node that failed leaves no step running", () => {
  const story = storiesOf(
    log(
      { kind: "step-started", nodeId: "a", step: "reboot" },
      { kind: "node-state", nodeId: "a", state: "failed", reason: "never came back" },
    ),
  ).get("a");
  expect(story?.steps.reboot).toBe("failed");
  expect(story?.segments[0]).toMatchObject({ endMs: 2_000, ok: false });
});

test("the span reaches from the first step to now while one is open", () => {
  const stories = storiesOf(log({ kind: "step-started", nodeId: "a", step: "pull" }));
  expect(spanOf(stories.values(), 500_000)).toEqual({ startMs: 1_000, endMs: 500_000 });
  expect(spanOf(new Map<string, never>().values(), 1)).toBeNull();
});

test("now is never beyond the span, between two nodes neither", () => {
  const stories = storiesOf(
    log(
      { kind: "step-started", nodeId: "a", step: "pull" },
      { kind: "step-finished", nodeId: "a", step: "pull", ok: true, detail: "" },
    ),
  );
  expect(spanOf(stories.values(), 500_000)).toEqual({ startMs: 1_000, endMs: 500_000 });
  expect(spanOf(stories.values(), 2_000)).toEqual({ startMs: 1_000, endMs: 61_000 });
});
