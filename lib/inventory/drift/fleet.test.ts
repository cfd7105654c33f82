import { afterAll, beforeAll, expect, test } from "vitest";
import { setUpTestDatabase } from "@/lib/db/testing";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { demoNodes } from "@/sim/scenario/demo";
import * as operations from "../operations";
import { as, dataOf as data, eventually, named } from "../testing-fleet";
import { startWatcher, stopWatcher } from "../watcher";

setUpTestDatabase();

const names = ["cp-01", "gpu-04", "gpu-07", "w-01"];
let sim: SimFleet;

beforeAll(async () => {
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
  sim = await startFleet({ scenario: demoNodes.filter(({ name }) => names.includes(name)), speed: 20 });
  process.env.ICHOR_FACTORY_URL = sim.factoryUrl;
  await startWatcher();
  data(await as("admin", operations.talosconfigImport, { talosconfig: sim.talosconfig }));
  await eventually(() => {
    for (const name of names) expect(named(name).config.state).toBe("known");
  });
});
afterAll(async () => {
  await stopWatcher();
  await sim?.stop();
  delete process.env.ICHOR_NODE_NETWORKS;
  delete process.env.ICHOR_FACTORY_URL;
});

test("an install image with fewer extensions than what runs is among what needs attention, from the first day", () => {
  const { config, drift, attention } = named("gpu-04");
  expect(config).toMatchObject({
    differs: true,
    loses: ["siderolabs/amd-ucode"],
    installExtensions: ["siderolabs/amdgpu"],
  });
  expect(drift).toEqual([expect.stringContaining("a reinstall would lose amd-ucode")]);
  expect(attention).toContainEqual(expect.objectContaining({ kind: "drift", tone: "warn", sentence: drift[0] }));
});

test("nodes whose config installs what they run have no drift", () => {
  for (const name of ["cp-01", "gpu-07", "w-01"]) {
    expect(named(name)).toMatchObject({ drift: [], config: { state: "known", differs: false, loses: [] } });
  }
});
