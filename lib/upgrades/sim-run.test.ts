import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { fleet } from "@/lib/inventory/fleet";
import { importTalosconfig } from "@/lib/inventory/import-commands";
import { assignProfiles } from "@/lib/inventory/profile-commands";
import { startWatcher, stopWatcher } from "@/lib/inventory/watcher";
import type { NodeView } from "@/lib/inventory/schema";
import type { Fault } from "@/sim/control/fault";
import { runOperation } from "@/lib/operation/run-operation";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { demoNodes } from "@/sim/scenario/demo";
import { openLiveNode } from "./live-node-port";
import { planUpgradeRun, startUpgrade } from "./operations";
import { computePlan } from "./preflight";
import { planInput } from "./schema";
import { runPlan } from "./testing-sim-run";

setUpTestDatabase();
// Seconds on an idle machine; the rest is for a busy one.
vi.setConfig({ testTimeout: 120_000 });

const names = ["cp-01", "cp-02", "cp-03", "gpu-02", "gpu-07", "w-01"];
let sim: SimFleet;

beforeAll(async () => {
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
  sim = await startFleet({ scenario: demoNodes.filter(({ name }) => names.includes(name)), speed: 40 });
  process.env.ICHOR_FACTORY_URL = sim.factoryUrl;
  await startWatcher();
  await importTalosconfig(systemContext("test"), { talosconfig: sim.talosconfig });
  await vi.waitFor(() => names.forEach((name) => expect(view(name).ready).toBe(true)), {
    timeout: 20_000,
    interval: 50,
  });
});
afterAll(async () => {
  await stopWatcher();
  await sim?.stop();
  delete process.env.ICHOR_NODE_NETWORKS;
  delete process.env.ICHOR_FACTORY_URL;
});

function view(name: string): NodeView {
  const found = fleet()
    .views()
    .find((node) => node.name === name);
  if (!found) throw new Error(`no node ${name}`);
  return found;
}
const input = (of: string[], targetVersion: string, drain: "evict" | "skip" = "evict") =>
  planInput.parse({
    nodeIds: of.map((name) => view(name).id),
    targetVersion,
    policy: { drain, soakMs: 100, drainTimeoutMs: 3_000, pullStallMs: 5_000, returnTimeoutMs: 30_000 },
  });

const settled = (name: string, version: string) =>
  vi.waitFor(() => expect(view(name)).toMatchObject({ talosVersion: version, ready: true }), {
    timeout: 20_000,
    interval: 50,
  });

test("a GPU worker on 1.13 goes to 1.14 by pull, install, drain, reboot and proof", { timeout: 60_000 }, async () => {
  await assignProfiles(systemContext("test"), { nodeIds: [view("gpu-02").id], profileIds: ["nvidia-open-production"] });
  const recorded = () => view("gpu-02").intent.installImage;
  expect(recorded()).toMatch(/:v1\.13\.9$/);
  const plan = await computePlan(input(["gpu-02"], "v1.14.0"));
  expect(
    [...plan.checks, ...plan.nodes.flatMap(({ checks }) => checks)].filter(({ state }) => state === "refused"),
  ).toEqual([]);
  const { record, events, failures } = await runPlan(plan);
  expect(failures).toEqual([]);
  expect(record.nodes.map(({ state, reason }) => [state, reason])).toEqual([["done", ""]]);
  const kinds = new Set(events.map(({ kind }) => kind));
  for (const kind of ["layers", "installer-line", "installer-exit", "drain", "sequence", "proof"])
    expect([...kinds]).toContain(kind);
  const proof = events.findLast((event) => event.kind === "proof");
  expect(proof?.kind === "proof" && proof.checks.filter(({ state }) => state !== "ok")).toEqual([]);
  await settled("gpu-02", "v1.14.0");
  // What a config or a network boot would bring from now on is what it has now.
  await vi.waitFor(() => expect(recorded()).toBe(plan.nodes[0]?.image));
  expect(recorded()).toMatch(/:v1\.14\.0$/);
});

test("Talos 1.12 takes the one call, and its phases are shown", { timeout: 60_000 }, async () => {
  const plan = await computePlan(input(["w-01"], "v1.14.0"));
  expect(plan.hops).toEqual(["v1.13.9", "v1.14.0"]);
  const { record, events, failures } = await runPlan(plan);
  expect(failures).toEqual([]);
  expect(record.nodes.map(({ state, reason, flow }) => [state, reason, flow])).toEqual([["done", "", "legacy"]]);
  expect(events.flatMap((event) => (event.kind === "sequence" ? [event.text] : [])).join("\n")).toMatch(
    /upgrade: start/,
  );
  await settled("w-01", "v1.13.9");
});

