import { beforeEach, describe, expect, test, vi } from "vitest";
import { AppError } from "@/lib/core/errors";
import { processOwner } from "@/lib/core/process-owner";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { fakeWorld } from "@/lib/upgrades/testing-run";
import { withNodeClient } from "../access";
import { fleet } from "../fleet";
import { testFacts, testRecord } from "../testing";
import type { MemberReading } from "./hold-course";
import type { Hold } from "./holds";
import { liveKeeperPorts } from "./keeper";
import { plane } from "./keeper-testing";
import type { EtcdMember } from "./quorum";
import { readClusterEtcd } from "./read-etcd";

vi.mock("../access", () => ({ withNodeClient: vi.fn() }));
vi.mock("./read-etcd", () => ({ readClusterEtcd: vi.fn() }));
setUpTestDatabase();
let looks: string[] = [];
beforeEach(() => void (looks = []));

describe("what the live console reads", () => {
  const signal = new AbortController().signal;
  const statusOf = (stage: string, ready: boolean) => {
    vi.mocked(withNodeClient).mockImplementation(async (nodeId, as, work, options) => {
      looks.push(`${nodeId} as ${as}`);
      expect(options).toEqual({ signal });
      const get = async (def: { type?: string }, id: unknown, callOptions: object) => {
        expect([id, Reflect.get(callOptions, "signal")]).toEqual([undefined, signal]);
        return { spec: JSON.stringify(def).includes("Boot") ? { bootId: "boot-7" } : { stage, status: { ready } } };
      };
      return work({ get } as never) as never;
    });
  };

  test.each([
    ["running", true],
    ["maintenance", true],
    ["booting", false],
  ])("of a node that is %s", async (stage, running) => {
    statusOf(stage, stage === "running");
    expect(await liveKeeperPorts.node("cp1", signal)).toEqual({
      bootId: "boot-7",
      running,
      ready: stage === "running",
    });
    expect(looks).toEqual(["cp1 as reader"]);
  });

  test("of a node that does not answer is nothing; a fault of ours is none of its", async () => {
    vi.mocked(withNodeClient).mockRejectedValueOnce(new AppError("unavailable", "It is off."));
    expect(await liveKeeperPorts.node("cp1", signal)).toBeNull();
    vi.mocked(withNodeClient).mockRejectedValueOnce(new TypeError("a bug"));
    await expect(liveKeeperPorts.node("cp1", signal)).rejects.toThrow("a bug");
  });

  const etcd = (...healths: (boolean | null)[]) =>
    vi.mocked(readClusterEtcd).mockResolvedValueOnce({
      state: {
        members: healths.map((healthy, at): EtcdMember => {
          return { id: `m${at + 1}`, name: "", learner: false, started: true, healthy };
        }),
        alarms: [],
      },
      memberIdByNode: new Map(),
      leaderId: null,
    });
  test.each<[string, Partial<Hold>, (boolean | null)[], MemberReading]>([
    ["its member is healthy", {}, [true, false], "healthy"],
    ["its member is not", {}, [false, true], "missing"],
    ["its member could not be asked", {}, [null, true], "missing"],
    ["its member is in the list no more", { memberId: "m9" }, [true, true], "left"],
    ["its member is not known, and all are well", { memberId: null }, [true, true], "healthy"],
    ["its member is not known, and one is not well", { memberId: null }, [true, null], "missing"],
    ["it is in no cluster", { clusterId: null }, [], "left"],
  ])("of etcd where %s", async (_, hold, healths, expected) => {
    vi.mocked(readClusterEtcd).mockReset();
    etcd(...healths);
    expect(await liveKeeperPorts.member(plane(hold), signal)).toBe(expected);
    expect(vi.mocked(readClusterEtcd)).toHaveBeenCalledTimes(hold.clusterId === null ? 0 : 1);
  });

  test("of etcd that does not answer is nothing; a fault of ours is none of its", async () => {
    vi.mocked(readClusterEtcd).mockReset().mockRejectedValueOnce(new AppError("unavailable", "It is off."));
    expect(await liveKeeperPorts.member(plane(), signal)).toBeNull();
    vi.mocked(readClusterEtcd).mockRejectedValueOnce(new TypeError("a bug"));
    await expect(liveKeeperPorts.member(plane(), signal)).rejects.toThrow("a bug");
    expect(vi.mocked(readClusterEtcd).mock.calls).toEqual([
      ["c", signal],
      ["c", signal],
    ]);
  });

  test("a node is known while it is managed here", () => {
    fleet().put(
      testRecord({ id: "k1", clusterId: "c", clusterName: "c", role: "worker", address: "k1:1" }),
      testFacts({}),
    );
    expect([liveKeeperPorts.known("k1"), liveKeeperPorts.known("k2")]).toEqual([true, false]);
    fleet().remove("k1");
  });

  test("the process that made a call has ended only where it is another one", () => {
    const [host] = processOwner().split("|");
    const { ownerEnded } = liveKeeperPorts;
    expect([ownerEnded(processOwner()), ownerEnded("elsewhere|1|x"), ownerEnded(`${host}|${process.pid}|x`)]).toEqual([
      ...[false, false, true],
    ]);
  });

  test("a run works on a node until one of both has ended", async () => {
    const { runId } = await fakeWorld({ cp1: { role: "controlplane" }, cp2: { role: "controlplane" } });
    const inRun = (hold: Partial<Hold> = {}) => liveKeeperPorts.inRun(plane({ runId, ...hold }));
    expect([await inRun(), await inRun({ runId: null }), await inRun({ nodeId: "w9" })]).toEqual([true, false, false]);
    expect(await inRun({ runId: "run_other" })).toBe(false);
    await db.upgradeRunNode.updateMany({ where: { runId, nodeId: "cp1" }, data: { finishedAt: new Date() } });
    expect([await inRun(), await inRun({ nodeId: "cp2" })]).toEqual([false, true]);
    await db.upgradeRun.update({ where: { id: runId }, data: { finishedAt: new Date() } });
    expect(await inRun({ nodeId: "cp2" })).toBe(false);
  });
});
