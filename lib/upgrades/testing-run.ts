import { AppError } from "@/lib/core/errors";
import { VirtualClock } from "@/lib/core/virtual-clock-testing";
import { db } from "@/lib/db/client";
import type { LiveFrame } from "@/lib/live/frames";
import type { CallAudit, RunnerPorts } from "./ports";
import { Runner } from "./runner";
import { type PlanNode, type UpgradePolicy, upgradePolicy } from "./schema";
import { defaultTuning } from "./step-context";
import { type FakeFaults, FakeFleet, type FakeNode, talosError } from "./testing-fleet";
import { type BrokenLink, extensionsFor, type FakeCard, fakeCards, profilesFor } from "./testing-hardware";

export const oldSchematic = "a".repeat(64);
export const newSchematic = "b".repeat(64);

export type FakeSpec = {
  role: "controlplane" | "worker";
  version?: string;
  gpu?: boolean;
  cards?: FakeCard[];
  /** Links that do not hold before the run. */
  broken?: BrokenLink[];
  faults?: FakeFaults;
  inRun?: boolean;
};

/** Killed: from one moment on nothing that the runner does has any effect. */
export class Killed extends Error {}

/** How a runner ends before its time: killed after so many journal writes and waits, or told to `stop`, also between calls. */
export type End = { at: number; count: number; stop?: () => void };

type World = {
  clock: VirtualClock;
  fleet: FakeFleet;
  audits: (CallAudit & { outcome: string | null; atMs: number })[];
  frames: LiveFrame[];
  reports: unknown[];
  ports: (end?: End) => RunnerPorts;
  runId: string;
};

const fakeNode = (name: string, spec: FakeSpec): FakeNode => ({
  id: name,
  name,
  role: spec.role,
  version: spec.version ?? "v1.13.4",
  schematicId: oldSchematic,
  cards: spec.cards ?? (spec.gpu ? [fakeCards.open] : []),
  broken: spec.broken ?? [],
  boot: 1,
  cordoned: false,
  cordonedBy: null,
  idleSlot: null,
  installing: null,
  downUntilMs: null,
  upSinceMs: 0,
  readsBeforeDown: null,
  said: [],
  faults: spec.faults ?? {},
});

function livePorts(world: Omit<World, "ports" | "runId">, end?: End): RunnerPorts {
  const { clock, fleet, audits, frames, reports } = world;
  let dead = false;
  const alive = () => {
    if (dead) throw new Killed();
  };
  const moment = () => {
    alive();
    if (end && ++end.count === end.at) {
      if (end.stop) end.stop();
      else dead = true;
    }
    alive();
  };
  const guarded = <T extends object>(port: T, refuse: () => void): T =>
    new Proxy(port, {
      get(target, property) {
        if (end?.stop && property !== "close") moment();
        alive();
        if (property !== "close") refuse();
        return Reflect.get(target, property) as unknown;
      },
    });
  return {
    openNode: async (id, _role, signal) =>
      guarded(fleet.open(id), () => {
        if (signal.aborted) throw talosError("cancelled", "The call was cancelled.");
      }),
    openKubernetes: async (_id, signal) => guarded(fleet.kubernetes(), () => signal.throwIfAborted()),
    async readEtcd(_id, signal) {
      alive();
      signal.throwIfAborted();
      const planes = fleet.nodes.filter(({ role }) => role === "controlplane");
      const lost = planes.some(
        (node) => node.faults.etcdLostAfterInstall && fleet.trace.some(({ call }) => call === "install"),
      );
      const healthy = (node: FakeNode, index: number) => fleet.up(node) && !(lost && index === planes.length - 1);
      const members = planes.map((node, index) => {
        return { id: node.id, name: node.name, learner: false, started: true, healthy: healthy(node, index) };
      });
      return {
        state: { members, alarms: [] },
        memberIdByNode: new Map(planes.map(({ id }) => [id, id])),
        leaderId: planes[0]?.id ?? null,
      };
    },
    async holdPlane({ nodeId, name }) {
      alive();
      const other = fleet.heldPlane;
      if (other !== null && other !== nodeId) return { ok: false, sentence: `${other} is on its way, not ${name}.` };
      fleet.heldPlane = nodeId;
      return { ok: true };
    },
    async releasePlane({ nodeId }) {
      alive();
      if (fleet.heldPlane === nodeId) fleet.heldPlane = null;
    },
    clusterOf: async () => ({ clusterId: "cluster", size: fleet.nodes.length }),
    profilesOf: async (nodeId) => profilesFor(fleet.node(nodeId).cards),
    extensionsOfSchematic: async () =>
      fleet.nodes.every(({ cards }) => cards.length > 0) ? extensionsFor(fleet.nodes[0]?.cards ?? []) : [],
    async saveSnapshot(_cluster, node, chunks) {
      let bytes = 0;
      for await (const chunk of chunks) bytes += chunk.byteLength;
      return { file: `${node}.snapshot`, bytes };
    },
    async auditIntent(entry) {
      alive();
      audits.push({ ...entry, outcome: null, atMs: clock.nowMs() });
      return String(audits.length - 1);
    },
    async auditOutcome(id, { outcome }) {
      alive();
      const entry = audits[Number(id)];
      if (!entry) throw new AppError("not-found", "No such intent.");
      entry.outcome = outcome;
    },
    publish(frame) {
      frames.push(frame);
      if (frame.type === "run.event") moment();
    },
    report: (_message, error) => void (dead || reports.push(error)),
    nowMs() {
      alive();
      return clock.nowMs();
    },
    async sleep(durationMs, signal) {
      alive();
      await clock.sleep(durationMs, signal);
      moment();
    },
  };
}

