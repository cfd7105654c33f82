import { expect, test } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { RunJournal } from "./journal";
import { claimRun, LeaseLost } from "./lease";
import { fakeWorld } from "./testing-run";

setUpTestDatabase();

test("a runner whose fence is old writes nothing more, although it still has the owner's name", async () => {
  const world = await fakeWorld({ w1: { role: "worker" } });
  const { runId } = world;
  const ports = world.ports();
  const owner = "host|1|aa";
  const fence = await claimRun(runId, owner, ports.nowMs());
  if (fence === null) throw new Error("the run was not claimed");
  const old = await RunJournal.open({ runId, owner, fence }, ports);
  const note = { events: [{ kind: "note" as const, nodeId: "w1", text: "mine" }] };
  await old.write(note);
  // The same process claims it once more, as after a pause of its event loop.
  const newer = await claimRun(runId, owner, ports.nowMs());
  expect(newer).toBe(fence + 1);
  await expect(old.write(note)).rejects.toThrow(LeaseLost);
  await expect(old.write({ run: { state: "done" } })).rejects.toThrow(LeaseLost);
  expect(await db.upgradeRunEvent.count({ where: { runId } })).toBe(1);
  expect(await db.upgradeRun.findUnique({ where: { id: runId } })).toMatchObject({ state: "planned" });
  const present = await RunJournal.open({ runId, owner, fence: fence + 1 }, ports);
  await present.write(note);
  expect(await db.upgradeRunEvent.count({ where: { runId } })).toBe(2);
});
