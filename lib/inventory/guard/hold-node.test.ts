import { describe, expect, test, vi } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { proveRole, systemContext } from "@/lib/auth/ctx";
import type { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { TalosError, type TalosErrorKind } from "@/lib/talos/errors";
import { fleet } from "../fleet";
import { holdNode } from "./hold-node";
import { admin, ask, client, holders, holdOf, names, setEtcd, setUpCluster, startRun, verdictOf } from "./hold-testing";

vi.mock("./read-etcd", () => ({ readClusterEtcd: vi.fn() }));
vi.mock("./keeper", () => ({ lookAtHolds: vi.fn() }));
setUpTestDatabase();
setUpCluster();

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
