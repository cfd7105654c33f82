import { describe, expect, test, vi } from "vitest";
import { AppError, StorageUnavailable } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { claimRun, leaseMs } from "./lease";
import type { KubernetesPort, NodePort, PullFrame, RunnerPorts } from "./ports";
import { loadRun } from "./records";
import { Runner } from "./runner";
import { runEvent, type UpgradePolicy } from "./schema";
import { defaultTuning } from "./step-context";
import { talosError } from "./testing-fleet";
import { fakeWorld, newSchematic, type World } from "./testing-run";

setUpTestDatabase();
// Seconds on an idle machine; the rest is for a busy one.
vi.setConfig({ testTimeout: 120_000 });

/** Drives a world's run, with some of what is outside replaced. */
async function driveWith(world: World, changed: (ports: RunnerPorts) => Partial<RunnerPorts>) {
  const ports = world.ports();
  const runner = new Runner({ ...ports, ...changed(ports) }, { ...defaultTuning, pollMs: 1_000, progressMs: 500 });
  runner.wake(world.runId);
  await world.clock.until(runner.idle());
  return (await loadRun(world.runId)).nodes[0];
}
const withNode = (change: (port: NodePort) => Partial<NodePort>) => (ports: RunnerPorts) => ({
  openNode: async (...args: Parameters<RunnerPorts["openNode"]>) => {
    const port = await ports.openNode(...args);
    return new Proxy(port, {
      get: (target, key) => Reflect.get({ ...change(target) }, key) ?? Reflect.get(target, key),
    });
  },
});
const notesOf = async (world: World) =>
  (await db.upgradeRunEvent.findMany({ where: { runId: world.runId, kind: "note" } })).map(({ body }) => {
    const event = runEvent.parse(JSON.parse(body));
    return event.kind === "note" ? event.text : "";
  });
const traced = (world: World, call: string) => world.fleet.trace.filter((entry) => entry.call === call).length;
const twoNodes = (version: string, policy: Partial<UpgradePolicy> = {}) =>
  fakeWorld({ w1: { role: "worker", version }, other: { role: "worker", inRun: false } }, policy);

describe("the one call of Talos 1.12", () => {
  test("that never left us is no upgrade: the node is given back at once, and may be tried again", async () => {
    const world = await twoNodes("v1.12.5");
    const row = await driveWith(world, (ports) => ({
      async openNode(...args) {
        const last = world.audits.at(-1);
        if (last?.action === "node.upgrade" && last.outcome === null)
          throw talosError("unreachable", "w1 cannot be reached.");
        return ports.openNode(...args);
      },
    }));
    expect(row).toMatchObject({ state: "failed", installBootId: null, cordonedByUs: false });
    expect(row?.reason).toBe("w1 cannot be reached.");
    expect(world.fleet.node("w1").cordoned).toBe(false);
    expect(traced(world, "upgrade")).toBe(0);
  });

  test("whose answer was lost is followed to its end", async () => {
    const world = await twoNodes("v1.12.5");
    const lost = withNode((port) => ({
      async upgradeLegacy(image) {
        await port.upgradeLegacy(image);
        throw talosError("unreachable", "The connection was lost.");
      },
    }));
    expect(await driveWith(world, lost)).toMatchObject({ state: "done", flow: "legacy" });
    expect(traced(world, "upgrade")).toBe(1);
  });
});

describe("a drain that Kubernetes does not allow", () => {
  /** The first drain fails, every later one works. */
  const drainAfter = async (error: AppError) => {
    const world = await twoNodes("v1.13.4", { drainTimeoutMs: 24 * 3_600_000 });
    let asked = 0;
    const row = await driveWith(world, (ports) => ({
      async openKubernetes(...args) {
        const port = await ports.openKubernetes(...args);
        const drain: KubernetesPort["drain"] = async (...of) => {
          if (++asked === 1) throw error;
          return port.drain(...of);
        };
        return new Proxy(port, { get: (target, key) => (key === "drain" ? drain : Reflect.get(target, key)) });
      },
    }));
    return { row, asked };
  };

  test("fails with its reason at the first answer", async () => {
    const { row, asked } = await drainAfter(
      new AppError("refused", "Kubernetes refused to evict.", { hint: "Do it." }),
    );
    expect(asked).toBe(1);
    expect(row).toMatchObject({
      state: "failed",
      reason: "It could not be drained: Kubernetes refused to evict. Do it.",
    });
  });

  test("while an API that is away is asked again", async () => {
    const { row, asked } = await drainAfter(new AppError("unavailable", "Its API cannot be reached."));
    expect(asked).toBe(2);
    expect(row?.state).toBe("done");
  });
});

