import { beforeEach, describe, expect, test, vi } from "vitest";
import { AppError } from "@/lib/core/errors";
import { VirtualClock } from "@/lib/core/virtual-clock-testing";
import type { UpgradeProof } from "./proof";
import * as proof from "./proof";
import { heldBoot, lookAtProof } from "./proof-look";
import * as story from "./return-story";
import type { PlanCheck } from "./schema";
import { defaultTuning, type StepContext } from "./step-context";
import { stepProve, stepSoak } from "./step-prove";

const check = (id: string, state: PlanCheck["state"], detail = "It is."): PlanCheck => ({
  id,
  title: id,
  state,
  detail,
});
const reading = { version: "v1.14.0", bootId: "b2-0123456789", schematicId: "s", stage: "running", ready: true };
type Reading = Partial<typeof reading> | Error;

/** A node whose answers are given one by one, the last one from then on, on a clock of its own. */
function world(
  answers: Reading[],
  over: { kubernetes?: unknown; nodename?: string | null; clusterId?: string | null } = {},
) {
  const clock = new VirtualClock(0);
  const slept: number[] = [];
  const events: { checks?: PlanCheck[] }[] = [];
  const calls: string[] = [];
  const stop = new AbortController();
  const nextOf = () => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error("nobody asks");
    return { ...reading, ...answer };
  };
  const ctx = {
    signal: stop.signal,
    clusterId: over.clusterId === undefined ? "c" : over.clusterId,
    policy: { soakMs: 5_000 },
    tuning: { ...defaultTuning, pollMs: 1_000, proveTimeoutMs: 3_000, allocatableGraceMs: 6_000 },
    row: {
      nodeId: "w1",
      toSchematicId: "s",
      before: { nodename: over.nodename === undefined ? "w-1" : over.nodename },
    },
    journal: { write: async (entry: { events: object[] }) => void events.push(...entry.events) },
    ports: {
      nowMs: clock.nowMs,
      sleep: async (ms: number, signal: AbortSignal) => {
        expect(signal).toBe(stop.signal);
        slept.push(ms);
        await clock.sleep(ms);
      },
      openNode: async (_id: string, role: string) => ({
        read: async () => (calls.push(`read as ${role}`), nextOf()),
        readHardware: async () => (calls.push(`hardware as ${role}`), { waiting: [] }),
        close: () => calls.push("close"),
      }),
      extensionsOfSchematic: async (id: string) => (calls.push(`schematic ${id}`), ["x"]),
      profilesOf: async (id: string) => (calls.push(`profiles of ${id}`), []),
      openKubernetes: async () => {
        if (over.kubernetes instanceof Error) throw over.kubernetes;
        return { node: async (name: string) => ({ name }), close: () => calls.push("close Kubernetes") };
      },
    },
  } as unknown as StepContext;
  return { ctx, clock, slept, events, calls, stop };
}
const proofOf = (...checks: PlanCheck[]): UpgradeProof => ({ checks, gpus: [] });
const away = new AppError("unavailable", "It is off.");

beforeEach(() => {
  vi.restoreAllMocks();
  vi.spyOn(story, "isBadReturn").mockReturnValue(false);
  vi.spyOn(story, "tellBadReturn").mockResolvedValue({ event: "rolled-back", reason: "It fell back." });
});
const proves = (...proofs: UpgradeProof[]) =>
  vi.spyOn(proof, "proveUpgrade").mockImplementation(() => {
    const [next] = proofs.length > 1 ? proofs.splice(0, 1) : proofs;
    return next ?? proofOf();
  });

