import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { type Ctx, proveRole } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { withTransaction } from "@/lib/db/transaction";
import { fleet } from "@/lib/inventory/fleet";
import type { HoldingOperation } from "@/lib/inventory/guard/disturbance";
import { holdNode } from "@/lib/inventory/guard/hold-node";
import { refuseHeldNodes } from "@/lib/inventory/guard/holds";
import { HoldKeeper } from "@/lib/inventory/guard/keeper";
import { readClusterEtcd } from "@/lib/inventory/guard/read-etcd";
import { testFacts, testRecord } from "@/lib/inventory/testing";
import type { TalosClient } from "@/lib/talos/client";
import { askOfRun } from "./commands";
import { livePlaneHolds } from "./live-hold";
import { nodePhase } from "./machine";
import { refuseOverlap } from "./overlap";
import { loadRun } from "./records";
import type { RunRequest } from "./run-machine";
import { Runner } from "./runner";
import { defaultTuning } from "./step-context";
import { type World, fakeWorld } from "./testing-run";

const wake = vi.hoisted(() => ({ runner: null as { wake: (runId: string) => void } | null }));
vi.mock("./upgrade-runner", () => ({ upgradeRunner: () => ({ wake: (id: string) => wake.runner?.wake(id) }) }));
vi.mock("@/lib/inventory/guard/read-etcd", () => ({ readClusterEtcd: vi.fn() }));
vi.mock("@/lib/inventory/guard/keeper", async (original) => ({ ...(await original()), lookAtHolds: vi.fn() }));
setUpTestDatabase();
// Seconds on an idle machine; the rest is for a busy one.
vi.setConfig({ testTimeout: 400_000 });
afterEach(() => void vi.restoreAllMocks());

const specs = {
  w1: { role: "worker" },
  cp1: { role: "controlplane" },
  cp2: { role: "controlplane" },
  cp3: { role: "controlplane" },
} as const;
const names = Object.keys(specs);
const clusterId = "cluster";

type Wish =
  | { do: "start" | RunRequest }
  | { do: "node.reboot" | "node.apply-config" | "node.cordon" | "node.uncordon"; node: string };
type Step = { who: string; waitMs: number; wish: Wish };

const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ do: "start" } as const) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("pause", "resume", "cancel", "retry") }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom("node.reboot", "node.apply-config", "node.cordon", "node.uncordon"),
      node: fc.constantFrom(...names),
    }),
  },
);
const steps = fc.array(
  fc.record({ who: fc.constantFrom("olga", "ben"), waitMs: fc.constantFrom(0, 700, 5_000, 30_000, 120_000), wish }),
  { minLength: 3, maxLength: 14 },
);

const operator = (name: string): Ctx<Grants["operator"]> =>
  proveRole({ kind: "user", id: `user_${name}`, name, role: "operator" }, "operator");

/** The guard and a runner over the fakes of what is outside, in virtual time. */
class Scene {
  readonly broken: string[] = [];
  readonly told: { wish: string; answer: string }[] = [];
  private readonly inHand = new Map<string, string>();
  private readonly keeper: HoldKeeper;
  private readonly runner: Runner;
  private readonly data: Awaited<ReturnType<typeof Scene.take>>;

