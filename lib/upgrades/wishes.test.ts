import { describe, expect, test, vi } from "vitest";
import { newOwner, ownerIsDead } from "@/lib/core/process-owner";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { RunJournal } from "./journal";
import { LeaseLost, claimRun, leaseMs, releaseRun, renewLease } from "./lease";
import { loadRun } from "./records";
import { type World, drive, fakeWorld } from "./testing-run";

setUpTestDatabase();
// Seconds on an idle machine; the rest is for a busy one.
vi.setConfig({ testTimeout: 120_000 });

const ask = async (world: World, requested: string): Promise<void> => {
  await db.upgradeRun.update({ where: { id: world.runId }, data: { requested } });
};
const states = async (world: World) => {
  const run = await loadRun(world.runId);
  return [run.state, ...run.nodes.map(({ state }) => state)];
};
const two = { w1: { role: "worker" }, w2: { role: "worker" } } as const;

describe("wishes of people", () => {
  test("a pause takes effect between two nodes, and a resume goes on from there", async () => {
    const world = await fakeWorld(two);
    const ports = world.ports();
    // Asked while the first node is at work.
    world.ports = () => ({
      ...ports,
      publish(frame) {
        ports.publish(frame);
        if (frame.type === "run.event" && frame.event.kind === "installer-exit" && frame.event.nodeId === "w1")
          void ask(world, "pause");
      },
    });
    await drive(world);
    expect(await states(world)).toEqual(["paused", "done", "pulled"]);
    await ask(world, "resume");
    world.ports = () => ports;
    await drive(world);
    expect(await states(world)).toEqual(["done", "done", "done"]);
  });

  test("a cancelled run leaves the rest as it is, for good", async () => {
    const world = await fakeWorld(two);
    await ask(world, "cancel");
    await drive(world);
    expect(await states(world)).toEqual(["cancelled", "queued", "queued"]);
    expect((await loadRun(world.runId)).finishedAt).not.toBeNull();
    await ask(world, "resume");
    await drive(world);
    expect(await states(world)).toEqual(["cancelled", "queued", "queued"]);
    expect(world.fleet.trace).toEqual([]);
  });

  test("a wish that comes while another is met is not lost", async () => {
    const world = await fakeWorld(two);
    await ask(world, "pause");
    const ports = world.ports();
    let pausing = false;
    world.ports = () => ({
      ...ports,
      publish(frame) {
        ports.publish(frame);
        if (frame.type === "run.event" && frame.event.kind === "run-state" && frame.event.state === "running")
          pausing = true;
      },
      nowMs() {
        // The runner has read the wish to pause, and is about to write that it is met.
        if (pausing) void ask(world, "cancel");
        pausing = false;
        return ports.nowMs();
      },
    });
    await drive(world);
    expect(await states(world)).toEqual(["cancelled", "queued", "queued"]);
  });

  test("a cancelled run pulls on no node that it had not begun", async () => {
    const names = Array.from({ length: 9 }, (_, index) => `w${index}`);
    const world = await fakeWorld(Object.fromEntries(names.map((name) => [name, { role: "worker" as const }])));
    const ports = world.ports();
    world.ports = () => ({
      ...ports,
      publish(frame) {
        ports.publish(frame);
        if (frame.type === "run.event" && frame.event.kind === "layers") void ask(world, "cancel");
      },
    });
    await drive(world);
    expect((await states(world))[0]).toBe("cancelled");
    expect(world.fleet.trace).toHaveLength(4);
  });

  test("a retry goes on where the node stands: what is installed is not installed again", async () => {
    const world = await fakeWorld({ w1: { role: "worker", faults: { blockedDrain: true } }, w2: { role: "worker" } });
    await drive(world);
    expect(await states(world)).toEqual(["halted", "failed", "pulled"]);
    world.fleet.node("w1").faults = {};
    await ask(world, "retry");
    await drive(world);
    expect(await states(world)).toEqual(["done", "done", "done"]);
    expect(world.fleet.trace.filter(({ node, call }) => node === "w1" && call === "install")).toHaveLength(1);
  });

  test("a node that fell back is never tried again, whoever asks", async () => {
    const world = await fakeWorld({
      w1: { role: "worker", faults: { rollback: true } },
      w2: { role: "worker", inRun: false },
    });
    await drive(world);
    expect(await states(world)).toEqual(["halted", "rolled-back"]);
    await ask(world, "retry");
    await drive(world);
    expect(await states(world)).toEqual(["halted", "rolled-back"]);
    expect((await loadRun(world.runId)).requested).toBeNull();
    expect(world.fleet.trace.filter(({ call }) => call === "install")).toHaveLength(1);
  });
});

