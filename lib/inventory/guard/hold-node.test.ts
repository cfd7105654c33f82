import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { type Ctx, proveRole, systemContext } from "@/lib/auth/ctx";
import type { Role } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import type { TalosClient } from "@/lib/talos/client";
import { TalosError, type TalosErrorKind } from "@/lib/talos/errors";
import { fleet } from "../fleet";
import { testFacts, testRecord } from "../testing";
import { type HoldingOperation, disturbances } from "./disturbance";
import { holdNode } from "./hold-node";
import type { EtcdMember } from "./quorum";
import { type ClusterEtcd, readClusterEtcd } from "./read-etcd";

vi.mock("./read-etcd", () => ({ readClusterEtcd: vi.fn() }));
vi.mock("./keeper", () => ({ lookAtHolds: vi.fn() }));
setUpTestDatabase();
// Each case writes to a real database: seconds on an idle machine, more on a busy one.
vi.setConfig({ testTimeout: 120_000 });

const names = ["cp-1", "cp-2", "cp-3", "w-1"];
const member = (name: string, changes: Partial<EtcdMember> = {}): EtcdMember => ({
  ...{ id: `m-${name}`, name, learner: false, started: true, healthy: true },
  ...changes,
});
type Reading = { members: EtcdMember[]; alarms?: string[] } | Error;
const reading: Record<string, Reading> = {
  "3 of 3": { members: [member("cp-1"), member("cp-2"), member("cp-3")] },
  "2 of 3, another is away by itself": { members: [member("cp-1"), member("cp-2", { healthy: null }), member("cp-3")] },
  "2 of 3, it is the one away": { members: [member("cp-1", { healthy: null }), member("cp-2"), member("cp-3")] },
  "1 of 1": { members: [member("cp-1")] },
  "2 of 2": { members: [member("cp-1"), member("cp-2")] },
  "a learner": { members: [member("cp-1"), member("cp-2"), member("cp-3", { learner: true })] },
  "an alarm": { members: [member("cp-1"), member("cp-2"), member("cp-3")], alarms: ["no-space"] },
  unknown: new AppError("unavailable", "No control plane answers for etcd."),
  "not to be told apart": { members: [member("one"), member("two"), member("three")] },
};
const etcdOf = ({ members, alarms = [] }: Exclude<Reading, Error>): ClusterEtcd => ({
  state: { members, alarms },
  memberIdByNode: new Map(),
  leaderId: null,
});
function setEtcd(name: string): void {
  const now = reading[name];
  vi.mocked(readClusterEtcd).mockImplementation(async () => {
    if (now === undefined || now instanceof Error) throw now ?? new Error(name);
    return etcdOf(now);
  });
}

// Cut to what is asked of it: the name of the boot.
const client = { get: async () => ({ spec: { bootId: "boot-1" } }) } as unknown as TalosClient;
const ctxOf = (role: Role): Ctx => proveRole({ kind: "user", id: `user_${role}`, name: role, role }, "viewer");
const admin = ctxOf("admin");

type Asked = { operation: HoldingOperation; node?: string; role?: Role; confirmCluster?: string; fails?: Error };
const ask = ({ operation, node = "cp-1", role = "operator", confirmCluster, fails }: Asked) =>
  holdNode(ctxOf(role), { nodeId: node, operation, confirmCluster }, async (held) => {
    const read = disturbances[operation].kind === "away" ? await held.takeAway(client) : "";
    if (fails) throw fails;
    return read;
  });
const verdictOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "allowed",
    (error: unknown) => (error instanceof AppError ? error.code : "thrown"),
  );
const holdOf = (nodeId: string) => db.nodeHold.findUnique({ where: { nodeId } });

beforeEach(() => {
  fleet().putCluster({ id: "c", name: "forge" } as Parameters<ReturnType<typeof fleet>["putCluster"]>[0]);
  for (const name of names) {
    const role = name === "w-1" ? "worker" : "controlplane";
    fleet().put(testRecord({ id: name, clusterId: "c", clusterName: "forge", role, address: `${name}:50000` }), {
      ...testFacts({
        role,
        hostname: name,
        services: [{ id: "etcd", state: "Running", healthy: true, lastMessage: "", lastChangeMs: null }],
      }),
    });
  }
  setEtcd("3 of 3");
});
afterEach(async () => {
  await db.nodeHold.deleteMany();
  await db.upgradeRun.deleteMany();
  for (const name of names) fleet().remove(name);
});

/** Who is there already. */
const holders = {
  nobody: async () => undefined,
  "another control plane on its way": () => ask({ operation: "node.reboot", node: "cp-3" }),
  "another control plane switched off": async () => {
    await ask({ operation: "node.shutdown", node: "cp-3" });
    await db.nodeHold.update({ where: { nodeId: "cp-3" }, data: { phase: "away" } });
  },
  "a worker on its way": () => ask({ operation: "node.reboot", node: "w-1" }),
  "the node itself on its way": () => ask({ operation: "node.reboot", node: "cp-1" }),
  "a run": () => startRun("cp-1"),
  "a run on another node": () => startRun("cp-2"),
} as const;
type Holder = keyof typeof holders;

