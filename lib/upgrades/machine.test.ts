import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type NodeEvent, type NodeFlow, mayInstall, nextNodeState, nodeEvents, nodePhase } from "./machine";
import { type RunNodeView, nextRunAction } from "./run-machine";
import { type RunNodeState, runNodeStates } from "./schema";

const walk = (flow: NodeFlow, events: NodeEvent[]): (RunNodeState | null)[] => {
  let state: RunNodeState | null = "queued";
  return events.map((event) => (state = state && nextNodeState(flow, state, event)));
};

describe("nextNodeState", () => {
  test("installs before it drains since 1.13, and drains first before that", () => {
    expect(
      walk("lifecycle", [
        "pull-started",
        "pulled",
        "turn",
        "installed",
        "drained",
        "returned",
        "proved",
        "uncordoned",
        "soaked",
      ]),
    ).toEqual([
      "pulling",
      "pulled",
      "installing",
      "draining",
      "rebooting",
      "proving",
      "uncordoning",
      "soaking",
      "done",
    ]);
    expect(
      walk("legacy", [
        "pull-started",
        "pulled",
        "turn",
        "drained",
        "installed",
        "returned",
        "proved",
        "uncordoned",
        "soaked",
      ]),
    ).toEqual([
      "pulling",
      "pulled",
      "draining",
      "installing",
      "rebooting",
      "proving",
      "uncordoning",
      "soaking",
      "done",
    ]);
  });

  test.each(["lifecycle", "legacy"] as const)(
    "%s: ends are ends; only a failed or unknown node may be tried again",
    (flow) => {
      const open = runNodeStates.filter((state) =>
        nodeEvents.some((event) => nextNodeState(flow, state, event) !== null),
      );
      const closed = runNodeStates.filter((state) => !open.includes(state));
      expect(closed).toEqual(["done", "skipped", "rolled-back"]);
      expect(runNodeStates.filter((state) => nextNodeState(flow, state, "retry") !== null)).toEqual([
        "failed",
        "unknown",
      ]);
    },
  );

  test.each(["lifecycle", "legacy"] as const)("%s: every state at work can fail, and be lost", (flow) => {
    for (const state of runNodeStates.filter((one) => !nodePhase[one].startsWith("ended"))) {
      expect(nextNodeState(flow, state, "failed")).toBe("failed");
      expect(nextNodeState(flow, state, "lost")).toBe("unknown");
    }
  });
});

describe("mayInstall", () => {
  test.each([
    [null, "boot-1", false, "start"],
    [{ bootId: "boot-1", exit: null }, "boot-1", false, "adopt"],
    [{ bootId: "boot-1", exit: 0 }, "boot-1", true, "installed"],
    [{ bootId: "boot-1", exit: 7 }, "boot-1", false, "refused"],
    [{ bootId: "boot-1", exit: 7 }, "boot-1", true, "start"],
    [{ bootId: "boot-1", exit: 2 }, "boot-1", true, "refused"],
    [{ bootId: "boot-1", exit: 0 }, "boot-2", true, "refused"],
    [{ bootId: "boot-1", exit: null }, "boot-2", true, "refused"],
  ])("%o in %s, asked again %s: %s", (earlier, bootId, askedAgain, kind) => {
    expect(mayInstall(earlier, bootId, askedAgain).kind).toBe(kind);
  });
});