  private constructor(
    readonly world: World,
    data: Awaited<ReturnType<typeof Scene.take>>,
  ) {
    this.data = data;
    const { clock, fleet: fake } = world;
    const ports = world.ports();
    vi.spyOn(log, "info").mockReturnValue(undefined);
    vi.spyOn(Date, "now").mockImplementation(clock.nowMs);
    this.runner = new Runner(
      {
        ...ports,
        ...livePlaneHolds,
        publish: (frame) => {
          ports.publish(frame);
          if (frame.type !== "run.event" || frame.event.kind !== "node-state") return;
          const { nodeId, state } = frame.event;
          if (nodePhase[state] === "active" && nodeId !== null && this.inHand.has(nodeId))
            this.broken.push(`the run works on ${nodeId}, which ${this.inHand.get(nodeId)} has`);
        },
      },
      { ...defaultTuning, pollMs: 1_000, progressMs: 500 },
    );
    wake.runner = this.runner;
    const well = (id: string) => fake.up(fake.node(id));
    vi.mocked(readClusterEtcd).mockImplementation(async () => {
      const members = names
        .filter((name) => fake.node(name).role === "controlplane")
        .map((name) => ({ id: name, name, learner: false, started: true, healthy: well(name) }));
      return {
        state: { members, alarms: [] },
        memberIdByNode: new Map(members.map(({ id }) => [id, id])),
        leaderId: "cp1",
      };
    });
    this.keeper = new HoldKeeper({
      nowMs: clock.nowMs,
      known: () => true,
      node: async (id) => {
        try {
          const { bootId, stage, ready } = await fake.open(id).read();
          return { bootId, running: stage === "running", ready };
        } catch (error) {
          if (error instanceof AppError) return null;
          throw error;
        }
      },
      member: async ({ nodeId }) => (well(nodeId) ? "healthy" : "missing"),
      inRun: async ({ runId, nodeId }) =>
        runId !== null &&
        (await db.upgradeRunNode.count({ where: { runId, nodeId, finishedAt: null, run: { finishedAt: null } } })) > 0,
      ownerEnded: () => false,
    });
  }

  /** The run as a plan describes it, which nobody has started yet. */
  private static async take(runId: string) {
    const run = await db.upgradeRun.findUniqueOrThrow({ where: { id: runId }, include: { nodes: true } });
    await db.upgradeRun.delete({ where: { id: runId } });
    return run;
  }

  static async make(): Promise<Scene> {
    await db.nodeHold.deleteMany();
    await db.upgradeRun.deleteMany();
    const world = await fakeWorld(specs, { soakMs: 1_000 });
    for (const [id, { role }] of Object.entries(specs)) {
      const services = [{ id: "etcd", state: "Running", healthy: true, lastMessage: "", lastChangeMs: null }];
      fleet().put(
        testRecord({ id, clusterId, clusterName: "forge", role, address: `${id}:50000` }),
        testFacts({ role, hostname: id, services }),
      );
    }
    return new Scene(world, await Scene.take(world.runId));
  }

  private async start(): Promise<void> {
    const { nodes, ...run } = this.data;
    await withTransaction(async (tx) => {
      if ((await tx.upgradeRun.count({ where: { id: run.id } })) > 0) throw new AppError("conflict", "It was started.");
      const nodeIds = nodes.map(({ nodeId }) => nodeId);
      await refuseOverlap(tx, nodeIds);
      await refuseHeldNodes(tx, nodeIds);
      const own = nodes.map(({ runId: _run, ...node }) => node);
      await tx.upgradeRun.create({ data: { ...run, nodes: { create: own } } });
    });
    if (nodesInHand(this.inHand, nodes).length > 0) this.broken.push("a run began on a node that somebody has");
    this.runner.wake(run.id);
  }

  private async byHand(who: string, operation: HoldingOperation, node: string): Promise<void> {
    const { fleet: fake, clock, runId } = this.world;
    const port = fake.open(node);
    const client = {
      get: async () => ({ spec: { bootId: `boot-${fake.node(node).boot}` } }),
    } as unknown as TalosClient;
    await holdNode(operator(who), { nodeId: node, operation }, async (held) => {
      const other = this.inHand.get(node);
      if (other !== undefined) this.broken.push(`${who} has ${node}, which ${other} has`);
      const where = { runId, nodeId: node, finishedAt: null, run: { finishedAt: null } };
      const inRun = await db.upgradeRunNode.count({ where });
      if (inRun > 0) this.broken.push(`${who} has ${node}, which the run holds`);
      this.inHand.set(node, who);
      try {
        await clock.sleep(500);
        if (operation === "node.cordon") await fake.kubernetes().cordon(node, mark, signal);
        else if (operation === "node.uncordon") await fake.kubernetes().uncordon(node, mark, signal);
        else {
          await held.takeAway(client);
          await port.reboot();
        }
      } finally {
        this.inHand.delete(node);
      }
    });
  }

