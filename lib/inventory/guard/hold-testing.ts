import { afterEach, beforeEach, vi } from "vitest";
import { type Ctx, proveRole } from "@/lib/auth/ctx";
import type { Role } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import type { TalosClient } from "@/lib/talos/client";
import { fleet } from "../fleet";
import { testFacts, testRecord } from "../testing";
import { type HoldingOperation, disturbances } from "./disturbance";
import { holdNode } from "./hold-node";
import type { EtcdMember } from "./quorum";
import { type ClusterEtcd, readClusterEtcd } from "./read-etcd";

// Who imports this mocks `./read-etcd` and `./keeper`.

export const names = ["cp-1", "cp-2", "cp-3", "w-1"];
export const member = (name: string, changes: Partial<EtcdMember> = {}): EtcdMember => ({
  ...{ id: `m-${name}`, name, learner: false, started: true, healthy: true },
  ...changes,
});
type Reading = { members: EtcdMember[]; alarms?: string[] } | Error;
export const reading: Record<string, Reading> = {
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
export const etcdOf = ({ members, alarms = [] }: Exclude<Reading, Error>): ClusterEtcd => ({
  state: { members, alarms },
  memberIdByNode: new Map(),
  leaderId: null,
});
export function setEtcd(name: string): void {
  const now = reading[name];
  vi.mocked(readClusterEtcd).mockImplementation(async () => {
    if (now === undefined || now instanceof Error) throw now ?? new Error(name);
    return etcdOf(now);
  });
}

// Cut to what is asked of it: the name of the boot.
export const client = { get: async () => ({ spec: { bootId: "boot-1" } }) } as unknown as TalosClient;
export const ctxOf = (role: Role): Ctx => proveRole({ kind: "user", id: `user_${role}`, name: role, role }, "viewer");
export const admin = ctxOf("admin");

type Asked = { operation: HoldingOperation; node?: string; role?: Role; confirmCluster?: string; fails?: Error };
export const ask = ({ operation, node = "cp-1", role = "operator", confirmCluster, fails }: Asked) =>
  holdNode(ctxOf(role), { nodeId: node, operation, confirmCluster }, async (held) => {
    const read = disturbances[operation].kind === "away" ? await held.takeAway(client) : "";
    if (fails) throw fails;
    return read;
  });
export const verdictOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "allowed",
    (error: unknown) => (error instanceof AppError ? error.code : "thrown"),
  );
export const holdOf = (nodeId: string) => db.nodeHold.findUnique({ where: { nodeId } });

/** For the top of a test file: a cluster of three control planes and a worker, held by nobody, before each of its tests. */
export function setUpCluster(): void {
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
}

/** Who is there already. */
export const holders = {
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
export type Holder = keyof typeof holders;

export const startRun = (nodeId: string, requested: string | null = null, finishedAt: Date | null = null) =>
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
