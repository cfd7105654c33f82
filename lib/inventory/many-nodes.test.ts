import { describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { loadFleet } from "./load-fleet";
import { loadNodes } from "./node-records";
import { refreshNodes } from "./refresh";
import { createRollupStore, readRollups } from "./rollup-store";
import type { NodeCounters } from "./schema";

setUpTestDatabase();

/** More than the parameters that one statement may have. */
const count = 2_500;
const ids = Array.from({ length: count }, (_, at) => `node_${String(at).padStart(20, "0")}`);

const none = {
  cpuPercent: null,
  memoryUsedBytes: null,
  memoryTotalBytes: null,
  networkReceiveBytesPerSecond: null,
  networkTransmitBytesPerSecond: null,
  diskReadBytesPerSecond: null,
  diskWriteBytesPerSecond: null,
};

describe("more nodes than a statement has parameters", () => {
  it("are loaded, refreshed and get their counters", async () => {
    await db.node.createMany({ data: ids.map((id) => ({ id, hostname: id })) });
    expect(await loadNodes()).toHaveLength(count);
    expect((await loadNodes(ids)).map(({ record }) => record.id).sort()).toEqual(ids);
    expect(await loadFleet()).toHaveLength(count);
    await refreshNodes(ids);

    const store = createRollupStore();
    const atMs = Date.now() - 300_000;
    const counters = (at: number): NodeCounters => ({ ...none, atMs, load1: at });
    for (const [at, id] of ids.entries()) store.add(id, counters(at));
    await store.flush();
    for (const [at, id] of ids.entries()) if (at % 500 === 0) expect(await readRollups(id, 0)).toEqual([counters(at)]);
    await store.stop();
  });
});
