import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { beforeEach, describe, expect, test } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { claimRun, LeaseLost, leaseMs, releaseRun, renewLease } from "./lease";
import { fakeWorld } from "./testing-run";

setUpTestDatabase();
const [mine, other] = ["elsewhere|1|aa", "elsewhere|2|bb"];
const nowMs = Date.UTC(2026, 5, 1);
let runId = "";
let bystander = "";
beforeEach(async () => {
  ({ runId } = await fakeWorld({ w1: { role: "worker" } }));
  ({ runId: bystander } = await fakeWorld({ w1: { role: "worker" } }));
});
const rowOf = (id = runId) =>
  db.upgradeRun.findUniqueOrThrow({ where: { id }, select: { leaseOwner: true, leaseUntil: true, fence: true } });
const setRow = (data: Parameters<typeof db.upgradeRun.update>[0]["data"]) =>
  db.upgradeRun.update({ where: { id: runId }, data });
const heldByOther = { leaseOwner: other, leaseUntil: new Date(nowMs + 1), fence: 7 };

describe("a run is claimed", () => {
  test.each([
    ["free", { leaseOwner: null, leaseUntil: new Date(nowMs + 1) }],
    ["ours already", { leaseOwner: mine, leaseUntil: new Date(nowMs + 1) }],
    ["held without an end", { leaseOwner: other, leaseUntil: null }],
    ["held by one whose lease is over", { leaseOwner: other, leaseUntil: new Date(nowMs - 1) }],
  ])("where it is %s: for 15 seconds, with a higher fence, and no other run with it", async (_, before) => {
    await setRow({ ...before, fence: 7 });
    const untouched = await rowOf(bystander);
    expect(await claimRun(runId, mine, nowMs)).toBe(8);
    expect(await rowOf()).toEqual({ leaseOwner: mine, leaseUntil: new Date(nowMs + 15_000), fence: 8 });
    expect(await rowOf(bystander)).toEqual(untouched);
  });

  test("by nobody else while its lease lasts, up to its last moment", async () => {
    for (const leftMs of [1, 0]) {
      await setRow({ ...heldByOther, leaseUntil: new Date(nowMs + leftMs) });
      const before = await rowOf();
      expect(await claimRun(runId, mine, nowMs)).toBeNull();
      expect(await rowOf()).toEqual(before);
    }
  });

  test("at once where its holder was a process of this machine that has ended", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    await setRow({ ...heldByOther, leaseOwner: `${hostname()}|${pid}|cc` });
    expect(await claimRun(runId, `${hostname()}|${process.pid}|dd`, nowMs)).toBe(8);
  });

  test("not where its holder is a process of this machine that lives", async () => {
    await setRow({ ...heldByOther, leaseOwner: `${hostname()}|${process.ppid}|cc` });
    expect(await claimRun(runId, `${hostname()}|${process.pid}|dd`, nowMs)).toBeNull();
  });

  test("never where there is none", async () => expect(await claimRun("run_none", mine, nowMs)).toBeNull());
});

describe("a lease", () => {
  beforeEach(() => setRow({ leaseOwner: mine, leaseUntil: new Date(nowMs), fence: 3 }));

  test("is extended and given back by who holds it", async () => {
    expect(await renewLease(runId, mine, 3, nowMs + 5)).toBe(true);
    expect((await rowOf()).leaseUntil).toEqual(new Date(nowMs + 5 + leaseMs));
    const untouched = await rowOf(bystander);
    await releaseRun(runId, mine, 3);
    expect(await rowOf()).toEqual({ leaseOwner: null, leaseUntil: null, fence: 3 });
    expect(await rowOf(bystander)).toEqual(untouched);
  });

  test.each([
    ["another process", other, 3],
    ["who held it before, under an older fence", mine, 2],
  ])("is neither extended nor given back by %s", async (_, owner, fence) => {
    const before = await rowOf();
    expect(await renewLease(runId, owner, fence, nowMs)).toBe(false);
    await releaseRun(runId, owner, fence);
    expect(await rowOf()).toEqual(before);
  });
});

test("a lease that is lost says whose run it is", () =>
  expect(new LeaseLost("run_1")).toMatchObject({
    name: "LeaseLost",
    message: expect.stringContaining("run_1") as string,
  }));
