import { expect, test } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { meanCounters } from "./counters";
import { createRollupStore, readRollups } from "./rollup-store";
import type { NodeCounters } from "./schema";

setUpTestDatabase();

const firstMs = Math.floor(Date.now() / 300_000) * 300_000 - 600_000;
const secondMs = firstMs + 300_000;
const mean = (atMs: number, load1: number): NodeCounters => ({ ...meanCounters([], atMs), load1 });

test("a node that comes back takes nothing from the counters of the others", async () => {
  await db.node.createMany({ data: [{ id: "node_steady" }, { id: "node_away" }] });
  const store = createRollupStore();
  store.add("node_steady", mean(firstMs, 1));
  await store.flush();
  // Its first interval was left open when it went away, and ends with its first sample after that.
  store.add("node_steady", mean(secondMs, 2));
  store.add("node_away", mean(firstMs, 3));
  await store.stop();
  expect(await readRollups("node_steady", 0)).toEqual([mean(firstMs, 1), mean(secondMs, 2)]);
  expect(await readRollups("node_away", 0)).toEqual([mean(firstMs, 3)]);
});

test("the second part of an interval that a restart has cut replaces the first", async () => {
  await db.node.create({ data: { id: "node_cut" } });
  for (const load of [1, 2]) {
    const store = createRollupStore();
    store.add("node_cut", mean(firstMs, load));
    await store.stop();
  }
  expect(await readRollups("node_cut", 0)).toEqual([mean(firstMs, 2)]);
});