test("another machine at a node's address is not taken for the node", async () => {
  const [mine, other] = [view("gpu-07"), view("w-01")];
  const at = (address: string) => db.node.update({ where: { id: mine.id }, data: { address } });
  const { signal } = new AbortController();
  await db.node.update({ where: { id: other.id }, data: { address: null } });
  await at(other.address);
  await expect(openLiveNode(mine.id, "admin", signal)).rejects.toMatchObject({
    code: "unavailable",
    message: `Another machine answers at ${other.address}.`,
  });
  await at(mine.address);
  await db.node.update({ where: { id: other.id }, data: { address: other.address } });
  (await openLiveNode(mine.id, "admin", signal)).close();
});

test("a schematic that only runs is asked for at the factory, also where its document is stored", async () => {
  const id = view("gpu-07").runningSchematicId ?? "";
  // The import has stored its document; whether the factory has it is to be asked anew.
  const { count } = await db.schematic.updateMany({ where: { id }, data: { registeredAt: null } });
  expect(count).toBe(1);
  const { nodes } = await computePlan(input(["gpu-07"], "v1.14.0"));
  expect(nodes[0]?.checks.find((check) => check.id === "registered")).toMatchObject({ state: "ok" });
});

test("a plan that goes back is refused, and a start needs the role and the plan that was shown", async () => {
  const plan = await computePlan(input(["gpu-07", "cp-01"], "v1.13.9"));
  expect(plan.refused).toBe(true);
  expect(plan.skipped.map(({ reason }) => reason).join()).toMatch(/going back/);
  const wanted = input(["gpu-07"], "v1.14.0");
  const asked = { ...wanted, planHash: "0".repeat(64) };
  const as = (role: "viewer" | "operator") =>
    runOperation(startUpgrade, { kind: "user", id: role, name: role, role }, asked, {
      requestId: "request_1",
      origin: "api",
    });
  expect(await as("viewer")).toMatchObject({ ok: false, error: { code: "forbidden" } });
  expect(await as("operator")).toMatchObject({
    ok: false,
    error: { code: "conflict", message: expect.stringMatching(/plan has changed/) },
  });
  const shown = await runOperation(planUpgradeRun, { kind: "user", id: "v", name: "v", role: "viewer" }, wanted, {
    requestId: "request_2",
    origin: "api",
  });
  expect(shown).toMatchObject({ ok: true, data: { hops: ["v1.14.0"] } });
  expect(await db.upgradeRun.count({ where: { state: "planned" } })).toBe(0);
});

test.each<[string, Fault, string, RegExp, "evict" | "skip"]>([
  ["stalled pull", { kind: "stalled-pull" }, "failed", /no progress/, "evict"],
  ["installer exit 4", { kind: "installer-exit", code: 4 }, "failed", /Exit code 4/, "evict"],
  ["blocked drain", { kind: "blocked-drain" }, "failed", /may not be evicted: PodDisruptionBudget/, "evict"],
  ["rollback", { kind: "rollback" }, "rolled-back", /Talos fell back/, "skip"],
])("%s halts the run with the reason", { timeout: 90_000 }, async (_name, fault, state, reason, drain) => {
  await settled("gpu-07", "v1.13.9");
  sim.fault("gpu-07", fault);
  const { record, failures } = await runPlan(await computePlan(input(["gpu-07"], "v1.14.0", drain)));
  sim.clearFault("gpu-07");
  expect(failures).toEqual([]);
  expect(record.state).toBe("halted");
  expect(record.nodes[0]?.reason).toMatch(reason);
  expect(record.nodes[0]?.state).toBe(state);
  if (state !== "rolled-back") return;
  await vi.waitFor(() => expect(view("gpu-07").attention.map(({ kind }) => kind)).toContain("rolled-back"), {
    timeout: 20_000,
  });
});

test("a control plane is guarded by etcd, and a snapshot is stored first", { timeout: 60_000 }, async () => {
  sim.fault("cp-02", { kind: "etcd-member-lost" });
  const refused = await computePlan(input(["cp-03"], "v1.14.0"));
  expect(refused.checks.find(({ id }) => id === "etcd")?.state).toBe("refused");
  sim.clearFault("cp-02");
  await vi.waitFor(async () => expect((await computePlan(input(["cp-03"], "v1.14.0"))).refused).toBe(false), {
    timeout: 20_000,
  });
  const { record, events, failures } = await runPlan(await computePlan(input(["cp-03"], "v1.14.0")));
  expect(failures).toEqual([]);
  expect(record.nodes.map(({ state, reason: why }) => [state, why])).toEqual([["done", ""]]);
  expect(events.some((event) => event.kind === "note" && /etcd snapshot .*\.snapshot stored/.test(event.text))).toBe(
    true,
  );
});
