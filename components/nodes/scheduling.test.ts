import { expect, test } from "vitest";
import type { CordonView } from "@/lib/inventory/schema";
import { offersScheduling, schedulingRefusal } from "./scheduling";

test.each<[CordonView, string[]]>([
  [{ state: "none" }, ["cordon"]],
  [{ state: "ours", runId: null }, ["uncordon"]],
  [{ state: "ours", runId: "run_1" }, ["uncordon"]],
  [{ state: "other" }, ["uncordon"]],
  [{ state: "unknown" }, ["cordon", "uncordon"]],
])("of %j the menu offers %j", (cordon, offers) => expect(offersScheduling({ cordon })).toEqual(offers));

test("a run, and a node that Kubernetes does not know, are the reasons", () => {
  const node = { runId: null, clusterId: "c", nodename: "n" };
  expect(schedulingRefusal(node)).toBeNull();
  expect(schedulingRefusal({ ...node, runId: "run_1" })).toMatch(/upgrade run holds/);
  expect(schedulingRefusal({ ...node, nodename: null })).toMatch(/No Kubernetes node/);
});
