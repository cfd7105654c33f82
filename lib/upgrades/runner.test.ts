import { describe, expect, test, vi } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { loadRun } from "./records";
import { type RunEvent, runEvent } from "./schema";
import { type FakeFaults } from "./testing-fleet";
import { type World, drive, fakeWorld } from "./testing-run";

setUpTestDatabase();
// Seconds on an idle machine; the rest is for a busy one.
vi.setConfig({ testTimeout: 120_000 });

const events = async (world: World): Promise<RunEvent[]> =>
  (await db.upgradeRunEvent.findMany({ where: { runId: world.runId }, orderBy: { seq: "asc" } })).map(({ body }) =>
    runEvent.parse(JSON.parse(body)),
  );
const calls = (world: World, call: string) =>
  world.fleet.trace.filter((entry) => entry.call === call).map(({ node }) => node);
const three = { cp1: { role: "controlplane" }, cp2: { role: "controlplane" }, cp3: { role: "controlplane" } } as const;

describe("a run that goes well", () => {
  test("pulls on all before it cordons one, and takes control planes one at a time", async () => {
    const world = await fakeWorld({ w1: { role: "worker", gpu: true }, w2: { role: "worker" }, ...three });
    await drive(world);
    const run = await loadRun(world.runId);
    expect(run.nodes.map(({ name, state, reason }) => [name, state, reason])).toEqual(
      ["w1", "w2", "cp1", "cp2", "cp3"].map((name) => [name, "done", ""]),
    );
    expect(run.state).toBe("done");
    expect(run.finishedAt).not.toBeNull();
    const order = world.fleet.trace.map(({ call }) => call);
    expect(order.lastIndexOf("pull")).toBeLessThan(order.indexOf("install"));
    expect(order.lastIndexOf("pull")).toBeLessThan(order.indexOf("cordon"));
    expect(calls(world, "reboot")).toEqual(["w1", "w2", "cp1", "cp2", "cp3"]);
    expect(calls(world, "snapshot")).toEqual(["cp1", "cp2", "cp3"]);
    expect(calls(world, "forfeit")).toEqual(["cp1"]);
    expect(world.fleet.violations).toEqual([]);
    expect(world.fleet.nodes.every(({ version, cordoned }) => version === "v1.14.0" && !cordoned)).toBe(true);
    expect(world.reports).toEqual([]);
  });

  test("numbers its events without a gap, says each call before it is made, and audits all of them", async () => {
    const world = await fakeWorld({ w1: { role: "worker" }, cp1: { role: "controlplane" } });
    await drive(world);
    const log = await events(world);
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
    const states = log.flatMap((event) => (event.kind === "node-state" && event.nodeId === "w1" ? [event.state] : []));
    expect(states).toEqual([
      "pulling",
      "pulled",
      "installing",
      "draining",
      "rebooting",
      "proving",
      "uncordoning",
      "soaking",
      "done",
    ]);
    const intents = log.filter(({ kind }) => kind === "call-intent").length;
    expect(log.filter(({ kind }) => kind === "call-outcome")).toHaveLength(intents);
    expect(world.audits.map(({ outcome }) => outcome)).toEqual(Array.from({ length: intents }, () => "succeeded"));
    expect(log.some((event) => event.kind === "installer-line" && event.text === "copying the image")).toBe(true);
    expect(log.some((event) => event.kind === "installer-exit" && event.code === 0)).toBe(true);
    expect(log.some((event) => event.kind === "layers" && event.layers[0]?.offsetBytes === 100)).toBe(true);
    expect(world.frames.filter(({ type }) => type === "run.event")).toHaveLength(log.length);
  });

  test("Talos 1.12 takes the one call, after our own drain", async () => {
    const world = await fakeWorld({
      w1: { role: "worker", version: "v1.12.5" },
      other: { role: "worker", inRun: false },
    });
    await drive(world);
    expect(world.fleet.trace.map(({ call }) => call)).toEqual(["cordon", "upgrade", "uncordon"]);
    expect((await loadRun(world.runId)).nodes[0]).toMatchObject({ state: "done", flow: "legacy" });
  });

  test("a single node is not drained, and a cordon that was there before stays", async () => {
    const alone = await fakeWorld({ cp1: { role: "controlplane" } });
    await drive(alone);
    expect(alone.fleet.trace.map(({ call }) => call)).toEqual(["pull", "snapshot", "install", "reboot"]);
    const world = await fakeWorld({ w1: { role: "worker" }, w2: { role: "worker", inRun: false } });
    world.fleet.node("w1").cordoned = true;
    await drive(world);
    expect(calls(world, "uncordon")).toEqual([]);
    expect(world.fleet.node("w1").cordoned).toBe(true);
  });
});

