import { describe, expect, test, vi } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { fleet } from "../fleet";
import { testFacts, testRecord } from "../testing";
import { holdNode } from "./hold-node";
import { admin, ask, client, holdOf, reading, setEtcd, setUpCluster } from "./hold-testing";
import { returnMs } from "./holds";
import { judgePlane, memberOn, readEtcdWithAway } from "./judge-plane";
import { lookAtHolds } from "./keeper";
import { plane } from "./keeper-testing";
import type { EtcdMember } from "./quorum";
import { type ClusterEtcd, readClusterEtcd } from "./read-etcd";

vi.mock("./read-etcd", () => ({ readClusterEtcd: vi.fn() }));
vi.mock("./keeper", () => ({ lookAtHolds: vi.fn() }));
setUpTestDatabase();
setUpCluster();

const put = (id: string, clusterId: string | null) =>
  fleet().put(
    testRecord({ id, clusterId, clusterName: clusterId, role: "controlplane", address: `${id}:50000` }),
    testFacts({ role: "controlplane", hostname: id }),
  );

describe("a node is held", () => {
  test("only where there is one", async () => {
    await expect(ask({ operation: "node.reboot", node: "gone" })).rejects.toMatchObject({ code: "not-found" });
  });

  test("after a look at what holds it and its cluster, which may just be over", async () => {
    vi.mocked(lookAtHolds).mockClear();
    await ask({ operation: "node.cordon", node: "w-1" });
    expect(vi.mocked(lookAtHolds).mock.calls).toEqual([[{ nodeIds: ["w-1"], clusterId: "c" }]]);
  });

  test("for half an hour from the call that takes it away; a worker asks nobody", async () => {
    const fromMs = Date.now();
    expect(await ask({ operation: "node.reboot", node: "w-1" })).toBe("");
    const hold = await holdOf("w-1");
    expect(hold?.takesPlane).toBe(false);
    expect((hold?.until.getTime() ?? 0) - fromMs).toBeGreaterThanOrEqual(returnMs);
  });

  test("in no cluster without anybody's leave, and there is no lock to take", async () => {
    put("lone", null);
    expect(await ask({ operation: "node.reboot", node: "lone" })).toBe("");
    await db.nodeHold.deleteMany();
    await holdNode(admin, { nodeId: "lone", operation: "machine.adopt" }, async (held) => {
      await held.lockCluster();
      expect((await holdOf("lone"))?.takesPlane).toBe(false);
      await held.lockCluster("d");
      expect(await holdOf("lone")).toMatchObject({ takesPlane: true, clusterId: "d", ends: "service" });
    });
    fleet().remove("lone");
  });

  test("and its cluster's lock is nobody's who finds it taken", async () => {
    await ask({ operation: "node.reboot", node: "cp-3" });
    const locking = holdNode(admin, { nodeId: "cp-1", operation: "cluster.bootstrap" }, (held) => held.lockCluster());
    await expect(locking).rejects.toMatchObject({ code: "conflict" });
    expect(await holdOf("cp-3")).toMatchObject({ phase: "awaiting" });
  });

  test("and taken away only by what is known to do so", async () => {
    const taking = holdNode(admin, { nodeId: "w-1", operation: "node.cordon" }, (held) => held.takeAway(client));
    await expect(taking).rejects.toMatchObject({ code: "internal" });
  });

  test("on, where it cannot be let go at once: that is told, and no failure of what was done", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const done = await holdNode(admin, { nodeId: "w-1", operation: "node.cordon" }, async () => {
      await db.$queryRawUnsafe("PRAGMA query_only = ON");
      return "done";
    });
    await db.$queryRawUnsafe("PRAGMA query_only = OFF");
    expect(done).toBe("done");
    expect(logged.mock.calls.join()).toMatch(/The hold of a node could not be let go at once nodeId="w-1"/);
    logged.mockRestore();
    expect(await holdOf("w-1")).not.toBeNull();
  });
});

