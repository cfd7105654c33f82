import { expect, test } from "vitest";
import { planHash } from "./plan-hash";
import { plannedNode as node, planFacts as facts, planOf } from "./testing-plan";

const plan = planOf(facts([node("w-1"), node("w-2")]), { targetVersion: "v1.14.0" });
const [first] = plan.nodes;

/** Everything that decides what a run would do to a machine: a plan that differs in it is another plan. */
test.each(
  Object.entries({
    image: "elsewhere.test/installer:v1.14.0",
    flow: "legacy",
    toVersion: "v1.14.1",
    fromVersion: "v1.13.0",
    toSchematicId: "c".repeat(64),
    fromSchematicId: null,
    nodeId: "another",
    order: 7,
    hops: ["v1.13.9", "v1.14.0"],
    repairs: ["module"],
    checks: [{ id: "time", title: "", state: "refused", detail: "" }],
  }),
)("another %s of a node is another plan", (key, value) => {
  const changed = { ...plan, nodes: [{ ...first, [key]: value }, ...plan.nodes.slice(1)] } as typeof plan;
  expect(planHash(changed)).not.toBe(planHash(plan));
});

test("another order of nodes, target, policy, check or skipped node is another plan; other words are not", () => {
  const hashes = [
    plan,
    { ...plan, nodes: [...plan.nodes].reverse() },
    { ...plan, nodes: plan.nodes.slice(1) },
    { ...plan, targetVersion: "v1.15.0" },
    { ...plan, hops: [] },
    { ...plan, policy: { ...plan.policy, soakMs: plan.policy.soakMs + 1 } },
    { ...plan, checks: [{ id: "path", title: "", state: "refused" as const, detail: "" }] },
    { ...plan, skipped: [{ nodeId: "w-3", name: "w-3", reason: "" }] },
    { ...plan, refused: !plan.refused },
  ].map(planHash);
  expect(new Set(hashes).size).toBe(hashes.length);
  const reworded = plan.nodes.map((one) => ({
    ...one,
    name: `${one.name}!`,
    checks: one.checks.map((check) => ({ ...check, title: "", detail: "" })),
  }));
  expect(planHash({ ...plan, nodes: reworded })).toBe(planHash(plan));
});
