import { beforeEach, describe, expect, test } from "vitest";
import { heldGauges } from "@/lib/api/held-metrics";
import { hub } from "@/lib/live/hub";
import { createFleet } from "../fleet";
import type { NodeFacts } from "../facts";
import { volumeFacts } from "../node-readings";
import type { MachineStage, NodeService } from "../schema";
import { testFacts, testRecord } from "../testing";
import { passingStages } from "./schema";
import { bootTimeoutMs, stageLimitsMs } from "./watch";

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 10, 30, 12);
const message = 'Waiting for file "/sys/bus/pci/drivers/nvidia" to exist';
const service = (id: string, state: string, lastMessage = "", healthy: boolean | null = null): NodeService => ({
  id,
  state,
  healthy,
  lastMessage,
  lastChangeMs: null,
});
const kubelet = service("kubelet", "Running", "Health check successful", true);
const persistenced = service("ext-nvidia-persistenced", "Waiting", message);

let nowMs = startMs;
beforeEach(() => {
  nowMs = startMs;
});

/** A node that has just begun to boot, in a fleet whose time is the test's. */
function bootingNode(facts: Partial<NodeFacts> = {}) {
  const fleet = createFleet({ now: () => nowMs });
  fleet.put(testRecord(), testFacts({ readAtMs: startMs - minuteMs }));
  fleet.apply("node_1", { kind: "reached", atMs: nowMs, certificateExpiresMs: null, fingerprint: null });
  const read = (changes: Partial<NodeFacts>) => fleet.apply("node_1", { kind: "facts", atMs: nowMs, facts: changes });
  read({
    stage: "booting",
    ready: true,
    bootId: "boot-2",
    unmetConditions: [],
    services: [kubelet, persistenced],
    ...facts,
  });
  const view = () => {
    const found = fleet.view("node_1");
    if (!found) throw new Error("The node is gone.");
    return found;
  };
  const held = () => view().attention.filter(({ kind }) => kind === "held");
  return { fleet, read, view, held };
}

describe("a boot", () => {
  test("that a service holds is named from the start, without alarm from a minute on, and with one after five", () => {
    const { view, held } = bootingNode();
    expect(view().passing?.holders).toEqual([{ kind: "service", name: "ext-nvidia-persistenced", message }]);
    expect(held()).toEqual([]);
    nowMs = startMs + minuteMs;
    expect(held()).toMatchObject([{ tone: "info" }]);
    nowMs = startMs + 5 * minuteMs - 1;
    expect(held()).toMatchObject([{ tone: "info" }]);
    nowMs = startMs + 5 * minuteMs + 6_000;
    expect(held()).toMatchObject([
      {
        tone: "bad",
        sentence: `Booting for 5 min. Held by ext-nvidia-persistenced: ${message}.`,
        detail: expect.stringMatching(/Talos reboots it in about 1 h 4 min\.$/),
      },
    ]);
    expect(held()[0]?.remedy.kind).toBe("open-services");
  });

  test("that ends in time is nobody's business", () => {
    const { read, view, held } = bootingNode();
    nowMs = startMs + 4 * minuteMs;
    read({ stage: "running", services: [kubelet] });
    nowMs = startMs + 60 * minuteMs;
    expect(view().passing).toBeNull();
    expect(held()).toEqual([]);
  });

  test("is told to browsers as time passes, though nothing is read, and once per state", () => {
    const { fleet } = bootingNode();
    const told: string[] = [];
    const subscription = hub().publishLater.bind(hub());
    hub().publishLater = (key, make) => void told.push(key, make()?.type ?? "");
    try {
      fleet.tick();
      told.length = 0;
      fleet.tick();
      expect(told).toEqual([]);
      nowMs = startMs + 5 * minuteMs + 6_000;
      fleet.tick();
      expect(told).toEqual(["node:node_1", "node.upsert"]);
      fleet.tick();
      expect(told).toHaveLength(2);
    } finally {
      hub().publishLater = subscription;
    }
  });

  test("counts from when the node booted, where Ichor saw it late; a clock that is wrong is not believed", () => {
    const { view, read } = bootingNode();
    read({ bootedAtMs: startMs - 20 * minuteMs, servicesSinceMs: startMs - 19 * minuteMs });
    expect(view().passing).toMatchObject({
      sinceMs: startMs - 20 * minuteMs,
      late: "overdue",
      rebootsAtMs: startMs - 19 * minuteMs + bootTimeoutMs,
    });
    read({ bootedAtMs: 0, servicesSinceMs: 0 });
    expect(view().passing).toMatchObject({ sinceMs: startMs, late: "no", rebootsAtMs: startMs + bootTimeoutMs });
    read({ bootedAtMs: startMs + 3_600_000 });
    expect(view().passing).toMatchObject({ sinceMs: startMs });
  });

  test("that began anew is counted anew", () => {
    const { read, view } = bootingNode();
    nowMs = startMs + 30 * minuteMs;
    read({ bootId: "boot-3", stage: "booting" });
    expect(view().passing).toMatchObject({ sinceMs: nowMs, late: "no" });
  });

  test("no reboot is foretold before its services are loaded, nor with panic=0", () => {
    const early = bootingNode({ services: [service("machined", "Running", "", true)] });
    nowMs = startMs + 6 * minuteMs;
    expect(early.view().passing).toMatchObject({ late: "overdue", rebootsAtMs: null });
    expect(early.held()[0]?.detail).not.toMatch(/reboots it/);
    nowMs = startMs;
    const never = bootingNode({ kernelCmdline: "talos.platform=metal panic=0 console=tty0" });
    expect(never.view().passing?.rebootsAtMs).toBeNull();
    const other = bootingNode({ kernelCmdline: "panic=05" });
    expect(other.view().passing?.rebootsAtMs).not.toBeNull();
  });

  test.each<[string, Partial<NodeFacts>, RegExp]>([
    [
      "a service that runs and is not healthy",
      { services: [service("kubelet", "Running", "connection refused", false)] },
      /Held by kubelet: connection refused\.$/,
    ],
    [
      "a service, whatever conditions are not met meanwhile",
      { unmetConditions: [{ name: "nodeReady", reason: "status is not available yet" }] },
      /Held by ext-nvidia-persistenced: [^;]*\.$/,
    ],
    [
      "a condition",
      { services: [kubelet], unmetConditions: [{ name: "nodeReady", reason: "node is not ready" }] },
      /Held by nodeReady: node is not ready\.$/,
    ],
    ["nothing that is named", { services: [kubelet] }, /No service or condition is named that holds it\.$/],
    [
      "etcd, as a real control plane words it before its bootstrap",
      { services: [kubelet, service("etcd", "Preparing", "Running pre state")] },
      /Held by etcd: Running pre state\.$/,
    ],
  ])("held by %s", (_name, facts, sentence) => {
    const { held } = bootingNode(facts);
    nowMs = startMs + 6 * minuteMs;
    expect(held()[0]?.sentence).toMatch(sentence);
  });

  test("that a finished or skipped service is part of is not held by it", () => {
    const { view } = bootingNode({
      services: [kubelet, service("ext-nvidia-cdi-gen", "Finished"), service("ext-x", "Skipped")],
    });
    expect(view().passing?.holders).toEqual([]);
  });

  test("of a node that a run holds is the run's to watch", () => {
    const { fleet, held } = bootingNode();
    fleet.apply("node_1", { kind: "run", runId: "run_1" });
    nowMs = startMs + 30 * minuteMs;
    expect(held()).toEqual([]);
  });
});

