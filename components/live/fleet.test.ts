import { describe, expect, it } from "vitest";
import type { NodeView } from "@/lib/inventory/schema";
import type { LiveFrame } from "@/lib/live/frames";
import type { RunEvent } from "@/lib/upgrades/schema";
import { Fleet } from "./fleet";
import { mergeEvents } from "./merge-events";

const node = (id: string, name = id) =>
  ({ id, name, counters: null, cpuHistory: [], readAtMs: 5 }) as unknown as NodeView;
const upsert = (id: string, name?: string): LiveFrame => ({ type: "node.upsert", node: node(id, name) });
const hello: LiveFrame = { type: "hello", serverTimeMs: 0, buildId: "" };
const synced: LiveFrame = { type: "synced" };
const note = (seq: number): RunEvent => ({ seq, runId: "run_1", atMs: seq, nodeId: null, kind: "note", text: "" });

describe("Fleet", () => {
  it("sorts nodes as people do", () => {
    const fleet = new Fleet();
    fleet.apply([upsert("a", "gpu-10"), upsert("b", "gpu-2")]);
    const names = () => fleet.nodeList().map(({ name }) => name);
    expect(names()).toEqual(["gpu-2", "gpu-10"]);
    fleet.apply([upsert("a", "gpu-1"), upsert("c", "cp-1"), { type: "node.remove", id: "b" }]);
    expect(names()).toEqual(["cp-1", "gpu-1"]);
  });

  it("keeps old rows through a new snapshot and drops at its end what it did not name", () => {
    const fleet = new Fleet();
    fleet.apply([hello, upsert("a"), upsert("b"), synced]);
    fleet.apply([hello, upsert("b")]);
    expect([...fleet.nodes.keys()]).toEqual(["a", "b"]);
    expect(fleet.apply([synced]).has("nodes")).toBe(true);
    expect([...fleet.nodes.keys()]).toEqual(["b"]);
  });

  it("drops nothing when a resume ends without a snapshot", () => {
    const fleet = new Fleet();
    fleet.apply([hello, upsert("a"), synced, synced]);
    expect(fleet.nodes.size).toBe(1);
  });

  it("puts counters on their node as a new object and ignores those of a stranger", () => {
    const fleet = new Fleet();
    fleet.apply([upsert("a")]);
    const before = fleet.nodes.get("a");
    const counters = { atMs: 9, cpuPercent: 41 } as never;
    expect(fleet.apply([{ type: "node.counters", id: "zz", counters }]).size).toBe(0);
    fleet.apply([{ type: "node.counters", id: "a", counters }]);
    expect(fleet.nodes.get("a")).not.toBe(before);
    expect(fleet.nodes.get("a")).toMatchObject({ cpuHistory: [41], readAtMs: 9 });
  });

  it("takes a sample once where an upsert brought it before its own frame", () => {
    const fleet = new Fleet();
    const counters = { atMs: 9, cpuPercent: 41 } as never;
    fleet.apply([{ type: "node.upsert", node: { ...node("a"), counters, cpuHistory: [41] } }]);
    fleet.apply([{ type: "node.counters", id: "a", counters }]);
    expect(fleet.nodes.get("a")?.cpuHistory).toEqual([41]);
  });

  it("keeps a run's events once each, in order", () => {
    const fleet = new Fleet();
    fleet.apply([1, 2, 2, 1, 3].map((seq) => ({ type: "run.event", event: note(seq) })));
    expect(fleet.events.get("run_1")?.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });
});

describe("mergeEvents", () => {
  it("adds what is newer and says whether some were missed", () => {
    expect(mergeEvents([note(1), note(2)], [note(2), note(3)])).toMatchObject({
      events: [note(1), note(2), note(3)],
      hole: false,
    });
    expect(mergeEvents([note(1)], [note(4)]).hole).toBe(true);
    expect(mergeEvents([], []).hole).toBe(false);
  });
});
