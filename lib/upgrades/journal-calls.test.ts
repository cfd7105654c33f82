import { beforeEach, describe, expect, test } from "vitest";
import { AppError, StorageUnavailable } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { RunJournal } from "./journal";
import { claimRun, LeaseLost } from "./lease";
import { fakeWorld, type World } from "./testing-run";

setUpTestDatabase();
const owner = "elsewhere|1|aa";
let world: World;
let journal: RunJournal;
beforeEach(async () => {
  world = await fakeWorld({ w1: { role: "worker" } });
  const fence = (await claimRun(world.runId, owner, world.clock.nowMs())) ?? expect.fail("not claimed");
  journal = await RunJournal.open({ runId: world.runId, owner, fence }, world.ports());
});

const what = { nodeId: "w1", nodeName: "w-01", call: "Reboot", action: "node.reboot", detail: "Reboots." };
const eventsOf = async () =>
  (await db.upgradeRunEvent.findMany({ where: { runId: world.runId }, orderBy: { seq: "asc" } })).map(
    ({ body }) => JSON.parse(body) as { kind: string },
  );
const outcomes = () => world.audits.map(({ outcome, action }) => ({ outcome, action }));
const intent = { kind: "call-intent", nodeId: "w1", call: "Reboot", detail: "Reboots.", seq: 1 };

describe("a call to a node", () => {
  test("is announced in the journal and the audit log before it is made, and ended in both", async () => {
    const ended: object[] = [];
    const ports = world.ports();
    const told = await RunJournal.open(journal.identity, {
      ...ports,
      auditOutcome: async (id, outcome) => void ended.push({ id, ...outcome }),
    });
    const result = await told.call(what, async () => {
      expect(await eventsOf()).toMatchObject([intent]);
      expect(outcomes()).toEqual([{ action: "node.reboot", outcome: null }]);
      await world.clock.until(world.clock.sleep(700));
      return "rebooting";
    });
    expect(result).toBe("rebooting");
    expect(world.audits[0]).toMatchObject({
      ...{ nodeId: "w1", nodeName: "w-01", detail: { run: world.runId, detail: "Reboots." } },
    });
    expect(ended).toStrictEqual([{ id: "0", outcome: "succeeded", durationMs: 700 }]);
    const outcome = { kind: "call-outcome", nodeId: "w1", call: "Reboot", outcome: "succeeded", detail: "", seq: 2 };
    expect(await eventsOf()).toMatchObject([intent, outcome]);
  });

  const failing = async (error: unknown, outcomeOf?: (error: unknown) => "failed" | "unknown") => {
    const ended: object[] = [];
    const told = await RunJournal.open(journal.identity, {
      ...world.ports(),
      auditOutcome: async (_, outcome) => void ended.push(outcome),
    });
    await expect(told.call(what, () => Promise.reject(error as Error), outcomeOf)).rejects.toBe(error);
    return { ended, last: (await eventsOf()).at(-1) };
  };

  test("that fails as expected is told by its own sentence and code", async () => {
    const { ended, last } = await failing(new AppError("unavailable", "It is off."));
    expect(ended).toStrictEqual([{ outcome: "failed", durationMs: 0, errorCode: "unavailable" }]);
    expect(last).toMatchObject({ kind: "call-outcome", outcome: "failed", detail: "It is off." });
  });

  test("that fails unexpectedly keeps its text to itself", async () => {
    const { ended, last } = await failing(new Error("secret: hunter2"));
    expect(ended).toStrictEqual([{ outcome: "failed", durationMs: 0, errorCode: "internal" }]);
    expect(last).toMatchObject({ kind: "call-outcome", detail: "It failed unexpectedly." });
  });

  test("that may have happened all the same is unknown", async () => {
    const { ended, last } = await failing(new AppError("unavailable", "It is off."), () => "unknown");
    expect([ended[0], last]).toMatchObject([{ outcome: "unknown" }, { outcome: "unknown" }]);
  });

  test.each([
    ["the run was taken over", new LeaseLost("run_1")],
    ["the database cannot be written", new StorageUnavailable("Full.", "Make room.")],
  ])("says nothing more once %s: what became of it is unknown here", async (_, error) => {
    const { ended, last } = await failing(error);
    expect(ended).toEqual([]);
    expect(last).toMatchObject(intent);
  });
});
