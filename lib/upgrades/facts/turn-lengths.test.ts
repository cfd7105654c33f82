import { expect, test } from "vitest";
import { type EndedNode, turnLengths } from "./turn-lengths";

const minute = 60_000;
const ended = (nodeId: string, from: number, to: number, changes: Partial<EndedNode> = {}): EndedNode => ({
  ...{ runId: "r1", nodeId, state: "done", flow: "lifecycle" },
  startedAt: new Date(from * minute),
  finishedAt: new Date(to * minute),
  ...changes,
});

test("nodes of a run begin together and go one after another: each is told its own turn", () => {
  const { byNode, byFlow } = turnLengths([ended("c", 1, 15), ended("a", 0, 4), ended("b", 0, 10)]);
  expect([...byNode]).toEqual([
    ["a", 4 * minute],
    ["b", 6 * minute],
    ["c", 5 * minute],
  ]);
  expect(byFlow).toEqual({ lifecycle: 5 * minute });
});

test("a node's newest turn counts, flows are apart, and what failed or waited for a person teaches nothing", () => {
  const runs = [
    ended("a", 100, 109, { runId: "r2" }),
    ended("a", 0, 4),
    ended("old", 0, 8, { runId: "r3", flow: "legacy" }),
    ended("failed", 0, 5, { runId: "r4", state: "failed" }),
    ended("after", 0, 7, { runId: "r4" }),
    ended("paused", 0, 500, { runId: "r5" }),
  ];
  const { byNode, byFlow } = turnLengths(runs);
  expect([...byNode].sort()).toEqual([
    ["a", 9 * minute],
    ["after", 2 * minute],
    ["old", 8 * minute],
  ]);
  expect(byFlow).toEqual({ lifecycle: 4 * minute, legacy: 8 * minute });
  expect(turnLengths([])).toEqual({ byNode: new Map(), byFlow: {} });
});