describe("who is refused is told", () => {
  test("what was read, and that an administrator may go on by which name", async () => {
    setEtcd("2 of 2");
    await expect(ask({ operation: "node.reboot" })).rejects.toMatchObject({
      ...{ code: "refused", message: expect.stringMatching(/^1 of 2 etcd members/) as string },
      fields: { confirmCluster: "Type forge to go on all the same." },
    });
    setEtcd("3 of 3");
    await expect(ask({ operation: "node.reboot", role: "admin", confirmCluster: "x" })).rejects.toMatchObject({
      ...{ code: "invalid-input", fields: { confirmCluster: "Type forge." } },
    });
  });

  test("of a cluster without a name that it has none", async () => {
    put("stray", "nameless");
    setEtcd("unknown");
    fleet().apply("stray", { kind: "reached", atMs: 2, certificateExpiresMs: null, fingerprint: null });
    const services = [{ id: "etcd", state: "Running", healthy: true, lastMessage: "", lastChangeMs: null }];
    fleet().apply("stray", { kind: "facts", atMs: 2, facts: { services } });
    await expect(ask({ operation: "node.reboot", node: "stray" })).rejects.toMatchObject({
      hint: expect.stringMatching(/its cluster\.$/) as string,
    });
    fleet().remove("stray");
  });

  test("a job of the console may go on as an administrator may", async () => {
    setEtcd("2 of 2");
    const request = { nodeId: "cp-1", operation: "node.reboot", confirmCluster: "forge" } as const;
    expect(await holdNode(systemContext("test"), request, (held) => held.takeAway(client))).toMatch(/Overridden\.$/);
  });
});

const member = (id: string, name: string): EtcdMember => ({ id, name, learner: false, started: true, healthy: true });
const etcd = (members: EtcdMember[], onNodes: Record<string, string> = {}): ClusterEtcd => ({
  state: { members, alarms: [] },
  memberIdByNode: new Map(Object.entries(onNodes)),
  leaderId: null,
});

describe("the member on a node", () => {
  test.each<[string, ClusterEtcd, string | null]>([
    ["is the one that it tells", etcd([member("1", "n"), member("2", "x")], { n1: "2" }), "2"],
    ["else the one of its name", etcd([member("1", "x"), member("2", "n")]), "2"],
    ["is not known where two have its name", etcd([member("1", "n"), member("2", "n")]), null],
    ["is none where all run elsewhere", etcd([member("1", "x"), member("2", "y")], { a: "1", b: "2" }), "none"],
    ["is not known where one runs nobody knows where", etcd([member("1", "x"), member("2", "y")], { a: "1" }), null],
    ["is not known of an empty list", etcd([]), null],
  ])("%s", (_, of, expected) => expect(memberOn(of, "n1", "n")).toBe(expected));

  test("is never one without a name", () => expect(memberOn(etcd([member("1", "")]), "n1", "")).toBeNull());
});

test("members that were taken away here count as missing, by their id or by the node's name", async () => {
  vi.mocked(readClusterEtcd).mockResolvedValue(
    etcd([member("m1", "cp-1"), member("m2", "cp-2"), member("m3", "cp-3")]),
  );
  await db.nodeHold.createMany({
    data: [
      plane({ nodeId: "cp-1", memberId: "m3", phase: "away" }),
      plane({ nodeId: "cp-2", nodeName: "cp-2", memberId: null, phase: "away", operation: "node.shutdown" }),
    ],
  });
  const { state } = await readEtcdWithAway("c", "cp-3", new AbortController().signal);
  expect(state.members.map(({ away }) => away)).toEqual([undefined, "shut down by olga", "rebooted by olga"]);
});

describe("a control plane is judged", () => {
  const judge = () => judgePlane({ nodeId: "cp-1", name: "cp-1", clusterId: "c", forGood: false });

  test("by the nodes of its own cluster, whatever others wait for", async () => {
    put("fresh", "other");
    fleet().apply("fresh", { kind: "reached", atMs: 2, certificateExpiresMs: null, fingerprint: null });
    const services = [{ id: "etcd", state: "Preparing", healthy: null, lastMessage: "", lastChangeMs: null }];
    fleet().apply("fresh", { kind: "facts", atMs: 2, facts: { services } });
    expect(await judge()).toMatchObject({ state: "ok", memberId: "m-cp-1" });
    const other = await judgePlane({ nodeId: "fresh", name: "fresh", clusterId: "other", forGood: false });
    expect(other).toMatchObject({ state: "ok", sentence: expect.stringMatching(/not been bootstrapped/) as string });
    fleet().remove("fresh");
  });

  test("to take nothing away where it runs no member", async () => {
    vi.mocked(readClusterEtcd).mockResolvedValue(etcd([member("m2", "cp-2")], { "cp-2": "m2" }));
    expect(await judge()).toEqual({
      ...{ state: "ok", memberId: null, sentence: "etcd has 1 member (cp-2); this node runs none of them." },
    });
  });

  test("not at all where nothing says which member it runs", async () => {
    setEtcd("not to be told apart");
    expect(reading["not to be told apart"]).toBeDefined();
    expect(await judge()).toEqual({
      ...{ state: "unknown", memberId: null },
      sentence: "etcd has 3 members, and nothing says which of them runs on cp-1.",
    });
  });
});
