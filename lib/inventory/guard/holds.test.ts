import { beforeEach, describe, expect, test } from "vitest";
import { processOwner } from "@/lib/core/process-owner";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { withTransaction } from "@/lib/db/transaction";
import { startRun } from "./hold-testing";
import {
  type Hold,
  callMs,
  claimNode,
  claimPlane,
  endHold,
  heldSentence,
  holdPhases,
  listHolds,
  noteHold,
  planesAway,
  refuseHeldNodes,
  refuseRunsNodes,
  releaseNode,
  returnMs,
} from "./holds";
import { plane, sinceMs } from "./keeper-testing";

setUpTestDatabase();
beforeEach(async () => {
  await db.nodeHold.deleteMany();
  await db.upgradeRun.deleteMany();
});
const put = (...holds: Hold[]) => db.nodeHold.createMany({ data: holds });
const holdOf = (nodeId: string) => db.nodeHold.findUnique({ where: { nodeId } });
const claim = (runId: string | null = null, nodeId = "cp1") =>
  claimNode({
    ...{ nodeId, nodeName: "cp-1", clusterId: "c", operation: "node.reboot", runId },
    ...{ actor: "user:2", actorName: "ben", nowMs: sinceMs + 5 },
  });
const worker = (nodeId: string, changes: Partial<Hold> = {}) => plane({ nodeId, takesPlane: false, ...changes });

test("the limits and phases are what the documents say", () => {
  expect([callMs, returnMs]).toEqual([600_000, 1_800_000]);
  expect([...holdPhases]).toEqual(["calling", "awaiting", "away"]);
});

describe("a node is claimed", () => {
  test("for the time of a call, by this process", async () => {
    const { hold, previous } = await claim();
    const { takesPlane, ends, memberId, bootId, wentAt } = hold;
    expect([previous, takesPlane, ends, memberId, bootId, wentAt]).toEqual([null, false, "return", null, null, null]);
    expect(await holdOf("cp1")).toEqual({
      ...hold,
      ...{ nodeId: "cp1", nodeName: "cp-1", clusterId: "c", operation: "node.reboot", runId: null, phase: "calling" },
      ...{ actor: "user:2", actorName: "ben", owner: processOwner() },
      ...{ since: new Date(sinceMs + 5), until: new Date(sinceMs + 5 + callMs) },
    });
  });

  test.each(["calling", "awaiting"])(
    "by nobody else while it is %s, who is told who has it until when",
    async (phase) => {
      await put(plane({ phase, runId: "run_1" }));
      const state = phase === "awaiting" ? "was asked for, and the node is not back yet" : "is under way";
      await expect(claim()).rejects.toMatchObject({
        ...{ code: "conflict", message: `cp-1 is taken: a reboot by olga (00:00 UTC) ${state}.` },
        hint: expect.stringContaining("at the latest at 00:30 UTC") as string,
      });
      await expect(claim("run_2")).rejects.toMatchObject({ code: "conflict" });
      expect(await holdOf("cp1")).toMatchObject({ actorName: "olga" });
    },
  );

  test("by the run that has it already, and what was known is not kept", async () => {
    await put(plane({ runId: "run_1" }));
    expect((await claim("run_1")).previous).toBeNull();
    expect(await holdOf("cp1")).toMatchObject({ actorName: "ben", runId: "run_1", phase: "calling" });
  });

  test("by a run never because two have no run", async () => {
    await put(plane({ runId: null }));
    await expect(claim(null)).rejects.toMatchObject({ code: "conflict" });
  });

  test("where it is away; what was known of it comes back where the operation comes to nothing", async () => {
    await put(plane({ phase: "away" }));
    const { hold, previous } = await claim();
    expect(previous).toEqual(plane({ phase: "away" }));
    await releaseNode(hold, previous);
    expect(await holdOf("cp1")).toEqual(plane({ phase: "away" }));
  });

  test("not back from who has it by now", async () => {
    const { hold } = await claim();
    await db.nodeHold.update({ where: { nodeId: "cp1" }, data: { phase: "awaiting" } });
    await releaseNode(hold, plane({ phase: "away" }));
    expect(await holdOf("cp1")).toMatchObject({ actorName: "ben", phase: "awaiting" });
    await releaseNode({ ...hold, phase: "awaiting" });
    expect(await holdOf("cp1")).toBeNull();
  });
});