  private async act({ who, wish }: Step): Promise<void> {
    if (wish.do === "start") return this.start();
    if ("node" in wish) return this.byHand(who, wish.do, wish.node);
    await askOfRun(operator(who), this.world.runId, wish.do);
  }

  /** What a person wishes is granted, or refused in words. */
  private async tell(step: Step): Promise<void> {
    const name = JSON.stringify(step.wish);
    try {
      await this.act(step);
      this.told.push({ wish: name, answer: "granted" });
    } catch (error) {
      if (!(error instanceof AppError) || error.message === "" || error.code === "internal") {
        this.broken.push(`${name} ended with ${String(error)}`);
      } else this.told.push({ wish: name, answer: error.message });
    }
  }

  /** Two people act, each in turn with himself; then whatever is under way comes to its end. */
  async play(all: readonly Step[]): Promise<void> {
    const { clock } = this.world;
    const over = new AbortController();
    const keeping = (async () => {
      for (; !over.signal.aborted; await clock.sleep(1_500)) await this.keeper.tick();
    })();
    const person = async (who: string) => {
      for (const step of all.filter((one) => one.who === who)) {
        await clock.sleep(step.waitMs);
        // Nobody waits for the answer before he looks at something else.
        await Promise.race([this.tell(step), clock.sleep(60_000)]);
      }
    };
    const play = async () => {
      await Promise.all([person("olga"), person("ben")]);
      await clock.sleep(40 * 60_000);
      await this.end();
      await clock.sleep(40 * 60_000);
      over.abort();
      await keeping;
    };
    await clock.until(play());
    await this.runner.stop();
  }

  private async end(): Promise<void> {
    const run = await db.upgradeRun.findUnique({ where: { id: this.world.runId } });
    if (run && run.finishedAt === null) await askOfRun(operator("olga"), run.id, "cancel");
    await this.runner.idle();
  }

  async violations(): Promise<string[]> {
    const { fleet: fake, runId, reports } = this.world;
    const found = [...this.broken, ...fake.violations, ...reports.map(String)];
    for (const { name, cordoned, cordonedBy } of fake.nodes)
      if (cordoned && cordonedBy !== mark.by) found.push(`${name} is left cordoned by ${cordonedBy ?? "nobody"}`);
    for (const { nodeId, phase } of await db.nodeHold.findMany()) found.push(`${nodeId} is still held, ${phase}`);
    const run = (await db.upgradeRun.count({ where: { id: runId } })) > 0 ? await loadRun(runId) : null;
    if (run && run.finishedAt === null) found.push(`the run never ends: ${run.state} ${run.reason}`);
    return found;
  }
}
const mark = { by: "operation:hand", unmarked: false };
const { signal } = new AbortController();
const nodesInHand = (inHand: ReadonlyMap<string, string>, nodes: readonly { nodeId: string }[]): string[] =>
  nodes.map(({ nodeId }) => nodeId).filter((id) => inHand.has(id));

/** A dozen plays by default; many, which takes minutes, with ICHOR_LONG=1. */
const numRuns = process.env.ICHOR_LONG ? 200 : 12;

test("whatever two people wish at whatever time: one holder a node, the quorum stays, no cordon is left, the loser is told", async () => {
  let granted = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const scene = await Scene.make();
      await scene.play(all);
      granted += scene.told.filter(({ answer }) => answer === "granted").length;
      refused += scene.told.filter(({ answer }) => answer !== "granted").length;
      expect(await scene.violations()).toEqual([]);
    }),
    { numRuns, seed: 20_261_201, endOnFailure: true },
  );
  // A play in which everything is refused, or nothing, would prove nothing.
  expect(Math.min(granted, refused)).toBeGreaterThan(10);
});
