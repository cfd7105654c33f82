import { describe, expect, test } from "vitest";
import { bootstrapVerdict } from "./bootstrap";
import type { NodeView } from "./schema";

const reachable: NodeView["reachability"] = { state: "reachable", sinceMs: 0 };
const away: NodeView["reachability"] = {
  state: "unreachable",
  sinceMs: 0,
  reason: "",
  kind: "unreachable",
  lastSeenMs: 0,
};
type Part = Partial<NodeView> & { etcdState?: string };
const plane = (name: string, { etcdState, ...part }: Part = {}): NodeView =>
  ({
    name,
    role: "controlplane",
    stage: "running",
    reachability: reachable,
    etcd: null,
    services:
      etcdState === undefined
        ? []
        : [{ id: "etcd", state: etcdState, healthy: null, lastMessage: "", lastChangeMs: null }],
    ...part,
  }) as NodeView;

const etcd = { memberId: "1", leader: true, learner: false, members: 1, dbSizeBytes: 1, errors: [] };

describe("whether a cluster waits for its bootstrap", () => {
  test.each(["Waiting", "Preparing", "Initialized"])("an etcd that is %s has never run", (etcdState) => {
    expect(bootstrapVerdict([plane("cp-01", { etcdState }), plane("w", { role: "worker" })])).toEqual({
      state: "awaited",
    });
  });
  test.each(["Running", "Failed", "Finished", "Stopping"])("an etcd that is %s has run", (etcdState) => {
    const members = [plane("cp-01", { etcdState: "Preparing" }), plane("cp-02", { etcdState })];
    expect(bootstrapVerdict(members)).toEqual({ state: "done", on: "cp-02" });
  });
  test("what etcd itself said counts, whatever its service says", () => {
    expect(bootstrapVerdict([plane("cp-01", { etcdState: "Preparing", etcd })])).toEqual({
      state: "done",
      on: "cp-01",
    });
  });
  test("a control plane that joins a cluster looks as before the bootstrap: all others have to be heard", () => {
    const joining = plane("cp-03", { etcdState: "Preparing" });
    expect(bootstrapVerdict([joining, plane("cp-01", { reachability: away })])).toEqual({
      state: "unclear",
      unasked: ["cp-01"],
    });
    // One that is away is remembered with what it last said.
    expect(bootstrapVerdict([joining, plane("cp-01", { reachability: away, etcdState: "Running" })])).toEqual({
      state: "done",
      on: "cp-01",
    });
    expect(bootstrapVerdict([joining, plane("cp-01")])).toMatchObject({ state: "unclear" });
  });
  test("one in maintenance mode has no etcd", () => {
    const fresh = plane("cp-02", { stage: "maintenance" });
    expect(bootstrapVerdict([plane("cp-01", { etcdState: "Preparing" }), fresh])).toEqual({ state: "awaited" });
    expect(bootstrapVerdict([fresh])).toEqual({ state: "no-control-plane" });
    expect(bootstrapVerdict([])).toEqual({ state: "no-control-plane" });
  });
});
