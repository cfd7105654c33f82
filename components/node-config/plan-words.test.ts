import { expect, test } from "vitest";
import { diffTexts, planRefusal, type ShownPlan } from "./plan-words";

const plan: ShownPlan = {
  before: "",
  after: "",
  diff: [],
  summary: [],
  issues: [],
  staged: null,
  checkedBy: { fields: "1.14.1", rules: "1.14.1", mode: "metal", limits: "" },
  changed: true,
  hash: "0".repeat(64),
};
const error = { severity: "error" as const, path: "machine.type", message: "is not set" };

test("the sides of a diff: each keeps its own lines and the ones around", () => {
  const { before, after } = diffTexts([
    { kind: "context", text: "machine:" },
    { kind: "remove", text: "  type: worker" },
    { kind: "add", text: "  type: controlplane" },
  ]);
  expect(before).toBe("machine:\n  type: worker");
  expect(after).toBe("machine:\n  type: controlplane");
});

test("only a plan that changes something and that Talos would take may be applied", () => {
  expect(planRefusal(plan)).toBeNull();
  expect(planRefusal({ ...plan, issues: [{ ...error, severity: "warning" }] })).toBeNull();
  expect(planRefusal({ ...plan, issues: [error] })).toContain("one error");
  expect(planRefusal({ ...plan, issues: [error, error] })).toContain("2 errors");
  expect(planRefusal({ ...plan, changed: false })).toBe("Nothing would change.");
});
