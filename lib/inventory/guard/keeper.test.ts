import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { withNodeClient } from "../access";
import { fleet } from "../fleet";
import type { HeldReading, MemberReading } from "./hold-course";
import type { Hold } from "./holds";
import { plane, sinceMs } from "./keeper-testing";
import { HoldKeeper, type KeeperPorts, liveKeeperPorts, lookAtHolds } from "./keeper";

vi.mock("../access", () => ({ withNodeClient: vi.fn() }));
setUpTestDatabase();

let nowMs = sinceMs;
const back: HeldReading = { bootId: "boot-2", running: true, ready: true };
const put = (...holds: Hold[]) => db.nodeHold.createMany({ data: holds });
const holdOf = (nodeId = "cp1") => db.nodeHold.findUnique({ where: { nodeId } });

type Said = { node: HeldReading; member: MemberReading; known: boolean; inRun: boolean; ownerEnded: boolean };
let said: Said;
let looks: string[] = [];
const ports: KeeperPorts = {
  nowMs: () => nowMs,
  known: () => said.known,
  node: async (nodeId, signal) => {
    signal.throwIfAborted();
    looks.push(nodeId);
    return said.node;
  },
  member: async () => said.member,
  inRun: async ({ nodeId }) => {
    looks.push(`run of ${nodeId}`);
    return said.inRun;
  },
  ownerEnded: () => said.ownerEnded,
};
let logged: string[] = [];
beforeEach(async () => {
  nowMs = sinceMs + 10_000;
  looks = [];
  logged = [];
  said = { node: back, member: "healthy", known: true, inRun: false, ownerEnded: false };
  vi.spyOn(console, "error").mockImplementation((line: string) => void logged.push(line));
  await db.nodeHold.deleteMany();
});
afterEach(() => vi.restoreAllMocks());
const keeper = () => new HoldKeeper(ports);

describe("a look at a hold", () => {
  test("lets a node go that is back, and says why", async () => {
    await put(plane());
    await keeper().tick();
    expect(await holdOf()).toBeNull();
    expect(logged.join()).toMatch(/A node is let go nodeId="cp1" operation="node.reboot" why="It is back/);
  });

  test("notes what was learned", async () => {
    said.node = null;
    await put(plane());
    await keeper().tick();
    expect((await holdOf())?.wentAt).toEqual(new Date(nowMs));
    expect(logged).toEqual([]);
  });

  test("leaves it where nothing has changed", async () => {
    said.member = "missing";
    await put(plane());
    await keeper().tick();
    expect(await holdOf()).toEqual(plane());
  });

  test("asks nothing of a node that is not managed here any more", async () => {
    said.known = false;
    await put(plane());
    await keeper().tick();
    expect([await holdOf(), looks]).toEqual([null, ["run of cp1"]]);
  });

  test("leaves a node alone that its run still works on", async () => {
    said.inRun = true;
    await put(plane({ runId: "run_1" }));
    await keeper().tick();
    expect([(await holdOf()) !== null, looks]).toEqual([true, ["run of cp1"]]);
  });

  test("does not ask a node whose call is being made; of one that was cut off it waits for the return", async () => {
    await put(plane({ phase: "calling" }));
    await keeper().tick();
    expect([(await holdOf())?.phase, looks]).toEqual(["calling", []]);
    said.ownerEnded = true;
    await keeper().tick();
    expect([(await holdOf())?.phase, looks]).toEqual(["awaiting", []]);
  });

  test.each([
    ["calling", 5_000],
    ["awaiting", 1_500],
    ["away", 30_000],
  ])("comes again for one that is %s after %i ms", async (phase, everyMs) => {
    said = { ...said, node: null, member: "missing" };
    await put(plane({ phase, wentAt: new Date(sinceMs) }));
    const asked = vi.fn(() => false);
    const one = new HoldKeeper({ ...ports, ownerEnded: asked });
    await one.tick();
    nowMs += everyMs - 1;
    await one.tick();
    await one.tick();
    expect(asked).toHaveBeenCalledTimes(1);
    nowMs += 1;
    await one.tick();
    expect(asked).toHaveBeenCalledTimes(2);
  });

  test("comes at once for another hold of the same node, and forgets the ones that are over", async () => {
    said.member = "missing";
    const one = keeper();
    await put(plane(), plane({ nodeId: "cp2", clusterId: "d" }));
    await one.tick();
    await db.nodeHold.delete({ where: { nodeId: "cp1" } });
    await one.tick();
    await put(plane());
    await one.tick();
    expect(looks.filter((look) => look === "cp1")).toHaveLength(2);
  });

  test("of a node in a run comes again as well", async () => {
    said.inRun = true;
    await put(plane());
    const one = keeper();
    await one.tick();
    await one.tick();
    expect(looks).toHaveLength(1);
  });

  test("is one at a time: who comes meanwhile waits for the same", async () => {
    await put(plane(), plane({ nodeId: "cp2", clusterId: "d" }));
    const one = keeper();
    const [first, second] = [one.tick(), one.tick()];
    expect(second).toBe(first);
    await first;
    expect(looks.filter((look) => /^cp/.test(look)).sort()).toEqual(["cp1", "cp2"]);
    expect(one.tick()).not.toBe(first);
  });

  test("that fails is told, and the next one is made", async () => {
    await put(plane());
    const failing = new HoldKeeper({ ...ports, node: () => Promise.reject(new Error("a bug")) });
    await failing.tick();
    expect(logged.join()).toMatch(/The holds of nodes could not be looked at.*a bug/s);
    expect(await holdOf()).not.toBeNull();
    await keeper().tick();
    expect(await holdOf()).toBeNull();
  });
});

describe("the keeper", () => {
  test("looks twice a second from its start, once however often it is started, until it is stopped", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const one = keeper();
    const tick = vi.spyOn(one, "tick").mockResolvedValue();
    one.start();
    one.start();
    vi.advanceTimersByTime(499);
    expect(tick).not.toHaveBeenCalled();
    vi.advanceTimersByTime(501);
    expect(tick).toHaveBeenCalledTimes(2);
    await one.stop();
    vi.advanceTimersByTime(5_000);
    expect(tick).toHaveBeenCalledTimes(2);
    vi.useRealTimers();
  });

  test("stops in the middle of a look without a word, and writes nothing more", async () => {
    await put(plane());
    let answer: (reading: HeldReading) => void = () => {};
    const asked = new Promise<void>((begun) => {
      ports.node = (_, signal) =>
        new Promise((resolve, reject) => {
          answer = resolve;
          signal.addEventListener("abort", () => reject(signal.reason as Error));
          begun();
        });
    });
    const one = keeper();
    const look = one.tick();
    await asked;
    await one.stop();
    answer(back);
    await look;
    expect([await holdOf(), logged]).toEqual([plane(), []]);
    ports.node = async (nodeId) => (looks.push(nodeId), said.node);
  });

  test("writes nothing of what it learns once it has stopped", async () => {
    await put(plane());
    const one = new HoldKeeper({
      ...ports,
      node: async () => {
        void one.stop();
        return back;
      },
    });
    await one.tick();
    expect([await holdOf(), logged]).toEqual([plane(), []]);
  });
});

