import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { fleet } from "@/lib/inventory/fleet";
import { importTalosconfig } from "@/lib/inventory/import-commands";
import type { NodeView } from "@/lib/inventory/schema";
import { startWatcher, stopWatcher } from "@/lib/inventory/watcher";
import { parseFault } from "@/sim/control/fault";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { demoNodes } from "@/sim/scenario/demo";
import { openLiveNode } from "./live-node-port";
import { livePorts } from "./live-ports";
import { computePlan } from "./preflight";
import { loadRun } from "./records";
import { Runner } from "./runner";
import { planInput, runEvent } from "./schema";
import { defaultTuning } from "./step-context";

setUpTestDatabase();
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const control = ["cp-01", "cp-03"];
const cards = ["gpu-02", "gpu-04", "gpu-06", "gpu-07"];
const names = [...control, "cp-02", ...cards];
let sim: SimFleet;

beforeAll(async () => {
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
  // gpu-04 begins a release earlier, so that every vendor has somewhere to go.
  const scenario = demoNodes
    .filter(({ name }) => names.includes(name))
    .map(({ installExtensions: _other, ...node }) => (node.name === "gpu-04" ? { ...node, release: "v1.13.9" } : node));
  sim = await startFleet({ scenario, speed: 40 });
  process.env.ICHOR_FACTORY_URL = sim.factoryUrl;
  await startWatcher();
  await importTalosconfig(systemContext("test"), { talosconfig: sim.talosconfig });
  await vi.waitFor(() => names.forEach((name) => expect(view(name).ready).toBe(true)), {
    timeout: 40_000,
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

async function reboot(name: string): Promise<void> {
  const port = await openLiveNode(view(name).id, "admin", new AbortController().signal);
  await port.reboot();
  port.close();
}

async function upgrade(name: string, targetVersion: string) {
  // Nodes that were not proven stay cordoned: there is less and less room to drain to.
  const policy = {
    drain: "skip" as const,
    soakMs: 0,
    drainTimeoutMs: 10_000,
    pullStallMs: 20_000,
    returnTimeoutMs: 60_000,
  };
  const plan = await computePlan(planInput.parse({ nodeIds: [view(name).id], targetVersion, policy }));
  expect(plan.nodes.map((node) => node.name)).toEqual([name]);
  const id = `run_${Math.random().toString(36).slice(2)}`;
  await db.upgradeRun.create({
    data: {
      ...{ id, title: "test", state: "planned", plan: JSON.stringify(plan), planHash: plan.hash },
      ...{ targetVersion: plan.hops[0] ?? "", startedById: "user:1", startedByName: "olga" },
      nodes: {
        create: plan.nodes.map((node) => ({
          ...{ id: `${id}_${node.order}`, nodeId: node.nodeId, name: node.name, position: node.order, state: "queued" },
          ...{ image: node.image, flow: node.flow, fromVersion: node.fromVersion, toVersion: node.toVersion },
          ...{ fromSchematicId: node.fromSchematicId, toSchematicId: node.toSchematicId },
        })),
      },
    },
  });
  const failures: unknown[] = [];
  const ports = { ...livePorts(), report: (_message: string, error: unknown) => void failures.push(error) };
  const runner = new Runner(ports, {
    ...defaultTuning,
    heldBootMs: 2_000,
    ...{ pollMs: 50, progressMs: 20, proveTimeoutMs: 4_000, allocatableGraceMs: 6_000, uncordonTimeoutMs: 5_000 },
  });
  runner.wake(id);
  await runner.idle();
  expect(failures).toEqual([]);
  const run = await loadRun(id);
  const rows = await db.upgradeRunEvent.findMany({ where: { runId: id, kind: "proof" }, orderBy: { seq: "asc" } });
  const last = runEvent.parse(JSON.parse(rows.at(-1)?.body ?? "{}"));
  if (last.kind !== "proof") throw new Error("No proof was written.");
  return { run, node: run.nodes[0], checks: last.checks, gpus: last.gpus };
}

test("case 01: i915 was live and bound before, and is not after: the run halts", async () => {
  sim.fault("gpu-06", parseFault("module-not-loaded:i915"));
  const { run, node, checks, gpus } = await upgrade("gpu-06", "v1.13.9");
  sim.clearFault("gpu-06");
  expect(run.state).toBe("halted");
  expect(node).toMatchObject({ state: "failed", flow: "legacy" });
  expect(checks.find(({ id }) => id === "modules")).toMatchObject({
    title: "GPU modules",
    state: "refused",
    detail: expect.stringContaining("i915"),
  });
  expect(checks.find(({ id }) => id === "driver")?.state).toBe("refused");
  expect(node?.reason).toMatch(/i915/);
  expect(node?.reason).toContain("The kernel says: “Loading of module with unavailable key is rejected”");
  expect(gpus).toHaveLength(2);
  expect(gpus[0]?.links.find(({ id }) => id === "driver")).toMatchObject({
    change: "lost",
    before: { state: "proven", evidence: "i915" },
    after: { state: "broken", evidence: "no driver bound" },
  });
});

describe("faults of the simulated fleet, by vendor", () => {
  test.each([
    ["gpu-04", "no-device-node:amdgpu", /GPU device nodes: .*amd|GPU device nodes: .*\/dev\/kfd/],
    ["gpu-07", "card-gone:0", /GPUs on the bus: On the PCI bus: 0 of 1/],
    ["gpu-02", "device-plugin-missing", /GPUs in Kubernetes: .*nvidia\.com\/gpu: 0 of 2/],
  ])("%s with %s is not proven", async (name, fault, reason) => {
    // What no reboot brings on is switched on once the node was read.
    const late = fault === "device-plugin-missing";
    if (!late) sim.fault(name, parseFault(fault));
    const watching = late
      ? vi
          .waitFor(() => expect(view(name).stage).toBe("rebooting"), { timeout: 120_000, interval: 20 })
          .then(() => sim.fault(name, parseFault(fault)))
      : Promise.resolve();
    const { run, node } = await upgrade(name, "v1.14.0");
    await watching;
    sim.clearFault(name);
    expect(run.state).toBe("halted");
    expect(node?.reason).toMatch(reason);
  });
});

describe("case 11: the config asks for nvidia, and the kernel does not load it", () => {
  test("the chain breaks at the modules, names the kernel log, and the service that holds the boot", async () => {
    const id = view("gpu-02").id;
    sim.fault("gpu-02", parseFault("module-not-loaded:nvidia"));
    await reboot("gpu-02");
    await vi.waitFor(
      () => {
        expect(view("gpu-02").passing?.holders).toEqual([
          {
            kind: "service",
            name: "ext-nvidia-persistenced",
            message: 'Waiting for file "/sys/bus/pci/drivers/nvidia" to exist',
          },
        ]);
        expect(view("gpu-02").proofs[0]?.why).toMatch(/config asks for nvidia/);
      },
      { timeout: 60_000, interval: 50 },
    );
    const { proofs, passing } = view("gpu-02");
    expect(proofs[0]?.links[4]).toMatchObject({ id: "modules", state: "broken" });
    expect(proofs[0]?.why).toContain("ext-nvidia-persistenced is not up");
    expect(proofs[0]?.remedy?.action).toEqual({ kind: "kernel-log" });
    expect(proofs[0]?.evidence.join(" ")).toMatch(/key was rejected|is rejected/);
    expect(passing).toMatchObject({ stage: "booting", late: "no" });
    expect(passing?.rebootsAtMs).not.toBeNull();
    expect(fleet().state(id)?.facts.evidence.configModules).toContain("nvidia");
    sim.clearFault("gpu-02");
  });
});

test("a failed volume is told as what holds the boot, until it is mended", async () => {
  sim.fault("gpu-06", parseFault("volume-failed:EPHEMERAL"));
  await reboot("gpu-06");
  const held = () => view("gpu-06").attention.filter(({ kind }) => kind === "held");
  await vi.waitFor(
    () =>
      expect(held()).toMatchObject([
        { tone: "bad", sentence: "Volume EPHEMERAL failed: filesystem type mismatch: vfat != xfs. It holds the boot." },
      ]),
    { timeout: 60_000, interval: 50 },
  );
  sim.clearFault("gpu-06");
  await vi.waitFor(() => expect(view("gpu-06")).toMatchObject({ stage: "running", failedVolumes: [] }), {
    timeout: 60_000,
    interval: 50,
  });
  expect(held()).toEqual([]);
});