describe("a run holds its nodes", () => {
  const refused = (nodeIds: string[], own: string | null = null) =>
    withTransaction((tx) => refuseRunsNodes(tx, nodeIds, own)).then(
      () => null,
      (error: unknown) => error,
    );

  test("against others, not against itself, and no other node", async () => {
    await startRun("cp1");
    expect(await refused(["w1", "cp1"])).toMatchObject({
      ...{ code: "conflict", message: "An upgrade run holds cp1: Upgrade cp-1, started by olga." },
      hint: "Wait for it or cancel it: /upgrades/run_1",
    });
    expect(await refused(["cp1"], "run_2")).toMatchObject({ code: "conflict" });
    expect([await refused(["cp1"], "run_1"), await refused(["w1"])]).toEqual([null, null]);
    await expect(claim()).rejects.toMatchObject({ code: "conflict" });
    await expect(claim("run_1")).resolves.toMatchObject({ previous: null });
  });

  test.each<[string, object, object, boolean]>([
    ["until it has ended with the node", {}, { finishedAt: new Date(), state: "done" }, false],
    [
      "again once it is about to try a failed node",
      { requested: "retry" },
      { finishedAt: new Date(), state: "failed" },
      true,
    ],
    [
      "again where nobody knows what became of it",
      { requested: "retry" },
      { finishedAt: new Date(), state: "unknown" },
      true,
    ],
    ["not for another wish", { requested: "pause" }, { finishedAt: new Date(), state: "failed" }, false],
    [
      "not one that is done, whatever it tries again",
      { requested: "retry" },
      { finishedAt: new Date(), state: "done" },
      false,
    ],
    ["until it has ended itself", { finishedAt: new Date() }, {}, false],
    [
      "until it has ended itself, whatever is wished",
      { finishedAt: new Date(), requested: "retry" },
      { state: "failed" },
      false,
    ],
  ])("%s", async (_, run, node, expected) => {
    await startRun("cp1");
    await db.upgradeRun.update({ where: { id: "run_1" }, data: run });
    await db.upgradeRunNode.updateMany({ data: node });
    expect((await refused(["cp1"])) !== null).toBe(expected);
  });
});

test("nodes that somebody works on are refused: those that are away hold nobody up, and some care for calls alone", async () => {
  await put(plane({ phase: "calling" }), worker("w1"), worker("w2", { phase: "away" }));
  const verdict = (nodeIds: string[], only?: "calls") =>
    withTransaction((tx) => refuseHeldNodes(tx, nodeIds, only)).then(
      () => "passes",
      ({ code }: { code: string }) => code,
    );
  expect(await Promise.all(["cp1", "w1", "w2", "w3"].map((id) => verdict([id])))).toEqual([
    ...["conflict", "conflict", "passes", "passes"],
  ]);
  expect(await Promise.all(["cp1", "w1", "w2"].map((id) => verdict([id], "calls")))).toEqual([
    ...["conflict", "passes", "passes"],
  ]);
  expect(await verdict(["w3", "cp1"])).toBe("conflict");
});