describe("every stage that passes", () => {
  test.each(passingStages)("%s has a limit of its own, after which it is not fine", (stage) => {
    const { read, held, view } = bootingNode();
    read({ stage: "running" });
    read({ stage, services: [kubelet] });
    nowMs = startMs + stageLimitsMs[stage] - 1;
    expect(held()).toEqual([]);
    nowMs = startMs + stageLimitsMs[stage] + 5_000;
    expect(held()).toMatchObject([{ tone: "bad" }]);
    expect(view().passing?.rebootsAtMs === null).toBe(stage !== "booting");
  });

  test.each(["running", "maintenance", "unknown"] as MachineStage[])("%s is none of them", (stage) => {
    const { read, view } = bootingNode();
    read({ stage });
    expect(view().passing).toBeNull();
  });
});

describe("a volume that failed", () => {
  const failedVolumes = [{ id: "u-data", error: "filesystem type mismatch: vfat != xfs" }];

  test("is read as the node words it", () => {
    const items = [
      { id: "META", spec: { phase: "missing", errorMessage: "" } },
      { id: "u-data", spec: { phase: "failed", errorMessage: "no space" } },
    ] as unknown as Parameters<typeof volumeFacts>[0];
    expect(volumeFacts(items)).toEqual({ failedVolumes: [{ id: "u-data", error: "no space" }] });
  });

  test("is told at once as what holds the boot", () => {
    const { held, view } = bootingNode({ failedVolumes, services: [] });
    expect(held()).toMatchObject([
      { tone: "bad", sentence: "Volume u-data failed: filesystem type mismatch: vfat != xfs. It holds the boot." },
    ]);
    expect(view().passing).toMatchObject({ rebootsAtMs: null, holders: [{ kind: "volume", name: "u-data" }] });
  });

  test("is told of a node that runs, too, and forgotten with the boot", () => {
    const { read, held } = bootingNode({ failedVolumes });
    read({ stage: "running" });
    expect(held()[0]?.sentence).toBe("Volume u-data failed: filesystem type mismatch: vfat != xfs.");
    read({ bootId: "boot-3" });
    expect(held()).toEqual([]);
  });
});

describe("the metrics", () => {
  test("say what holds a node and when Talos reboots it, with a node's words escaped", () => {
    const { view } = bootingNode();
    expect(heldGauges([view()], nowMs)).not.toContain("{");
    nowMs = startMs + 6 * minuteMs;
    const text = heldGauges([view()], nowMs);
    expect(text).toContain('ichor_node_stage_overdue_seconds{node="rack-1",stage="booting"} 360\n');
    expect(text).toContain(
      'ichor_node_held_by{node="rack-1",stage="booting",kind="service",name="ext-nvidia-persistenced",message="Waiting for file \\"/sys/bus/pci/drivers/nvidia\\" to exist"} 1\n',
    );
    expect(text).toContain(`ichor_node_reboots_timestamp_seconds{node="rack-1"} ${(startMs + bootTimeoutMs) / 1000}\n`);
  });

  test("tell of failed volumes, and no line can be smuggled in", () => {
    const { view } = bootingNode({ failedVolumes: [{ id: "u-a", error: 'bad\nichor_nodes{state="x"} 9 \\' }] });
    const text = heldGauges([view()], nowMs);
    expect(text).toContain('volume="u-a",message="bad ichor_nodes{state=\\"x\\"} 9 \\\\"} 1\n');
    expect(text.split("\n").filter((line) => line.startsWith("ichor_nodes"))).toEqual([]);
  });
});
