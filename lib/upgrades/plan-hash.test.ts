import { expect, test } from "vitest";
import { planHash } from "./plan-hash";
import type { PlanCheck, UpgradePlan } from "./schema";
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

test.each([
  ["of the plan", (check: PlanCheck) => ({ ...plan, checks: [check] })],
  ["of a node", (check: PlanCheck) => ({ ...plan, nodes: [{ ...first, checks: [check] }] as UpgradePlan["nodes"] })],
])("of a check %s its id and its state count, and no word of it", (_, planWith) => {
  const check: PlanCheck = { id: "time", title: "Time", state: "ok", detail: "In sync." };
  const hash = planHash(planWith(check));
  expect(planHash(planWith({ ...check, id: "etcd" }))).not.toBe(hash);
  expect(planHash(planWith({ ...check, state: "warning" }))).not.toBe(hash);
  expect(planHash(planWith({ ...check, title: "Clock", detail: "It is in sync." }))).toBe(hash);
});

test("of a node that is skipped its id counts, not its name or the reason", () => {
  const skipping = (nodeId: string, reason: string) =>
    planHash({ ...plan, skipped: [{ nodeId, name: `name of ${reason}`, reason }] });
  expect(skipping("w-3", "off")).not.toBe(skipping("w-4", "off"));
  expect(skipping("w-3", "off")).toBe(skipping("w-3", "away"));
});

test("the order in which a policy names its rules does not count: a browser may send another one", () => {
  const backwards = Object.fromEntries(Object.entries(plan.policy).reverse()) as UpgradePlan["policy"];
  expect(Object.keys(backwards)).not.toEqual(Object.keys(plan.policy));
  expect(planHash({ ...plan, policy: backwards })).toBe(planHash(plan));
});

test("it is a sha256 in hex", () => expect(planHash(plan)).toMatch(/^[0-9a-f]{64}$/));

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
