import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { setUpTestDatabase } from "@/lib/db/testing";
import { importTalosconfig } from "@/lib/inventory/import-commands";
import { named } from "@/lib/inventory/testing-fleet";
import { startWatcher, stopWatcher } from "@/lib/inventory/watcher";
import type { Fault } from "@/sim/control/fault";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { demoNodes } from "@/sim/scenario/demo";
import { computePlan } from "./preflight";
import { planInput } from "./schema";
import { runPlan } from "./testing-sim-run";

setUpTestDatabase();
// Seconds on an idle machine; the rest is for a busy one.
vi.setConfig({ testTimeout: 120_000 });

let sim: SimFleet;
const ready = (name: string) =>
  vi.waitFor(() => expect(named(name)).toMatchObject({ talosVersion: "v1.12.11", ready: true }), {
    timeout: 60_000,
    interval: 50,
  });

beforeAll(async () => {
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
  const [plane, worker] = ["cp-01", "w-01"].map((name) => demoNodes.find((node) => node.name === name));
  if (!plane || !worker) throw new Error("the demo has other nodes");
  sim = await startFleet({ scenario: [plane, worker, { ...worker, name: "w-02", host: "1.22" }], speed: 25 });
  process.env.ICHOR_FACTORY_URL = sim.factoryUrl;
  await startWatcher();
  await importTalosconfig(systemContext("test"), { talosconfig: sim.talosconfig });
  await Promise.all([ready("w-01"), ready("w-02")]);
});
afterAll(async () => {
  await stopWatcher();
  await sim?.stop();
  delete process.env.ICHOR_NODE_NETWORKS;
  delete process.env.ICHOR_FACTORY_URL;
});

type Case = [name: string, node: string, fault: Fault, state: string, reason: RegExp];
test.each<Case>([
  [
    "an installer that fails",
    "w-01",
    { kind: "installer-exit", code: 6 },
    "failed",
    /^The installer failed on the node: .*exit code 6.*The installer could not read or write the disk.*try again\. It runs v1\.12/,
  ],
  [
    "a loss of power in the installer",
    "w-01",
    { kind: "power-loss", during: "install" },
    "failed",
    /while the installer wrote the new image.*loss of power, or a crash/,
  ],
  ["a roll-back", "w-01", { kind: "rollback" }, "rolled-back", /Talos fell back.*The installer had succeeded/],
  ["a loss of power in the restart", "w-02", { kind: "power-loss", during: "restart" }, "done", /^$/],
])("Talos 1.12: %s is told from the others", async (_name, node, fault, state, reason) => {
  await ready(node);
  sim.fault(node, fault);
  const input = planInput.parse({
    nodeIds: [named(node).id],
    targetVersion: "v1.13.9",
    policy: { soakMs: 100, drain: "skip", returnTimeoutMs: 60_000 },
  });
  const plan = await vi.waitFor(
    async () => {
      const made = await computePlan(input, { fresh: true, freshNodes: true });
      expect(made.nodes.map(({ fromVersion }) => fromVersion)).toEqual(["v1.12.11"]);
      return made;
    },
    { timeout: 60_000, interval: 200 },
  );
  const { record, failures } = await runPlan(plan);
  sim.clearFault(node);
  expect(failures).toEqual([]);
  expect(record.nodes[0]?.reason).toMatch(reason);
  expect(record.nodes[0]?.state).toBe(state);
});