const startRun = (nodeId: string, requested: string | null = null, finishedAt: Date | null = null) =>
  db.upgradeRun.create({
    data: {
      ...{ id: "run_1", title: "Upgrade cp-1", state: "planned", requested, plan: "{}", planHash: "h" },
      ...{ targetVersion: "v1.14.0", startedById: "user:1", startedByName: "olga" },
      nodes: {
        create: {
          ...{
            id: "run_1_0",
            nodeId,
            name: nodeId,
            state: finishedAt ? "failed" : "queued",
            image: "i",
            flow: "lifecycle",
          },
          ...{ position: 0, fromVersion: "v1", toVersion: "v2", toSchematicId: "s", finishedAt },
        },
      },
    },
  });

const operations = (Object.keys(disturbances) as (keyof typeof disturbances)[]).filter(
  (name): name is HoldingOperation => disturbances[name].kind !== "nothing" && name !== "upgrade.run",
);

/** What is expected, from the rules rather than from a list. */
function expected(operation: HoldingOperation, etcd: string, holder: Holder, role: "plane" | "worker"): string {
  const what = disturbances[operation];
  const itself = holder === "a run" || holder === "the node itself on its way";
  if (role === "plane" ? itself : holder === "a worker on its way") return "conflict";
  if (what.kind !== "away" || role === "worker") return "allowed";
  if (holder === "another control plane on its way") return "conflict";
  const ofThree = holder === "another control plane switched off" && /^3|^2 of 3/.test(etcd);
  if (ofThree) return "refused";
  if (etcd === "1 of 1") return what.forGood ? "refused" : "allowed";
  return etcd === "3 of 3" || etcd === "2 of 3, it is the one away" ? "allowed" : "refused";
}

describe.each(Object.keys(holders) as Holder[])("beside %s", (holder) => {
  test.each(["plane", "worker"] as const)("every operation on a %s, for every state of etcd", async (role) => {
    const node = role === "plane" ? "cp-1" : "w-1";
    for (const etcd of Object.keys(reading)) {
      for (const operation of operations) {
        setEtcd("3 of 3");
        await holders[holder]();
        setEtcd(etcd);
        const said = await verdictOf(ask({ operation, node, role: "admin" }));
        expect(said, `${operation} with ${etcd}`).toBe(expected(operation, etcd, holder, role));
        await db.nodeHold.deleteMany();
        await db.upgradeRun.deleteMany();
      }
    }
  });
});

test("of many that ask at once for one node, one wins, and the others are told who", async () => {
  const all = await Promise.allSettled(
    ["olga", "ben", "eve"].map((name) =>
      holdNode(
        proveRole({ kind: "user", id: name, name, role: "admin" }, "viewer"),
        { nodeId: "w-1", operation: "node.apply-config" },
        () => new Promise((resolve) => setImmediate(resolve)),
      ),
    ),
  );
  const refused = all.flatMap((one) => (one.status === "rejected" ? [one.reason as AppError] : []));
  expect(refused).toHaveLength(2);
  for (const error of refused) {
    expect(error).toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/w-1 is taken: a change of its config by (olga|ben|eve)/),
    });
  }
  expect(await holdOf("w-1")).toBeNull();
});

test("of two control planes at once, one goes", async () => {
  const both = ["cp-1", "cp-2"].map((node) => verdictOf(ask({ operation: "node.reboot", node })));
  expect((await Promise.all(both)).sort()).toEqual(["allowed", "conflict"]);
  expect(await db.nodeHold.count({ where: { takesPlane: true } })).toBe(1);
});