describe("nextRunAction", () => {
  const node = (
    name: string,
    role: RunNodeView["role"],
    position: number,
    state: RunNodeState = "pulled",
  ): RunNodeView => ({
    nodeId: name,
    name,
    role,
    position,
    state,
  });
  const run = (nodes: RunNodeView[], rest: Partial<Parameters<typeof nextRunAction>[0]> = {}) =>
    nextRunAction({ state: "running", requested: null, haltOnFailure: true, nodes, ...rest });

  test("pulls on all before the first node gets its turn", () => {
    const nodes = [node("a", "worker", 0), node("b", "worker", 1, "queued"), node("c", "worker", 2, "pulling")];
    expect(run(nodes)).toEqual({ kind: "pull", nodeIds: ["b", "c"] });
  });

  test("finishes the node at work before it pauses or cancels", () => {
    const nodes = [node("a", "worker", 0, "draining"), node("b", "worker", 1)];
    expect(run(nodes, { requested: "pause" })).toEqual({ kind: "advance", nodeId: "a" });
    expect(run(nodes, { state: "cancelling", requested: "cancel" })).toEqual({ kind: "advance", nodeId: "a" });
    const between = [node("a", "worker", 0, "done"), node("b", "worker", 1)];
    expect(run(between, { requested: "pause" })).toMatchObject({ kind: "enter", state: "paused" });
    expect(run(between, { state: "cancelling" })).toMatchObject({ kind: "enter", state: "cancelled" });
  });

  test("halts on a failure; without that policy a worker's failure is passed, a control plane's never", () => {
    const failed = (role: RunNodeView["role"]) => [node("a", role, 0, "failed"), node("b", "worker", 1)];
    expect(run(failed("worker"))).toMatchObject({ kind: "enter", state: "halted" });
    expect(run(failed("worker"), { haltOnFailure: false })).toEqual({ kind: "advance", nodeId: "b" });
    expect(run(failed("controlplane"), { haltOnFailure: false })).toMatchObject({ kind: "enter", state: "halted" });
  });

  test("a halted run goes on only when nothing that halts is left", () => {
    const back = [node("a", "worker", 0, "rolled-back")];
    expect(run(back, { state: "halted", requested: "retry" })).toBeNull();
    expect(run([node("a", "worker", 0, "queued")], { state: "halted", requested: "retry" })).toMatchObject({
      state: "running",
    });
  });

  test("whatever happens, one node at most is beyond its pull, and a node that fell back is never taken up again", () => {
    const roles = fc.array(fc.constantFrom("controlplane" as const, "worker" as const), { minLength: 1, maxLength: 6 });
    const picks = fc.array(fc.nat(), { minLength: 30, maxLength: 200 });
    const wishes = fc.array(
      fc.constantFrom(null, null, null, "pause" as const, "resume" as const, "cancel" as const, "retry" as const),
      { minLength: 20, maxLength: 200 },
    );
    fc.assert(
      fc.property(
        roles,
        picks,
        wishes,
        fc.boolean(),
        fc.constantFrom<NodeFlow>("lifecycle", "legacy"),
        (kinds, random, asked, haltOnFailure, flow) => {
          const nodes = kinds.map((role, index) => node(`n${index}`, role, index, "queued"));
          const installs = new Map<string, number>();
          let state: Parameters<typeof nextRunAction>[0]["state"] = "planned";
          random.forEach((pick, turn) => {
            const requested = asked[turn % asked.length] ?? null;
            if (state === "halted" && requested === "retry") {
              for (const one of nodes) one.state = nextNodeState(flow, one.state, "retry") ?? one.state;
            }
            const fellBack = nodes.filter((one) => one.state === "rolled-back");
            const action = nextRunAction({ state, requested, haltOnFailure, nodes });
            if (action?.kind === "enter") state = action.state;
            const targets =
              action?.kind === "pull" ? action.nodeIds : action?.kind === "advance" ? [action.nodeId] : [];
            for (const one of nodes.filter(({ nodeId }) => targets.includes(nodeId))) {
              const possible = nodeEvents.filter(
                (event) => event !== "retry" && nextNodeState(flow, one.state, event) !== null,
              );
              const next = nextNodeState(flow, one.state, possible[pick % possible.length] ?? "failed") ?? one.state;
              if (next === "installing") installs.set(one.nodeId, (installs.get(one.nodeId) ?? 0) + 1);
              one.state = next;
            }
            // Half a million expectations would cost more than all that they judge.
            if (nodes.filter((one) => nodePhase[one.state] === "active").length > 1) throw new Error("two at work");
            if (fellBack.some((one) => one.state !== "rolled-back"))
              throw new Error("a node that fell back was taken up");
          });
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