describe("the lease of a run", () => {
  test("of many that reach for it at once, one gets it", async () => {
    const world = await fakeWorld(two);
    const owners = Array.from({ length: 50 }, (_, index) => `host-${index}|1|x`);
    const fences = await Promise.all(owners.map((owner) => claimRun(world.runId, owner, 1_000)));
    expect(fences.filter((fence) => fence !== null)).toEqual([1]);
  });

  test("it is taken over when it ends; the old owner can then neither renew nor write", async () => {
    const world = await fakeWorld(two);
    const first = await claimRun(world.runId, "host-a|1|x", 1_000);
    expect(await claimRun(world.runId, "host-b|1|y", 1_000 + leaseMs)).toBeNull();
    expect(await claimRun(world.runId, "host-b|1|y", 1_001 + leaseMs)).toBe(2);
    expect(await renewLease(world.runId, "host-a|1|x", first ?? 0, 2_000)).toBe(false);
    const stale = await RunJournal.open({ runId: world.runId, owner: "host-a|1|x", fence: first ?? 0 }, world.ports());
    await expect(
      stale.write({ run: { state: "done" }, events: [{ kind: "note", nodeId: null, text: "late" }] }),
    ).rejects.toThrow(LeaseLost);
    expect((await loadRun(world.runId)).state).toBe("planned");
    expect(await db.upgradeRunEvent.count({ where: { runId: world.runId } })).toBe(0);
  });

  test("the number of the claim counts, not only the name: an owner that lost a run and has it again does not write as before", async () => {
    const world = await fakeWorld(two);
    const owner = "host-a|1|x";
    const first = (await claimRun(world.runId, owner, 1_000)) ?? 0;
    const stale = await RunJournal.open({ runId: world.runId, owner, fence: first }, world.ports());
    const second = (await claimRun(world.runId, owner, 1_001 + leaseMs)) ?? 0;
    expect([first, second]).toEqual([1, 2]);
    const late = { run: { state: "done" }, events: [{ kind: "note", nodeId: null, text: "late" }] } as const;
    await expect(stale.write(late)).rejects.toThrow(LeaseLost);
    expect(await renewLease(world.runId, owner, first, 2_000)).toBe(false);
    await releaseRun(world.runId, owner, first);
    expect(await loadRun(world.runId)).toMatchObject({ state: "planned", leaseOwner: owner, fence: second });
    expect(await db.upgradeRunEvent.count({ where: { runId: world.runId } })).toBe(0);
    const fresh = await RunJournal.open({ runId: world.runId, owner, fence: second }, world.ports());
    await fresh.write({ events: [{ kind: "note", nodeId: null, text: "ours" }] });
    expect(await db.upgradeRunEvent.count({ where: { runId: world.runId } })).toBe(1);
  });

  test("a process of this host that has ended is not waited for", () => {
    const [host, pid] = newOwner().split("|");
    const self = `${host}|${pid}|now`;
    expect(ownerIsDead(self, self)).toBe(false);
    expect(ownerIsDead(`${host}|${pid}|before`, self)).toBe(true);
    expect(ownerIsDead(`${host}|2000000000|x`, self)).toBe(true);
    expect(ownerIsDead(`${host}|${process.ppid}|x`, self)).toBe(false);
    expect(ownerIsDead("elsewhere|1|x", self)).toBe(false);
  });
});
