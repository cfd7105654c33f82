import { beforeEach, describe, expect, test, vi } from "vitest";
import { StorageUnavailable } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { fleet } from "../fleet";
import { testFacts, testRecord } from "../testing";
import { returnMs } from "./holds";
import { plane, sinceMs } from "./keeper-testing";
import { showHolds } from "./show-holds";

setUpTestDatabase();
beforeEach(async () => {
  await db.nodeHold.deleteMany();
  for (const id of ["cp1", "w1"])
    fleet().put(
      testRecord({ id, clusterId: "c", clusterName: "c", role: "worker", address: `${id}:1` }),
      testFacts({}),
    );
});
const holdOf = (id: string) => fleet().view(id)?.hold;

describe("every node says who has it", () => {
  test("with what for, since when and until when; others that nobody has", async () => {
    await db.nodeHold.create({ data: plane({ runId: "run_1" }) });
    await showHolds();
    expect(holdOf("cp1")).toEqual({
      ...{ operation: "node.reboot", what: "a reboot", by: "olga", runId: "run_1", phase: "awaiting" },
      ...{ sinceMs, untilMs: sinceMs + returnMs },
    });
    expect(holdOf("w1")).toBeNull();
    await db.nodeHold.deleteMany();
    await showHolds();
    expect(holdOf("cp1")).toBeNull();
  });

  test.each([
    ["calling", "calling"],
    ["away", "away"],
    ["of a later Ichor", "calling"],
  ])("in the phase %s: %s", async (phase, expected) => {
    await db.nodeHold.create({ data: plane({ phase }) });
    await showHolds();
    expect(holdOf("cp1")).toMatchObject({ phase: expected });
  });

  test("at the next turn, where the database is busy; a fault of ours is told", async () => {
    const read = vi.spyOn(db.nodeHold, "findMany");
    read.mockRejectedValueOnce(new StorageUnavailable("Busy.", "Wait.") as never);
    await expect(showHolds()).resolves.toBeUndefined();
    read.mockRejectedValueOnce(new TypeError("a bug") as never);
    await expect(showHolds()).rejects.toThrow("a bug");
    read.mockRestore();
  });
});