/** A cluster, and a run over those of its nodes that take part, in the database. */
export async function fakeWorld(specs: Record<string, FakeSpec>, policy: Partial<UpgradePolicy> = {}): Promise<World> {
  const clock = new VirtualClock();
  const fleet = new FakeFleet(
    Object.entries(specs).map(([name, spec]) => fakeNode(name, spec)),
    clock,
  );
  const base = { clock, fleet, audits: [], frames: [], reports: [] };
  const image = `factory.test/metal-installer/${newSchematic}:v1.14.0`;
  const taking = fleet.nodes.filter(({ name }) => specs[name]?.inRun !== false);
  const nodes = taking.map((node, order): PlanNode => {
    const legacy = /^v1\.(9|1[0-2])\./.test(node.version);
    const rest = {
      commands: [],
      changes: [],
      checks: [],
      hops: ["v1.14.0"],
      repairs: [],
      effect: null,
      order,
      flow: legacy ? ("legacy" as const) : ("lifecycle" as const),
    };
    const versions = {
      fromVersion: node.version,
      toVersion: "v1.14.0",
      fromSchematicId: oldSchematic,
      toSchematicId: newSchematic,
    };
    return { nodeId: node.id, name: node.name, role: node.role, image, ...versions, ...rest };
  });
  const short = {
    drainTimeoutMs: 60_000,
    returnTimeoutMs: 10 * 60_000,
    soakMs: 5_000,
    ...policy,
  };
  const parsed = upgradePolicy.parse(short);
  const plan = {
    targetVersion: "v1.14.0",
    hops: ["v1.14.0"],
    nodes,
    skipped: [],
    checks: [],
    policy: parsed,
    hash: "0".repeat(64),
    refused: false,
  };
  const runId = `run_${Math.random().toString(36).slice(2)}`;
  await db.upgradeRun.create({
    data: {
      ...{
        id: runId,
        title: "Upgrade",
        state: "planned",
        plan: JSON.stringify(plan),
        planHash: plan.hash,
        targetVersion: "v1.14.0",
      },
      ...{ startedById: "user:1", startedByName: "olga" },
      nodes: {
        create: nodes.map(
          ({ nodeId, name, image: of, flow, order, fromVersion, toVersion, fromSchematicId, toSchematicId }) => ({
            ...{ id: `${runId}_${order}`, nodeId, name, position: order, state: "queued", image: of, flow },
            ...{ fromVersion, toVersion, fromSchematicId, toSchematicId },
          }),
        ),
      },
    },
  });
  return { ...base, runId, ports: (end) => livePorts(base, end) };
}

/** Drives the world's run with a runner of its own until nothing moves any more. */
export async function drive(world: World, end?: End): Promise<Runner> {
  const runner = new Runner(world.ports(end), { ...defaultTuning, pollMs: 1_000, progressMs: 500 });
  runner.wake(world.runId);
  await world.clock.until(runner.idle());
  return runner;
}

/** As `drive`, with a runner that is told to stop at one of its moments, as at the end of the server. */
export async function driveUntilStopped(world: World, end: { at: number; count: number }): Promise<void> {
  const stopping = Object.assign(end, { stop: () => void runner.stop() });
  const runner = new Runner(world.ports(stopping), { ...defaultTuning, pollMs: 1_000, progressMs: 500 });
  runner.wake(world.runId);
  await world.clock.until(runner.idle());
}
export type { World };
