import { beforeAll, describe, expect, test } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { withTransaction } from "@/lib/db/transaction";
import { askOfRun } from "./commands";
import { refuseOverlap } from "./overlap";
import { loadRun } from "./records";
import { type World, fakeWorld } from "./testing-run";

setUpTestDatabase();

const set = (world: World, data: { state: string; requested?: string }) =>
  db.upgradeRun.update({ where: { id: world.runId }, data });

describe("two runs on one cluster", () => {
  let halted: World;
  let other: World;
  beforeAll(async () => {
    for (const id of ["c1", "c2"]) {
      await db.cluster.create({ data: { id, name: id, endpoint: "https://10.0.0.1:6443", talosEndpoints: "[]" } });
    }
    for (const [id, clusterId] of [
      ["cp1", "c1"],
      ["cp2", "c1"],
      ["w9", "c2"],
    ] as const) {
      await db.node.create({ data: { id, clusterId } });
    }
    halted = await fakeWorld({ cp1: { role: "controlplane" } });
    other = await fakeWorld({ cp2: { role: "controlplane" } });
  });

  test.each(["planned", "running", "paused", "cancelling"])(
    "a halted run is not taken up again beside one that is %s",
    async (state) => {
      await set(halted, { state: "halted" });
      await set(other, { state });
      await expect(askOfRun(systemContext("test"), halted.runId, "retry")).rejects.toMatchObject({
        code: "conflict",
        message: "Another run is at work on this cluster: Upgrade, started by olga.",
      });
      expect((await loadRun(halted.runId)).requested).toBeNull();
    },
  );

  test("and none is started beside one that was asked to go on; another cluster does not mind", async () => {
    await set(halted, { state: "halted", requested: "retry" });
    await set(other, { state: "done" });
    const start = (nodeId: string) => withTransaction((tx) => refuseOverlap(tx, [nodeId]));
    await expect(start("cp2")).rejects.toMatchObject({ code: "conflict" });
    await expect(start("w9")).resolves.toBeUndefined();
  });
});

test.each([
  [
    "refused the image",
    { state: "failed", installBootId: "boot-1", installExit: 2 },
    /installer refused the image on w9/,
  ],
  ["fell back", { state: "rolled-back", installBootId: "boot-1", installExit: 0 }, /fell back to its old image/],
])("a retry beside a node that %s would change nothing, and says so", async (_name, data, sentence) => {
  const world = await fakeWorld({ w9: { role: "worker" } });
  await set(world, { state: "halted" });
  await db.upgradeRunNode.updateMany({ where: { runId: world.runId }, data });
  await expect(askOfRun(systemContext("test"), world.runId, "retry")).rejects.toMatchObject({
    code: "refused",
    message: expect.stringMatching(sentence) as unknown,
  });
});

test("a run that is being cancelled is not called ended", async () => {
  const world = await fakeWorld({ w9: { role: "worker" } });
  await set(world, { state: "cancelling" });
  await expect(askOfRun(systemContext("test"), world.runId, "cancel")).rejects.toMatchObject({
    message: "This run is being cancelled already.",
  });
});