describe("a proof", () => {
  test("that holds is shown and over at once", async () => {
    proves(proofOf(check("version", "ok"), check("kubernetes", "warning")));
    const { ctx, clock, events, slept } = world([{}]);
    expect(await clock.until(stepProve(ctx))).toEqual({ event: "proved" });
    expect(events).toEqual([
      {
        ...{ kind: "proof", nodeId: "w1", gpus: [], bootId: "b2-0123456789" },
        checks: [check("version", "ok"), check("kubernetes", "warning")],
      },
    ]);
    expect(slept).toEqual([]);
  });

  test("is looked at again each second, and shown where it has changed", async () => {
    const broken = proofOf(check("modules", "refused"));
    proves(broken, broken, proofOf(check("modules", "ok")));
    const { ctx, clock, events, slept } = world([{}]);
    expect(await clock.until(stepProve(ctx))).toEqual({ event: "proved" });
    expect(events.map(({ checks }) => checks?.[0]?.state)).toEqual(["refused", "ok"]);
    expect(slept).toEqual([1_000, 1_000]);
  });

  test("that does not come in time is a failure that says why", async () => {
    proves(proofOf(check("modules", "refused", "Not live."), check("allocatable", "refused", "None.")));
    const { ctx, clock, events, slept } = world([{}]);
    expect(await clock.until(stepProve(ctx))).toEqual({
      event: "failed",
      reason:
        "It came back, but is not proven. modules: Not live. allocatable: None. Read at 00:00:03 UTC in the boot b2-01234.",
    });
    expect(slept).toEqual([1_000, 1_000, 1_000]);
    const awaited = events.map(({ checks }) => checks?.map(({ state, detail }) => [state, detail]));
    expect(awaited).toEqual([
      [
        ["refused", "Not live."],
        ["warning", "None. It has time to come back."],
      ],
      [
        ["refused", "Not live."],
        ["refused", "None."],
      ],
    ]);
  });

  test.each(["allocatable", "kubernetes"])("that lacks %s alone has longer: device plugins start late", async (id) => {
    proves(proofOf(check(id, "refused"), check("version", "ok")));
    const { ctx, clock } = world([{}]);
    expect(await clock.until(stepProve(ctx))).toMatchObject({ event: "failed" });
    expect(clock.nowMs()).toBe(6_000);
  });

  test("has never less time than the proof itself has", async () => {
    proves(proofOf(check("allocatable", "refused")));
    const { ctx, clock } = world([{}]);
    ctx.tuning.allocatableGraceMs = 10;
    await clock.until(stepProve(ctx));
    expect(clock.nowMs()).toBe(3_000);
  });

  test.each([
    ["is not waited for: that does not pass", [check("kubernetes", "refused")], 0],
    ["waits for what may pass beside it", [check("kubernetes", "refused"), check("modules", "refused")], 3_000],
  ])("that Kubernetes does not let us make %s", async (_, checks, atMs) => {
    proves(proofOf(...checks));
    const { ctx, clock } = world([{}], { kubernetes: new AppError("refused", "It does not take us.") });
    expect(await clock.until(stepProve(ctx))).toMatchObject({ event: "failed" });
    expect(clock.nowMs()).toBe(atMs);
  });

  test("that Kubernetes does not let us make, and that holds all the same, is one", async () => {
    proves(proofOf(check("kubernetes", "warning")));
    const { ctx, clock } = world([{}], { kubernetes: new AppError("refused", "It does not take us.") });
    expect(await clock.until(stepProve(ctx))).toEqual({ event: "proved" });
  });

  test("of a node that stays away says what was heard of it", async () => {
    const { ctx, clock, events } = world([away]);
    expect(await clock.until(stepProve(ctx))).toEqual({
      event: "failed",
      reason: "It came back, but is not proven. It could not be read: It is off.",
    });
    expect([clock.nowMs(), events]).toEqual([3_000, []]);
  });

  test("of a node that fell back is none", async () => {
    vi.mocked(story.isBadReturn).mockReturnValue(true);
    const { ctx, clock } = world([{}]);
    expect(await clock.until(stepProve(ctx))).toEqual({ event: "rolled-back", reason: "It fell back." });
  });
});