describe("the same image again", () => {
  const onTarget = async (repairs: string[]) => {
    const world = await twoNodes("v1.14.0");
    world.fleet.node("w1").schematicId = newSchematic;
    const { plan } = await loadRun(world.runId);
    const nodes = plan.nodes.map((node) => ({ ...node, repairs, fromSchematicId: newSchematic }));
    await db.upgradeRun.update({ where: { id: world.runId }, data: { plan: JSON.stringify({ ...plan, nodes }) } });
    await db.upgradeRunNode.updateMany({ where: { runId: world.runId }, data: { fromSchematicId: newSchematic } });
    return world;
  };

  test("is installed, booted and proven where it repairs something", async () => {
    const world = await onTarget(["the extension iscsi-tools"]);
    expect(await driveWith(world, () => ({}))).toMatchObject({ state: "done", reason: "" });
    expect([traced(world, "install"), traced(world, "reboot"), world.fleet.node("w1").boot]).toEqual([1, 1, 2]);
  });

  test("is skipped where it would change nothing", async () => {
    const world = await onTarget([]);
    expect(await driveWith(world, () => ({}))).toMatchObject({ state: "skipped" });
    expect(world.fleet.trace).toEqual([]);
  });

  test("and one that the node holds already is said not to be fetched again", async () => {
    const world = await twoNodes("v1.13.4");
    const held = withNode(() => ({
      async *pull(image): AsyncGenerator<PullFrame> {
        yield { kind: "pulled", name: image };
      },
    }));
    expect(await driveWith(world, held)).toMatchObject({ state: "done" });
    expect((await notesOf(world)).join("\n")).toMatch(/holds this image already.*If its tag was moved/);
    const fetched = await twoNodes("v1.13.4");
    await driveWith(fetched, () => ({}));
    expect((await notesOf(fetched)).join("\n")).not.toMatch(/holds this image already/);
  });
});

describe("one call that is lost on the way", () => {
  const lost = () => talosError("unreachable", "The connection was lost.");
  /** Loses the first `times` answers of what is asked for, and no other. */
  const losing = (times: number) => {
    let left = times;
    return <T>(ask: () => Promise<T>): Promise<T> => (left-- > 0 ? Promise.reject(lost()) : ask());
  };

  test.each([1, 3])("while the cards are read before the run, %i times: it is asked again", async (times) => {
    const world = await twoNodes("v1.13.4");
    const ask = losing(times);
    const row = await driveWith(
      world,
      withNode((port) => ({ readHardware: () => ask(() => port.readHardware()) })),
    );
    expect(row).toMatchObject({ state: "done", reason: "" });
  });

  test("and a node that stays away fails, untouched", async () => {
    const world = await twoNodes("v1.13.4");
    const row = await driveWith(
      world,
      withNode(() => ({ readHardware: () => Promise.reject(lost()) })),
    );
    expect(row).toMatchObject({ state: "failed", reason: "The connection was lost." });
    expect(world.fleet.trace).toEqual([]);
  });

  test("while etcd is asked whether it can lose a member: it is asked again", async () => {
    const plane = { role: "controlplane", version: "v1.13.4" } as const;
    const world = await fakeWorld({ w1: plane, cp2: { ...plane, inRun: false }, cp3: { ...plane, inRun: false } });
    const ask = losing(1);
    const row = await driveWith(world, (ports) => ({
      readEtcd: (...args) => ask(() => ports.readEtcd(...args)),
    }));
    expect(row).toMatchObject({ state: "done", reason: "" });
  });
});

describe("Ichor's own database", () => {
  const away = new StorageUnavailable("The disk of Ichor's database is full.", "Make room.");

  test.each(["auditIntent", "auditOutcome", "openNode", "clusterOf", "profilesOf", "openKubernetes"] as const)(
    "that fails at every call of %s says nothing of the node: the run waits, and goes on when it can",
    async (port) => {
      const world = await twoNodes("v1.13.4");
      for (let failAt = 1; failAt < 40; failAt += 5) {
        let calls = 0;
        await driveWith(world, (ports) => ({
          [port]: async (...args: unknown[]) => {
            if (++calls >= failAt) throw away;
            return (ports[port] as (...given: unknown[]) => unknown)(...args);
          },
        }));
        const run = await loadRun(world.runId);
        expect(run.nodes.map(({ state, reason }) => [state, reason]).flat()).not.toContain("unknown");
        expect(["planned", "running", "done"]).toContain(run.state);
      }
      await driveWith(world, () => ({}));
      const run = await loadRun(world.runId);
      expect([run.state, run.nodes[0]?.state, run.nodes[0]?.reason]).toEqual(["done", "done", ""]);
      expect(traced(world, "reboot")).toBe(1);
      expect(world.fleet.node("w1").cordoned).toBe(false);
    },
  );
});

