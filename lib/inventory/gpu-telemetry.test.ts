import { afterAll, beforeAll, expect, test } from "vitest";
import { setUpTestDatabase } from "@/lib/db/testing";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { demoNodes } from "@/sim/scenario/demo";
import { fleet } from "./fleet";
import { talosconfigImport } from "./operations";
import { as, dataOf, eventually, named } from "./testing-fleet";
import { startWatcher, stopWatcher } from "./watcher";

setUpTestDatabase();

const names = ["cp-01", "gpu-01", "gpu-04", "gpu-06"];
let sim: SimFleet;

beforeAll(async () => {
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
  sim = await startFleet({ scenario: demoNodes.filter(({ name }) => names.includes(name)), speed: 1 });
});
afterAll(async () => {
  await stopWatcher();
  await sim?.stop();
  delete process.env.ICHOR_NODE_NETWORKS;
  delete process.env.ICHOR_GPU_TELEMETRY;
});

const restart = async (setting: "on" | "off") => {
  await stopWatcher();
  fleet()
    .views()
    .forEach(({ id }) => fleet().remove(id));
  process.env.ICHOR_GPU_TELEMETRY = setting;
  sim.world.methodsByRole.clear();
  await startWatcher();
};
const reasons = (name: string) => named(name).telemetry.map(({ unavailableReason }) => unavailableReason);
const read = "/machine.MachineService/Read";

test("with only a reader's talosconfig, each card says why nothing is known of its load", async () => {
  await startWatcher();
  dataOf(await as("admin", talosconfigImport, { talosconfig: sim.readerTalosconfig }));
  await eventually(() => names.slice(1).forEach((name) => expect(named(name).gpus.length).toBeGreaterThan(0)));
  expect(reasons("gpu-01")).toEqual(Array(4).fill(expect.stringContaining("dcgm-exporter")));
  expect(reasons("gpu-04")).toEqual(Array(2).fill(expect.stringContaining("ICHOR_GPU_TELEMETRY")));
  await restart("on");
  await eventually(() => expect(reasons("gpu-04")).toEqual(Array(2).fill(expect.stringContaining("os:admin"))));
  expect(reasons("gpu-04")[0]).not.toContain("ICHOR_GPU_TELEMETRY");
  expect([...sim.world.methodsByRole.keys()]).toEqual(["os:reader"]);
  expect(named("gpu-04").reachability.state).toBe("reachable");
});

test("switched off, no file of a node is read, although an admin's credentials are held", async () => {
  dataOf(await as("admin", talosconfigImport, { talosconfig: sim.talosconfig, renew: true }));
  await restart("off");
  await eventually(() => {
    for (const name of names) expect(named(name).counters).not.toBeNull();
  });
  expect([...sim.world.methodsByRole.values()].some((methods) => methods.has(read))).toBe(false);
  expect(named("gpu-06").telemetry).toMatchObject([
    { utilizationPercent: null, memoryUsedBytes: null, unavailableReason: expect.any(String) },
    { utilizationPercent: null, memoryUsedBytes: null, unavailableReason: expect.any(String) },
  ]);
});

test("switched on, AMD and Intel cards tell their load; nothing but that is asked as an administrator", async () => {
  await restart("on");
  await eventually(() => {
    expect(named("gpu-04").telemetry).toHaveLength(2);
    for (const card of named("gpu-04").telemetry) {
      expect(card.unavailableReason).toBeNull();
      expect(card.utilizationPercent).toBeGreaterThanOrEqual(0);
      expect(card.memoryUsedBytes).toBeGreaterThan(0);
      expect(card.temperatureCelsius).toBeGreaterThan(30);
      expect(card.powerWatts).toBeGreaterThan(10);
    }
  });
  await eventually(() => expect(named("gpu-06").telemetry[0]?.memoryTotalBytes).toBeGreaterThan(0));
  expect(named("gpu-06").telemetry[0]).toMatchObject({ temperatureCelsius: null, unavailableReason: null });
  expect(reasons("gpu-01")[0]).toContain("dcgm-exporter");
  const asAdmin = [...(sim.world.methodsByRole.get("os:admin") ?? [])].sort();
  expect(asAdmin).toEqual(["/cosi.resource.State/Get", "/machine.MachineService/List", read]);
  expect(named("cp-01").telemetry).toEqual([]);
});

test("a node that falls silent has no load any more", async () => {
  sim.fault("gpu-04", { kind: "unreachable" });
  await eventually(() => expect(reasons("gpu-04")).toEqual(Array(2).fill("The node does not answer.")));
});