describe("one look", () => {
  test("reads the node as admin, its hardware as reader, and Kubernetes, and closes both", async () => {
    const seen = proves(proofOf());
    const { ctx, calls } = world([{}]);
    expect(await lookAtProof(ctx)).toEqual({
      ...{ proof: proofOf(), rolledBack: null, away: "", bootId: "b2-0123456789", kubernetesRefused: false },
      basis: "Read at 00:00:00 UTC in the boot b2-01234.",
    });
    expect(calls.sort()).toEqual(
      [
        "read as admin",
        "close",
        "hardware as reader",
        "close",
        "schematic s",
        "profiles of w1",
        "close Kubernetes",
      ].sort(),
    );
    expect(seen.mock.calls[0]?.[0]).toEqual({
      ...{ row: ctx.row, reading, hardware: { waiting: [] }, profiles: [], wantedExtensions: ["x"] },
      kubernetes: { node: { name: "w-1" } },
    });
  });

  test.each([
    ["it is in no cluster", { clusterId: null }, "It has no Kubernetes node."],
    ["it had no name there", { nodename: null }, "It has no Kubernetes node."],
    ["Kubernetes cannot be asked", { kubernetes: away }, "It is off."],
  ])("tells where %s", async (_, over, unavailable) => {
    const seen = proves(proofOf());
    await lookAtProof(world([{}], over).ctx);
    expect(seen.mock.calls[0]?.[0].kubernetes).toMatchObject({ unavailable });
  });

  test("of a row without a reading before asks for no Kubernetes node", async () => {
    const seen = proves(proofOf());
    const { ctx } = world([{}]);
    ctx.row.before = null;
    await lookAtProof(ctx);
    expect(seen.mock.calls[0]?.[0].kubernetes).toEqual({ unavailable: "It has no Kubernetes node." });
  });

  test("passes a fault of ours on, whoever was asked", async () => {
    const bug = new TypeError("a bug");
    await expect(lookAtProof(world([bug]).ctx)).rejects.toBe(bug);
    await expect(lookAtProof(world([{}], { kubernetes: bug }).ctx)).rejects.toBe(bug);
  });

  test.each<[string, Reading[], unknown]>([
    ["while the node is read", [away], null],
    ["while Kubernetes is asked", [{}], away],
  ])("ends with the run, %s", async (_, answers, kubernetes) => {
    const { ctx, stop } = world(answers, { kubernetes });
    proves(proofOf());
    stop.abort(new Error("over"));
    await expect(lookAtProof(ctx)).rejects.toThrow("over");
  });

  test("of hardware that cannot be read is none, and says so", async () => {
    const { ctx } = world([{}]);
    const { openNode } = ctx.ports;
    let opened = 0;
    ctx.ports.openNode = async (...args) => {
      opened += 1;
      if (opened === 2) throw away;
      return openNode(...args);
    };
    expect(await lookAtProof(ctx)).toEqual({
      ...{ proof: null, rolledBack: null, away: "It is off.", bootId: null, kubernetesRefused: false, basis: "" },
    });
  });
});

describe("what holds a boot", () => {
  const held = async (waiting: object[] | Error, abort = false) => {
    const { ctx, stop } = world([{}]);
    ctx.ports.openNode = async (_, role) =>
      ({
        readHardware: async () => {
          expect(role).toBe("reader");
          if (waiting instanceof Error) throw waiting;
          return { waiting };
        },
        close: () => {},
      }) as never;
    if (abort) stop.abort(new Error("over"));
    return heldBoot(ctx);
  };

  test("is said in its services' own words, or by their state", async () => {
    expect(await held([{ id: "udevd", state: "Waiting", message: "for files" }])).toBe("Held by udevd: for files.");
    expect(await held([{ id: "udevd", state: "Waiting", message: "" }])).toBe("Held by udevd: Waiting.");
  });
  test("is not said where none is named, or none can be read", async () => {
    expect([await held([]), await held(away)]).toEqual(["", ""]);
    await expect(held(new TypeError("a bug"))).rejects.toThrow("a bug");
    await expect(held(away, true)).rejects.toThrow("over");
  });
});

describe("a soak", () => {
  const soak = async (answers: Reading[]) => {
    const { ctx, clock, slept } = world(answers);
    return { result: await clock.until(stepSoak(ctx)), atMs: clock.nowMs(), slept };
  };

  test("is over when the node was well at its end, to the moment", async () => {
    expect(await soak([{}])).toEqual({ result: { event: "soaked" }, atMs: 5_000, slept: Array(5).fill(1_000) });
  });

  test("ends with a short wait where its end is near", async () => {
    const { ctx, clock, slept } = world([{}]);
    ctx.policy.soakMs = 1_500;
    await clock.until(stepSoak(ctx));
    expect(slept).toEqual([1_000, 500]);
  });

  test.each<[string, Reading]>([
    ["not ready", { ready: false }],
    ["not running", { stage: "booting" }],
    ["away", away],
  ])("waits for a node that is %s at its end, each second, and not for ever", async (_, last) => {
    expect(await soak([{}, ...Array<Reading>(7).fill(last), {}])).toMatchObject({ result: { event: "soaked" } });
    const { result, atMs, slept } = await soak([{}, last]);
    expect(result).toEqual({ event: "failed", reason: "It was proven, but did not stay well afterwards." });
    expect([atMs, new Set(slept)]).toEqual([8_000, new Set([1_000])]);
  });

  test("of a node that restarts by itself has failed, also where it was away in between", async () => {
    for (const between of [[], [away]]) {
      const { result } = await soak([{}, ...between, { bootId: "b3" }]);
      expect(result).toEqual({ event: "failed", reason: "It was proven, but restarted by itself afterwards." });
    }
  });

  test("of a node that falls back is a roll-back", async () => {
    vi.mocked(story.isBadReturn).mockReturnValueOnce(false).mockReturnValue(true);
    expect((await soak([{}])).result).toEqual({ event: "rolled-back", reason: "It fell back." });
  });
});