test("events that break in a way nobody expected are told, and the run goes on", async () => {
  const world = await twoNodes("v1.13.4");
  const row = await driveWith(
    world,
    withNode(() => ({
      async *sequence() {
        yield { id: "1", text: "reboot: start", sign: { what: "started", sequence: "reboot" } };
        throw new RangeError("Invalid array length");
      },
    })),
  );
  expect(row).toMatchObject({ state: "done", reason: "" });
  expect(world.reports.map(String)).toContain("RangeError: Invalid array length");
});

describe("the lease, while a node takes long", () => {
  const slow = { role: "worker", faults: { unpackMs: 5 * 60_000 } } as const;

  test("is renewed all the time: nobody else gets the run", async () => {
    const world = await fakeWorld({ w1: slow, other: { role: "worker", inRun: false } });
    const claims: (number | null)[] = [];
    await driveWith(world, (ports) => ({
      publish(frame) {
        ports.publish(frame);
        if (frame.type === "run.event" && frame.event.kind === "layers")
          void claimRun(world.runId, "elsewhere|1|x", world.clock.nowMs()).then((fence) => claims.push(fence));
      },
    }));
    expect(new Set(claims)).toEqual(new Set([null]));
    expect((await loadRun(world.runId)).state).toBe("done");
  });

  test("that another has taken meanwhile is noticed at the next renewal, and the work stops", async () => {
    const world = await fakeWorld({ w1: slow, other: { role: "worker", inRun: false } });
    let taken = false;
    const row = await driveWith(world, (ports) => ({
      publish(frame) {
        ports.publish(frame);
        if (taken || frame.type !== "run.event" || frame.event.kind !== "layers") return;
        taken = true;
        void claimRun(world.runId, "elsewhere|1|x", world.clock.nowMs() + 2 * leaseMs);
      },
    }));
    expect(row?.state).toBe("pulling");
    expect(await loadRun(world.runId)).toMatchObject({ leaseOwner: "elsewhere|1|x", fence: 2 });
    expect(traced(world, "install")).toBe(0);
  });
});

describe("a runner that dies between its intent and the reboot call", () => {
  test.each([60_000, 120_000, 600_000, 3_600_000])(
    "is followed by one that asks again, with %i ms for the return",
    async (returnTimeoutMs) => {
      const world = await twoNodes("v1.13.4", { returnTimeoutMs, stallMs: returnTimeoutMs });
      const dead = new Error("killed");
      await driveWith(world, (ports) => ({
        auditIntent: async (entry) => {
          if (entry.action === "node.reboot") throw new StorageUnavailable("killed", "", { cause: dead });
          return ports.auditIntent(entry);
        },
      }));
      expect(traced(world, "reboot")).toBe(0);
      expect((await loadRun(world.runId)).nodes[0]).toMatchObject({ state: "rebooting" });
      const row = await driveWith(world, () => ({}));
      expect([row?.state, row?.reason]).toEqual(["done", ""]);
      expect(traced(world, "reboot")).toBe(1);
    },
  );
});

test("a node that is powered off while it is drained is told at once, and named where the drain does not end", async () => {
  const world = await twoNodes("v1.13.4", { drainTimeoutMs: 300_000 });
  world.fleet.node("w1").faults.blockedDrain = true;
  const row = await driveWith(world, (ports) => ({
    async openNode(...args) {
      const draining = world.audits.some(({ action, outcome }) => action === "node.drain" && outcome === null);
      if (draining) throw talosError("unreachable", "w1 cannot be reached.");
      return ports.openNode(...args);
    },
  }));
  expect(row?.state).toBe("failed");
  expect(row?.reason).toContain("The drain did not end within 5\u00a0min.");
  expect(row?.reason).toContain("The node itself cannot be reached");
  expect((await notesOf(world)).filter((text) => text.includes("cannot be reached while it is drained"))).toHaveLength(
    1,
  );
});
