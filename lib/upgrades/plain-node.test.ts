import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { imageFactory } from "@/lib/image-factory/factory";
import { importTalosconfig } from "@/lib/inventory/import-commands";
import { named } from "@/lib/inventory/testing-fleet";
import { startWatcher, stopWatcher } from "@/lib/inventory/watcher";
import { emptySchematicId } from "@/lib/schematic/canonical";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { extensionStatuses, imageFactorySchematics } from "@/sim/resources/kinds/extensions";
import { demoNodes } from "@/sim/scenario/demo";
import { planWithFacts } from "./preflight";
import { registerForRun } from "./register-images";
import { planInput, type UpgradePlan } from "./schema";

setUpTestDatabase();
// Seconds on an idle machine; the rest is for a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const names = ["cp-01", "gpu-02", "w-01"];
let sim: SimFleet;
const ctx = systemContext("test");

beforeAll(async () => {
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
  sim = await startFleet({ scenario: demoNodes.filter(({ name }) => names.includes(name)), speed: 40 });
  process.env.ICHOR_FACTORY_URL = sim.factoryUrl;
  await startWatcher();
  await importTalosconfig(ctx, { talosconfig: sim.talosconfig });
  await vi.waitFor(() => names.forEach((name) => expect(named(name).ready).toBe(true)), {
    timeout: 30_000,
    interval: 50,
  });
});
afterAll(async () => {
  await stopWatcher();
  await sim?.stop();
  delete process.env.ICHOR_NODE_NETWORKS;
  delete process.env.ICHOR_FACTORY_URL;
});

const planOf = (name: string) =>
  planWithFacts(planInput.parse({ nodeIds: [named(name).id], targetVersion: "v1.14.0" }), {
    fresh: true,
    freshNodes: true,
  });
const refusals = (plan: UpgradePlan) =>
  [...plan.checks, ...plan.nodes.flatMap(({ checks }) => checks)].filter(({ state }) => state === "refused");
const registered = (plan: UpgradePlan) => plan.nodes[0]?.checks.find(({ id }) => id === "registered");

test("a node of a plain installer, with a factory that has nothing yet: planned, and registered when the run starts", async () => {
  const machine = sim.world.nodes.get("w-01");
  // Its image was made without a factory: it names no schematic.
  machine?.resources.replace(extensionStatuses, new Map());
  machine?.resources.remove(imageFactorySchematics, "image-factory-schematic");
  sim.world.schematics.forget(emptySchematicId);
  // The record of the import goes as well: nothing is known of it but what it runs.
  await db.node.update({ where: { id: named("w-01").id }, data: { schematicId: null, installImage: null } });
  await stopWatcher();
  await startWatcher();
  await vi.waitFor(
    () =>
      expect(named("w-01")).toMatchObject({
        runningSchematicId: null,
        ready: true,
        reachability: { state: "reachable" },
      }),
    { timeout: 30_000, interval: 50 },
  );
  const { plan, facts } = await planOf("w-01");
  expect(refusals(plan)).toEqual([]);
  expect(plan.nodes[0]).toMatchObject({ toSchematicId: emptySchematicId, hops: ["v1.13.9", "v1.14.0"] });
  expect(registered(plan)).toMatchObject({
    state: "ok",
    detail: expect.stringMatching(/registered there when the run starts/) as unknown,
  });
  await registerForRun(ctx, plan, facts);
  expect(await imageFactory().schematic(emptySchematicId)).toBe(sim.world.schematics.get(emptySchematicId)?.canonical);
  expect(registered((await planOf("w-01")).plan)).toMatchObject({ state: "ok", detail: "The image factory knows it." });
});

describe("a factory that was emptied", () => {
  test("is given again what the nodes carry themselves, and its answer is compared", async () => {
    const id = named("gpu-02").runningSchematicId ?? "";
    expect(registered((await planOf("gpu-02")).plan)).toMatchObject({ detail: "The image factory knows it." });
    sim.world.schematics.forget(id);
    const { plan, facts } = await planOf("gpu-02");
    expect(refusals(plan)).toEqual([]);
    expect(registered(plan)).toMatchObject({
      state: "ok",
      detail: expect.stringMatching(/does not have it now/) as unknown,
    });
    await registerForRun(ctx, plan, facts);
    expect(sim.world.schematics.get(id)?.id).toBe(id);
  });
});