describe("the cluster's one lock", () => {
  const lock = (changes: Partial<Parameters<typeof claimPlane>[0]> = {}) =>
    claimPlane({ nodeId: "cp2", clusterId: "c", ends: "gone", runId: null, overridden: false, ...changes });
  const mine = (changes: Partial<Hold> = {}) => worker("cp2", { phase: "calling", ...changes });

  test("is taken by the node's own hold, with how it ends", async () => {
    await put(mine({ clusterId: null }), worker("w1"), plane({ nodeId: "x1", clusterId: "other" }));
    await lock();
    expect(await holdOf("cp2")).toEqual(mine({ takesPlane: true, ends: "gone" }));
    await lock({ ends: "service" });
    expect(await holdOf("cp2"), "its own is no other's").toMatchObject({ ends: "service" });
  });

  test.each<[string, Partial<Hold>, object, boolean]>([
    ["is another's while that is on its way", {}, {}, false],
    ["is another's while that is being asked", { phase: "calling" }, {}, false],
    ["passes one that is away", { phase: "away" }, {}, true],
    ["is passed on within a run, which has proven the one before", { runId: "run_1" }, { runId: "run_1" }, true],
    ["is not another run's", { runId: "run_1" }, { runId: "run_2" }, false],
    ["is not that of nobody's run", { runId: null }, { runId: null }, false],
    ["may be overridden", {}, { overridden: true }, true],
    ["is never overridden while a call is made", { phase: "calling" }, { overridden: true }, false],
  ])("%s", async (_, other, request, passes) => {
    await put(plane(other), mine());
    const taken = lock(request);
    if (passes) {
      await taken;
      expect([(await holdOf("cp1"))?.phase, (await holdOf("cp2"))?.takesPlane]).toEqual(["away", true]);
    } else {
      await expect(taken).rejects.toMatchObject({ code: "conflict" });
      expect(await holdOf("cp1")).toEqual(plane(other));
      expect((await holdOf("cp2"))?.takesPlane).toBe(false);
    }
  });

  test("of somebody else is told with who has it, until when, and the run's page", async () => {
    await put(plane({ runId: "run_1" }), mine());
    await expect(lock()).rejects.toMatchObject({
      message: expect.stringMatching(/Another control plane .* cp-1 is taken: a reboot by olga/) as string,
      hint: expect.stringMatching(/until 00:30 UTC\. Its run: \/upgrades\/run_1$/) as string,
    });
    await db.nodeHold.updateMany({ data: { runId: null } });
    await expect(lock()).rejects.toMatchObject({ hint: expect.stringMatching(/until 00:30 UTC\.$/) as string });
  });
});

test("what is learned of a hold is written to that one alone: another of the node is not it", async () => {
  await put(plane(), worker("w1"));
  for (const other of [{ since: new Date(1) }, { phase: "away" }, { nodeId: "w2" }]) {
    await noteHold({ ...plane(), ...other }, { bootId: "x" });
    expect(await endHold({ ...plane(), ...other })).toBe(false);
  }
  expect(await holdOf("cp1")).toEqual(plane());
  await noteHold(plane(), { bootId: "boot-9" });
  expect([(await holdOf("cp1"))?.bootId, (await holdOf("w1"))?.bootId]).toEqual(["boot-9", "boot-1"]);
  expect([await endHold(plane()), await holdOf("cp1"), (await holdOf("w1"))?.nodeId]).toEqual([true, null, "w1"]);
});

test("holds are listed with the oldest first; those that are away of a cluster without the one asked for", async () => {
  await put(
    worker("w1", { since: new Date(3) }),
    plane({ since: new Date(2), phase: "away" }),
    plane({ nodeId: "cp2", since: new Date(1), phase: "away" }),
    plane({ nodeId: "x1", clusterId: "other", since: new Date(4) }),
  );
  expect((await listHolds()).map(({ nodeId }) => nodeId)).toEqual(["cp2", "cp1", "w1", "x1"]);
  expect((await planesAway("c", "cp1")).map(({ nodeId }) => nodeId)).toEqual(["cp2"]);
});

test("a sentence on a node that is being asked says so", () =>
  expect(heldSentence(plane({ phase: "calling", operation: "node.drain" }))).toBe(
    "cp-1 is taken: a drain by olga (00:00 UTC) is under way.",
  ));
