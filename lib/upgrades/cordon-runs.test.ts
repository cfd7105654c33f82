import { expect, test, vi } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { askOfRun } from "./commands";
import { loadRun, summaryOf } from "./records";
import { type World, drive, fakeWorld } from "./testing-run";

// A live runner would answer the wishes before they are looked at.
vi.mock("./upgrade-runner", () => ({ upgradeRunner: () => ({ wake: () => undefined }) }));
setUpTestDatabase();
// Seconds on an idle machine; the rest is for a busy one.
vi.setConfig({ testTimeout: 120_000 });

/** A run that has halted with its first node still cordoned. */
async function halted(): Promise<World> {
  const world = await fakeWorld({
    w1: { role: "worker", gpu: true, faults: { rollback: true } },
    w2: { role: "worker", gpu: true },
  });
  await drive(world);
  expect((await loadRun(world.runId)).state).toBe("halted");
  expect(world.fleet.node("w1")).toMatchObject({ cordoned: true, cordonedBy: `run:${world.runId}` });
  return world;
}
const cancel = async (world: World) => {
  await db.upgradeRun.update({ where: { id: world.runId }, data: { requested: "cancel" } });
  await drive(world);
  return loadRun(world.runId);
};

test("a halted run says which node it left cordoned, and a cancel takes the cordon back", async () => {
  const world = await halted();
  const before = summaryOf(await loadRun(world.runId), 0);
  expect(before.nodes.map(({ name, cordoned }) => [name, cordoned])).toEqual([
    ["w1", true],
    ["w2", undefined],
  ]);
  const run = await cancel(world);
  expect(run).toMatchObject({ state: "cancelled", reason: "Cancelled; the nodes that were left are as they were." });
  expect(run.nodes[0]).toMatchObject({ cordonedByUs: false });
  expect(world.fleet.node("w1")).toMatchObject({ cordoned: false, cordonedBy: null });
});

test("one that was taken over meanwhile, or is somebody else's by now, is left alone by the cancel", async () => {
  const world = await halted();
  world.fleet.node("w1").cordonedBy = "run:run_later";
  await cancel(world);
  expect(world.fleet.node("w1")).toMatchObject({ cordoned: true, cordonedBy: "run:run_later" });
});

test("a later run takes over the cordon that an earlier one left, and takes it back in the end", async () => {
  const world = await fakeWorld({ w1: { role: "worker", gpu: true }, w2: { role: "worker", gpu: true } });
  Object.assign(world.fleet.node("w1"), { cordoned: true, cordonedBy: "run:run_earlier" });
  await drive(world);
  expect((await loadRun(world.runId)).state).toBe("done");
  expect(world.fleet.nodes.map(({ cordoned }) => cordoned)).toEqual([false, false]);
  const notes = await db.upgradeRunEvent.findMany({ where: { runId: world.runId, kind: "note" } });
  expect(notes.map(({ body }) => body).join()).toContain("left it cordoned: this run has taken that over");
});

test("of a cancel and a pause at once one is answered each, and the cancel comes first", async () => {
  const world = await fakeWorld({ w1: { role: "worker" } });
  const ctx = systemContext("test");
  const asked = await Promise.allSettled([
    askOfRun(ctx, world.runId, "pause"),
    askOfRun(ctx, world.runId, "cancel"),
    askOfRun(ctx, world.runId, "pause"),
  ]);
  expect(asked.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  expect(asked[1]).toMatchObject({ value: { beats: "pause" } });
  expect(asked[2]).toMatchObject({ reason: { code: "conflict" } });
});