describe("a run that fails", () => {
  type Case = [name: string, faults: FakeFaults, state: string, reason: RegExp, reboots: number, cordoned: boolean];
  test.each<Case>([
    ["stalled pull", { stalledPull: true }, "failed", /no progress for 1\u00a0min 30\u00a0s/, 0, false],
    [
      "installer that hangs",
      { installerHangs: true },
      "unknown",
      /installer has said nothing for 10\u00a0min: it hangs/,
      0,
      false,
    ],
    ["installer exit 4", { installerExit: 4 }, "failed", /pre-flight checks failed.*Exit code 4/, 0, false],
    [
      "blocked drain",
      { blockedDrain: true },
      "failed",
      /prod\/db-0 may not be evicted: PodDisruptionBudget db/,
      0,
      false,
    ],
    ["refused reboot", { rebootRefused: true }, "failed", /installed, but the restart was refused/, 0, false],
    [
      "fall-back",
      { rollback: true },
      "rolled-back",
      /came back on v1\.13\.4: Talos fell back.*It stays cordoned/,
      1,
      true,
    ],
    [
      "never returns",
      { neverReturns: true },
      "failed",
      /has not come back within 10\u00a0min\. w1 cannot be reached\. It stays cordoned/,
      1,
      true,
    ],
    [
      "a restart that never gets there",
      { stuckReboot: true },
      "failed",
      /stands still: for 10\u00a0min it has said nothing and has not restarted, in the stage rebooting\..* It stays cordoned/,
      1,
      true,
    ],
    [
      "module not live",
      { breaks: [{ link: "modules", driver: "nvidia" }] },
      "failed",
      /GPU modules: .*nvidia: not loaded, nvidia_uvm: not loaded.*stays cordoned/,
      1,
      true,
    ],
  ])("%s halts it with the reason", async (_name, faults, state, reason, reboots, cordoned) => {
    const world = await fakeWorld(
      { w1: { role: "worker", gpu: true, faults }, w2: { role: "worker", gpu: true } },
      faults.stalledPull ? { pullStallMs: 90_000 } : {},
    );
    await drive(world);
    const run = await loadRun(world.runId);
    expect(run.state).toBe("halted");
    expect(run.nodes[0]?.state).toBe(state);
    expect(run.nodes[0]?.reason).toMatch(reason);
    expect(calls(world, "reboot")).toHaveLength(reboots);
    expect(world.fleet.node("w1").cordoned).toBe(cordoned);
    // The other node was pulled at most.
    expect(world.fleet.trace.filter(({ node, call }) => node === "w2" && call !== "pull")).toEqual([]);
    expect(world.reports).toEqual([]);
  });

  test.each<[string, FakeFaults, number]>([
    ["a registry that fails now and then", { failedPulls: 2 }, 3],
    ["a factory that builds the image first", { silentPulls: 1 }, 2],
    ["a node that refuses a question while it starts", { refusedHardware: 2 }, 1],
    ["a disk on which a layer is unpacked for minutes", { unpackMs: 400_000 }, 1],
  ])("%s does not end it", async (_name, faults, pulls) => {
    const world = await fakeWorld({ w1: { role: "worker", faults } }, { pullStallMs: 90_000 });
    await drive(world);
    expect((await loadRun(world.runId)).nodes[0]).toMatchObject({ state: "done", reason: "" });
    expect(calls(world, "pull")).toHaveLength(pulls);
  });

  test("a node that restarts by itself after its proof has not stayed as it was", async () => {
    const specs = { w1: { role: "worker", faults: { restartsAfterProof: true } }, w2: { role: "worker" } } as const;
    const world = await fakeWorld(specs, { soakMs: 120_000 });
    await drive(world);
    const [node] = (await loadRun(world.runId)).nodes;
    expect(node).toMatchObject({ state: "failed", reason: "It was proven, but restarted by itself afterwards." });
  });

  test("a restart that is asked for once more gets its time, too", async () => {
    const world = await fakeWorld({ w1: { role: "worker", faults: { forgottenReboots: 1 } }, w2: { role: "worker" } });
    await drive(world);
    expect((await loadRun(world.runId)).nodes[0]).toMatchObject({ state: "done", reason: "" });
    expect(calls(world, "reboot").filter((name) => name === "w1")).toHaveLength(2);
  });

  test("a member of etcd that is lost between installation and restart: no restart", async () => {
    const world = await fakeWorld({ ...three, cp1: { role: "controlplane", faults: { etcdLostAfterInstall: true } } });
    await drive(world);
    const run = await loadRun(world.runId);
    expect(run.state).toBe("halted");
    expect(run.nodes[0]?.reason).toMatch(/installed, but it was not restarted: 1 of 3 .* cp3 is not healthy/);
    expect(calls(world, "install")).toEqual(["cp1"]);
    expect(calls(world, "reboot")).toEqual([]);
    expect(world.fleet.node("cp1").cordoned).toBe(false);
  });

  test("two members of etcd: nothing is touched", async () => {
    const world = await fakeWorld({ cp1: { role: "controlplane" }, cp2: { role: "controlplane" } });
    await drive(world);
    expect(calls(world, "install")).toEqual([]);
    expect((await loadRun(world.runId)).nodes[0]?.reason).toMatch(/1 of 2 etcd members would stay/);
  });
});
