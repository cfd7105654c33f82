import { expect, test } from "vitest";
import { matchingRows } from "@/components/data-table/table-model";
import { nodesTable } from "@/components/nodes/nodes-definition";
import { nodesInWork } from "@/components/nodes/node-status";
import type { NodeView } from "@/lib/inventory/schema";
import type { RunSummary } from "@/lib/upgrades/schema";
import { fleetFigures } from "./fleet-figures";

const node = (id: string, changes: Partial<NodeView> = {}) =>
  ({
    ...{ id, name: id, stage: "running", ready: true, reachability: { state: "reachable", sinceMs: 0 }, runId: null },
    ...{ attention: [], gpus: [], proofs: [], telemetry: [], cpuHistory: [], unmetConditions: [], addresses: [] },
    ...{ intent: { profileNames: [] }, talosVersion: "v1.14.0", readAtMs: 0, address: "10.0.0.1:50000" },
    ...changes,
  }) as unknown as NodeView;

const gpu = (pciAddress: string) => ({ pciAddress, model: "Arc B580", vendor: "intel" }) as NodeView["gpus"][number];
const proven = { pciAddress: "0000:01:00.0", state: "working", links: [] } as unknown as NodeView["proofs"][number];
const runs = [{ id: "run_1", nodes: [{ nodeId: "draining", state: "draining" }] }] as unknown as RunSummary[];
const nodes = [
  node("draining", { runId: "run_1" }),
  node("idle"),
  node("unread", { gpus: [gpu("0000:01:00.0"), gpu("0000:02:00.0")], proofs: [proven] }),
  node("away", {
    reachability: { state: "unreachable", sinceMs: 0, reason: "", kind: "unreachable", lastSeenMs: 0 },
  }),
];
const figures = fleetFigures(nodes, runs);
const table = nodesTable(nodesInWork(nodes, runs));
const listed = (filters: Record<string, string[]>) =>
  matchingRows(nodes, table, { q: "", sort: "name", filters }).map(({ id }) => id);

test("the list behind a number of nodes has as many nodes", () => {
  expect(figures.nodes).toMatchObject({ changing: 1, ready: 2, unreachable: 1 });
  expect(listed({ status: ["changing"] })).toEqual(["draining"]);
  expect(listed({ status: ["ready"] })).toEqual(["idle", "unread"]);
  expect(listed({ status: ["unreachable"] })).toEqual(["away"]);
});

test("a GPU whose chain was not read yet is counted and found as not proven", () => {
  expect(figures.gpus).toMatchObject({ working: 1, unproven: 1 });
  expect(listed({ proof: ["unproven"] })).toEqual(["unread"]);
});
