import { expect, test } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { createFactStore } from "./fact-store";
import { initialNodeState, type NodeState } from "./node-state";
import { testFacts, testRecord } from "./testing";

setUpTestDatabase();

const stateOf = (id: string, machineUuid: string): NodeState =>
  initialNodeState(testRecord({ id, address: null, clusterId: null, machineUuid }), testFacts({ hostname: id }));

test("two machines whose firmware tells the same UUID keep no other node's facts from the database", async () => {
  const uuid = "03000200-0400-0500-0006-000700080009";
  const states = [stateOf("node_a", uuid), stateOf("node_b", uuid), stateOf("node_c", "c".repeat(32))];
  await db.node.createMany({ data: states.map(({ record }) => ({ id: record.id })) });
  const store = createFactStore({ state: (id) => states.find(({ record }) => record.id === id) ?? null });
  for (const { record } of states) store.touch(record.id);
  await store.stop();
  const rows = await db.node.findMany({ orderBy: { id: "asc" } });
  expect(rows.map(({ facts }) => JSON.parse(facts).hostname)).toEqual(["node_a", "node_b", "node_c"]);
  expect(rows.map(({ machineUuid }) => machineUuid)).toEqual([uuid, null, "c".repeat(32)]);
});