describe("before somebody is refused", () => {
  const lookFor = async (nodeIds: string[], clusterId: string | null) => {
    vi.mocked(withNodeClient).mockRejectedValue(new AppError("unavailable", "It is off."));
    fleet().remove("cp1");
    await lookAtHolds({ nodeIds, clusterId });
    return (await db.nodeHold.findMany({ orderBy: { nodeId: "asc" } })).map(({ nodeId }) => nodeId);
  };

  test("the nodes that are asked for are looked at, and those that have the cluster's lock", async () => {
    await put(
      plane(),
      plane({ nodeId: "w1", takesPlane: false }),
      plane({ nodeId: "w2", takesPlane: false }),
      plane({ nodeId: "x1", clusterId: "other" }),
      plane({ nodeId: "a1", phase: "away" }),
      plane({ nodeId: "b1", phase: "calling", clusterId: "other", takesPlane: false }),
    );
    // None of them is managed here, so whichever is looked at is let go.
    expect(await lookFor(["w1"], "c")).toEqual(["a1", "b1", "w2", "x1"]);
    expect(await lookFor(["a1", "b1"], null)).toEqual(["a1", "b1", "w2", "x1"]);
  });

  test("of a node without a cluster nobody's lock is looked at", async () => {
    await put(plane({ clusterId: null }));
    expect(await lookFor(["w1"], null)).toEqual(["cp1"]);
  });

  test("a look that fails refuses nobody by itself", async () => {
    await put(plane());
    vi.spyOn(liveKeeperPorts, "known").mockImplementation(() => {
      throw new Error("a bug");
    });
    vi.stubEnv("ICHOR_LOG_LEVEL", "debug");
    await lookAtHolds({ nodeIds: ["cp1"], clusterId: "c" });
    expect(await holdOf()).not.toBeNull();
    expect(logged.join()).toContain('A node that is held could not be looked at reason="a bug"');
    vi.unstubAllEnvs();
  });
});