test("what was read is said, with numbers; a run is named with its page", async () => {
  expect(await ask({ operation: "node.reboot" })).toBe("2 of 3 etcd members stay, the quorum is 2.");
  await db.nodeHold.deleteMany();
  setEtcd("unknown");
  await expect(ask({ operation: "node.reboot" })).rejects.toMatchObject({
    message: expect.stringContaining(
      "Nothing says whether this control plane can be spared. etcd could not be read: No control",
    ),
    hint: expect.stringMatching(/Bring the control planes.*typing the cluster's name, forge\./),
  });
  setEtcd("2 of 2");
  await expect(ask({ operation: "node.reboot" })).rejects.toMatchObject({
    hint: expect.stringMatching(/^Wait until the other members are back.*forge\.$/),
  });
  await startRun("cp-1");
  await expect(ask({ operation: "node.reboot" })).rejects.toMatchObject({
    message: "An upgrade run holds cp-1: Upgrade cp-1, started by olga.",
    hint: "Wait for it or cancel it: /upgrades/run_1",
  });
});

test("a run that is about to try a failed node again has it; one that has ended with it has not", async () => {
  await startRun("cp-1", null, new Date());
  expect(await verdictOf(ask({ operation: "node.reboot" }))).toBe("allowed");
  await db.nodeHold.deleteMany();
  await db.upgradeRun.update({ where: { id: "run_1" }, data: { requested: "retry" } });
  expect(await verdictOf(ask({ operation: "node.reboot" }))).toBe("conflict");
});

describe("the override", () => {
  const override = { operation: "node.reboot", role: "admin", confirmCluster: "forge" } as const;
  const overrides = async () =>
    (await listAudit(systemContext("test"))).entries.filter(({ action }) => action === "quorum.override");

  test.each(["unknown", "2 of 2", "an alarm", "a learner", "not to be told apart"])(
    "is an admin's, and audited: %s",
    async (etcd) => {
      setEtcd(etcd);
      const before = (await overrides()).length;
      expect(await verdictOf(ask({ ...override, role: "operator" }))).toBe("forbidden");
      expect(await verdictOf(ask({ ...override, confirmCluster: "other" }))).toBe("invalid-input");
      expect(await verdictOf(ask({ ...override, confirmCluster: "" }))).toBe("invalid-input");
      expect(await overrides()).toHaveLength(before);
      expect(await ask(override)).toMatch(/ Overridden\.$/);
      expect(await overrides()).toHaveLength(before + 1);
      expect((await overrides())[0]).toMatchObject({
        phase: "system",
        actorName: "admin",
        target: { id: "cp-1" },
        detail: { operation: "node.reboot", cluster: "forge" },
      });
    },
  );

  test("is not recorded where nothing was refused", async () => {
    const before = (await overrides()).length;
    expect(await ask(override)).toBe("2 of 3 etcd members stay, the quorum is 2.");
    expect(await overrides()).toHaveLength(before);
  });

  test("passes a control plane that is on its way, never one that is being asked", async () => {
    await ask({ operation: "node.reboot", node: "cp-3" });
    expect(await ask(override)).toMatch(/cp-3 was rebooted by operator and is not back/);
    expect(await holdOf("cp-3")).toMatchObject({ phase: "away" });
    await db.nodeHold.delete({ where: { nodeId: "cp-1" } });
    await db.nodeHold.update({ where: { nodeId: "cp-3" }, data: { phase: "calling" } });
    expect(await verdictOf(ask(override))).toBe("conflict");
  });
});

describe("how a hold ends", () => {
  const talos = (kind: TalosErrorKind) => new TalosError("It failed.", { kind, method: "/m", address: "a" });

  test.each<[TalosErrorKind, string | null]>([
    ["unreachable", "awaiting"],
    ["deadline", "awaiting"],
    ["rolled-stream", "awaiting"],
    ["cancelled", "awaiting"],
    ["precondition", null],
    ["permission-denied", null],
    ["node-failed", null],
  ])("after a call that failed as %s", async (kind, phase) => {
    await expect(ask({ operation: "node.reboot", fails: talos(kind) })).rejects.toThrow("It failed.");
    expect((await holdOf("cp-1"))?.phase ?? null).toBe(phase);
  });

  test("a refusal of the guard leaves nothing behind", async () => {
    setEtcd("2 of 2");
    await verdictOf(ask({ operation: "node.reboot" }));
    expect(await holdOf("cp-1")).toBeNull();
  });

  test("a call that was taken is on its way, with what tells its return", async () => {
    await ask({ operation: "node.shutdown" });
    expect(await holdOf("cp-1")).toMatchObject({
      ...{ phase: "awaiting", takesPlane: true, ends: "gone", bootId: "boot-1", memberId: "m-cp-1" },
      ...{ operation: "node.shutdown", actorName: "operator" },
    });
  });

  test("a node that stays after all is let go; one that joins keeps the lock", async () => {
    await holdNode(admin, { nodeId: "w-1", operation: "node.apply-config" }, async (held) => {
      await held.takeAway(client);
      held.stays();
    });
    expect(await holdOf("w-1")).toBeNull();
    await holdNode(admin, { nodeId: "cp-1", operation: "cluster.bootstrap" }, async (held) => {
      await held.lockCluster();
      held.joined();
    });
    expect(await holdOf("cp-1")).toMatchObject({ phase: "awaiting", takesPlane: true });
    expect(await verdictOf(ask({ operation: "node.reboot", node: "cp-2" }))).toBe("conflict");
  });

  test("what was known of a node that is away is kept where an operation comes to nothing", async () => {
    await holders["another control plane switched off"]();
    await expect(ask({ operation: "node.reboot", node: "cp-3", fails: talos("precondition") })).rejects.toThrow();
    expect(await holdOf("cp-3")).toMatchObject({ phase: "away", operation: "node.shutdown" });
    await ask({ operation: "node.reboot", node: "cp-3" });
    expect(await holdOf("cp-3")).toMatchObject({ phase: "awaiting", operation: "node.reboot" });
  });
});

test("before the bootstrap there is no etcd to lose, and no dead lock", async () => {
  setEtcd("unknown");
  for (const name of names.slice(0, 3)) {
    const services = [{ id: "etcd", state: "Preparing", healthy: null, lastMessage: "", lastChangeMs: null }];
    fleet().apply(name, { kind: "reached", atMs: 2, certificateExpiresMs: null, fingerprint: null });
    fleet().apply(name, { kind: "facts", atMs: 2, facts: { services } });
  }
  expect(await ask({ operation: "node.reboot" })).toBe("Its cluster has not been bootstrapped: there is no etcd yet.");
});
