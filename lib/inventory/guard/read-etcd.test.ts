import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AppError } from "@/lib/core/errors";
import * as time from "@/lib/core/time";
import { TalosError } from "@/lib/talos/errors";
import { withNodeClient } from "../access";
import { fleet } from "../fleet";
import { testFacts, testRecord } from "../testing";
import { readClusterEtcd } from "./read-etcd";

vi.mock("../access", () => ({ withNodeClient: vi.fn() }));

type Told = { members?: object[]; status?: object; alarms?: object[] };
const leader = "00000000000000a1";
const memberOf = (id: string, changes: object = {}) => ({ id, hostname: `cp-${id}`, learner: false, ...changes });
const all = [memberOf("1"), memberOf("2"), memberOf("3")];
const told = (id: string, { members = all, status = {}, alarms = [] }: Told = {}) => ({
  members,
  status: { memberId: id, leaderId: leader, leader: id === "1", errors: [], ...status },
  alarms,
});
type Answer = ReturnType<typeof told> | Error;
/** What each node says, one answer per question; the last one from then on. */
let answers: Record<string, Answer[]> = {};
let asked: { nodeId: string; as: string; options: unknown }[] = [];
const off = new TalosError("It is off.", { kind: "unreachable", method: "/m", address: "a" });

beforeEach(() => {
  vi.mocked(withNodeClient).mockClear();
  asked = [];
  answers = { n1: [told("1")], n2: [told("2")], n3: [told("3")] };
  const nodes: [string, string, "controlplane" | "worker"][] = [
    ...["n1", "n2", "n3"].map((id): [string, string, "controlplane"] => [id, "c", "controlplane"]),
    ["w1", "c", "worker"],
    ["x1", "other", "controlplane"],
  ];
  for (const [id, clusterId, role] of nodes)
    fleet().put(
      testRecord({ id, clusterId, clusterName: clusterId, role, address: `${id}:50000` }),
      testFacts({ role, hostname: id }),
    );
  vi.spyOn(time, "sleep").mockResolvedValue(undefined);
  vi.mocked(withNodeClient).mockImplementation(async (nodeId, as, work, options) => {
    const left = answers[nodeId] ?? [];
    const answer = left.length > 1 ? left.shift() : left[0];
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error(`nobody asks ${nodeId}`);
    const give = (value: unknown) => async (callOptions: unknown) => {
      asked.push({ nodeId, as, options: [options, callOptions] });
      return value;
    };
    const client = {
      etcdMemberList: give(answer.members),
      etcdStatus: give(answer.status),
      etcdAlarmList: give(answer.alarms),
    };
    return work(client as never) as never;
  });
});
afterEach(() => {
  for (const id of ["n1", "n2", "n3", "w1", "x1"]) fleet().remove(id);
  vi.restoreAllMocks();
});
const read = (signal = new AbortController().signal) => readClusterEtcd("c", signal);
const healthOf = async () => (await read()).state.members.map(({ healthy }) => healthy);

describe("etcd is read from its own members", () => {
  test("each asked on its node, as a reader, within eight seconds; workers and other clusters are not", async () => {
    const { signal } = new AbortController();
    expect(await read(signal)).toEqual({
      state: {
        members: ["1", "2", "3"].map((id) => ({ id, name: `cp-${id}`, learner: false, started: true, healthy: true })),
        alarms: [],
      },
      memberIdByNode: new Map([
        ["n1", "1"],
        ["n2", "2"],
        ["n3", "3"],
      ]),
      leaderId: "1",
    });
    expect(
      vi
        .mocked(withNodeClient)
        .mock.calls.map(([nodeId]) => nodeId)
        .sort(),
    ).toEqual(["n1", "n2", "n3"]);
    for (const { as, options } of asked) {
      expect(as).toBe("reader");
      expect(options).toEqual([{ signal }, { signal, deadlineMs: 8_000 }]);
    }
  });

  test.each<[string, Told, boolean | null]>([
    ["with an error of its own is not healthy", { status: { errors: ["corrupt"] } }, false],
    ["without a leader is not healthy", { status: { leaderId: "0000" } }, false],
    ["that knows no leader's id is not healthy", { status: { leaderId: "" } }, false],
  ])("a member %s", async (_, what, expected) => {
    answers.n2 = [told("2", what)];
    expect(await healthOf()).toEqual([true, expected, true]);
  });

  test("a member whose node does not answer could not be asked", async () => {
    answers.n2 = [off];
    expect(await healthOf()).toEqual([true, null, true]);
    expect((await read()).memberIdByNode.has("n2")).toBe(false);
  });

  test("a learner, and one that has not started, are told as that", async () => {
    const members = [memberOf("1"), memberOf("2", { learner: true }), memberOf("3", { hostname: "" })];
    answers = { n1: [told("1", { members })], n2: [off], n3: [off] };
    expect((await read()).state.members).toMatchObject([
      { learner: false, started: true },
      { learner: true, started: true },
      { learner: false, started: false, name: "" },
    ]);
  });

  test("alarms are told once each, and `none` is none", async () => {
    const alarms = [{ alarm: "no-space" }, { alarm: "none" }];
    for (const id of ["1", "2"]) answers[`n${id}`] = [told(id, { alarms })];
    expect((await read()).state.alarms).toEqual(["no-space"]);
  });

  test("there may be no leader, and no member", async () => {
    for (const id of ["1", "2", "3"]) answers[`n${id}`] = [told(id, { members: [], status: { leader: false } })];
    expect(await read()).toMatchObject({ leaderId: null, state: { members: [] } });
  });
});

describe("a node that does not answer", () => {
  test("is asked once more after a second, since one lost call says nothing", async () => {
    answers.n2 = [off, told("2")];
    const { signal } = new AbortController();
    expect((await read(signal)).state.members[1]).toMatchObject({ healthy: true });
    expect(vi.mocked(time.sleep).mock.calls).toEqual([[1_000, signal]]);
  });

  test("is not asked again where it has refused", async () => {
    answers.n2 = [new TalosError("No.", { kind: "permission-denied", method: "/m", address: "a" }), told("2")];
    expect(await healthOf()).toEqual([true, null, true]);
  });

  test("says why, where nobody answers", async () => {
    answers = { n1: [off], n2: [off], n3: [off] };
    await expect(read()).rejects.toMatchObject({
      code: "unavailable",
      message: "No control plane answers for etcd. It is off.",
    });
    await expect(readClusterEtcd("none", new AbortController().signal)).rejects.toMatchObject({
      message: "No control plane answers for etcd.",
    });
  });
});

test("control planes that disagree on the members are believed none", async () => {
  answers.n3 = [told("3", { members: [memberOf("1"), memberOf("2")] })];
  await expect(read()).rejects.toBeInstanceOf(AppError);
  await expect(read()).rejects.toMatchObject({ code: "refused" });
  answers.n3 = [told("3", { members: [memberOf("1"), memberOf("2"), memberOf("4")] })];
  await expect(read()).rejects.toMatchObject({ code: "refused" });
  answers.n3 = [told("3", { members: [...all].reverse() })];
  expect((await read()).state.members).toHaveLength(3);
});

test("who waits no longer gets no answer", async () => {
  const asking = new AbortController();
  asking.abort(new Error("over"));
  await expect(read(asking.signal)).rejects.toThrow("over");
});
