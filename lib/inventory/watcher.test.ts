import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { demoNodes } from "@/sim/scenario/demo";
import { fleet } from "./fleet";
import { importTalosconfig } from "./import-commands";
import type { NodeView } from "./schema";
import { loadFleet } from "./load-fleet";
import { startWatcher, stopWatcher } from "./watcher";

setUpTestDatabase();

const names = ["cp-01", "gpu-03", "gpu-06", "w-01"];
let sim: SimFleet;

beforeAll(async () => {
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
  sim = await startFleet({ scenario: demoNodes.filter(({ name }) => names.includes(name)), speed: 20 });
});
afterAll(async () => {
  await stopWatcher();
  await sim?.stop();
  delete process.env.ICHOR_NODE_NETWORKS;
});

const named = (name: string): NodeView => {
  const view = fleet()
    .views()
    .find((node) => node.name === name);
  if (!view) throw new Error(`no node ${name}`);
  return view;
};
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 40_000, interval: 20 });

test("an imported cluster appears whole and live, with what is wrong with its GPUs", async () => {
  await startWatcher();
  const result = await importTalosconfig(systemContext("test"), { talosconfig: sim.talosconfig });
  expect(result).toMatchObject({ name: "forge", nodes: 4, silent: [] });
  await eventually(() => {
    for (const name of names)
      expect(named(name)).toMatchObject({ reachability: { state: "reachable" }, stage: "running" });
  });
  expect(named("gpu-03").gpus.map(({ model }) => model)).toEqual(["GTX 1080 Ti", "GTX 1080 Ti"]);
  await eventually(() => expect(named("gpu-03").proofs[0]?.state).toBe("broken"));
  expect(named("gpu-03").attention.map(({ kind }) => kind)).toContain("gpu-not-working");
  expect(named("cp-01").role).toBe("controlplane");
});

test("a node that falls silent is unreachable with its last facts, and live again when it is back", async () => {
  sim.fault("w-01", { kind: "unreachable" });
  await eventually(() => {
    const away = named("w-01");
    expect(away.reachability).toMatchObject({ state: "unreachable", lastSeenMs: expect.any(Number) });
    expect(away).toMatchObject({ stage: "running", talosVersion: "v1.12.11" });
    expect(away.attention.map(({ kind }) => kind)).toEqual(["unreachable"]);
  });
  sim.clearFault("w-01");
  await eventually(() => expect(named("w-01").reachability.state).toBe("reachable"));
});

const forgetAll = () =>
  fleet()
    .views()
    .forEach(({ id }) => fleet().remove(id));

test("after a restart the stored facts are shown as old ones, until each node has answered", async () => {
  await stopWatcher();
  forgetAll();
  await loadFleet();
  for (const name of names) {
    expect(named(name)).toMatchObject({ reachability: { state: "never-seen" }, stage: "running", counters: null });
    expect(named(name).readAtMs).toBeLessThan(Date.now());
  }
  sim.fault("w-01", { kind: "unreachable" });
  const before = named("w-01").readAtMs;
  await startWatcher();
  await eventually(() => {
    expect(named("cp-01").reachability.state).toBe("reachable");
    expect(named("w-01")).toMatchObject({
      reachability: { state: "unreachable", lastSeenMs: before },
      readAtMs: before,
    });
  });
  sim.clearFault("w-01");
  await eventually(() => expect(named("w-01").reachability.state).toBe("reachable"));
});

test("what is watched and polled is asked with a reader's certificate; an admin's reads the config alone", async () => {
  await stopWatcher();
  forgetAll();
  sim.world.methodsByRole.clear();
  await startWatcher();
  await eventually(() => {
    for (const name of names) expect(named(name).counters?.cpuPercent).toEqual(expect.any(Number));
    for (const name of names) expect(named(name).config.state).toBe("known");
  });
  expect([...sim.world.methodsByRole.keys()].sort()).toEqual(["os:admin", "os:reader"]);
  expect([...(sim.world.methodsByRole.get("os:admin") ?? [])]).toEqual(["/cosi.resource.State/Get"]);
  expect([...(sim.world.methodsByRole.get("os:reader") ?? [])]).toEqual(
    expect.arrayContaining(["/cosi.resource.State/Watch", "/machine.MachineService/SystemStat"]),
  );
});

test("another machine at a node's address is told, and none of its facts are taken for the node's", async () => {
  const machine = sim.world.nodes.get("gpu-06")?.machine;
  if (!machine) throw new Error("no gpu-06");
  const { id, hardware, gpus } = named("gpu-06");
  const uuid = "99999999-0000-4000-8000-000000000001";
  await stopWatcher();
  forgetAll();
  await db.node.update({ where: { id }, data: { machineUuid: uuid } });
  await startWatcher();
  await eventually(() => {
    expect(named("gpu-06").attention.map(({ kind }) => kind)).toEqual(["replaced"]);
    expect(named("gpu-06").attention[0]?.detail).toContain(machine.uuid);
  });
  expect(named("gpu-06")).toMatchObject({ hardware, counters: null });
  expect(named("gpu-06").gpus.map(({ model }) => model)).toEqual(gpus.map(({ model }) => model));
});
