import { expect, test } from "vitest";
import type { PlanNode, RunSummary, UpgradePlan } from "@/lib/upgrades/schema";
import { planFacts, plannedNode, planOf } from "@/lib/upgrades/testing-plan";
import { nodesOnTheWay } from "./next-plan";
import { effectText, summaryText } from "./plan-words";

const old = { version: "v1.12.5", kubernetesVersion: "v1.34.0" };
const plan = planOf(planFacts([plannedNode("old", old), plannedNode("new"), plannedNode("late", old)]));
const run = (states: Record<string, RunSummary["nodes"][number]["state"]>): Pick<RunSummary, "nodes"> => ({
  nodes: plan.nodes.map((node) => ({
    ...{ nodeId: node.nodeId, name: node.name, order: node.order, state: states[node.name] ?? "done", reason: "" },
    ...{ fromVersion: node.fromVersion, toVersion: node.toVersion, startedAtMs: 0, finishedAtMs: 1 },
  })),
});
const versions = (changes: Record<string, string> = {}) =>
  new Map(Object.entries({ old: "v1.13.9", new: "v1.14.0", late: "v1.13.9", ...changes }));

test("after a run, those that made one of two hops have another; those that have arrived have not", () => {
  expect(nodesOnTheWay(run({}), plan, versions())).toEqual([
    { id: "late", name: "late", next: "v1.14.0" },
    { id: "old", name: "old", next: "v1.14.0" },
  ]);
});

test.each<[string, Parameters<typeof run>[0], Record<string, string>]>([
  ["failed", { old: "failed" }, {}],
  ["was taken further since", {}, { old: "v1.14.0" }],
  ["is not known any more", {}, { old: "" }],
])("one that %s is not offered", (_name, states, changed) => {
  expect(nodesOnTheWay(run(states), plan, versions(changed)).map(({ name }) => name)).toEqual(["late"]);
});

const withEffects = (effects: PlanNode["effect"][], drain: "evict" | "skip" = "evict"): UpgradePlan => ({
  ...plan,
  policy: { ...plan.policy, drain },
  nodes: plan.nodes.slice(0, effects.length).map((node, at) => ({ ...node, effect: effects[at] ?? null })),
});
const pods = (count: number) => ({
  known: true as const,
  count,
  names: ["a/1", "a/2", "a/3", "a/4"].slice(0, Math.min(count, 4)),
});

test.each<[PlanNode["effect"], "evict" | "skip", string]>([
  [{ pods: pods(5), minutes: 4 }, "evict", "Restarts · 5\u00a0pods evicted: a/1, a/2, a/3 and 2 more · about 4 min"],
  [{ pods: pods(1), minutes: null }, "skip", "Restarts · 1\u00a0pod cut off: a/1"],
  [{ pods: pods(0), minutes: null }, "evict", "Restarts · no pod has to move"],
  [
    { pods: { known: false, reason: "No kubeconfig." }, minutes: null },
    "evict",
    "Restarts · its pods are not known: No kubeconfig.",
  ],
])("the effect of a turn: %j", (effect, drain, text) => {
  expect(effect && effectText(effect, withEffects([effect], drain))).toBe(text);
});

test("the sum says only what is known of all turns", () => {
  const all = withEffects([
    { pods: pods(2), minutes: 4 },
    { pods: pods(1), minutes: 6 },
  ]);
  expect(summaryText(all)).toBe(
    "2 nodes restart, one after another. 3\u00a0pods are evicted. About 10 min in all, by earlier runs.",
  );
  const some = withEffects([
    { pods: pods(2), minutes: 4 },
    { pods: { known: false, reason: "x" }, minutes: null },
  ]);
  expect(summaryText(some)).toBe("2 nodes restart, one after another.");
});
