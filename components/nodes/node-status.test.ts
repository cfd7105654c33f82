import { describe, expect, it } from "vitest";
import type { NodeView } from "@/lib/inventory/schema";
import type { RunSummary } from "@/lib/upgrades/schema";
import { nodeStatus } from "./node-status";

const base = {
  id: "node_1",
  reachability: { state: "reachable", sinceMs: 0 },
  stage: "running",
  ready: true,
  unmetConditions: [],
  attention: [],
  proofs: [],
} as unknown as NodeView;
const node = (changes: Partial<NodeView>): NodeView => ({ ...base, ...changes });
const away: NodeView["reachability"] = {
  state: "unreachable",
  sinceMs: 0,
  reason: "Connection refused.",
  kind: "unreachable",
  lastSeenMs: 0,
};
const remedy = { kind: "by-hand", sentence: "Look at it." } as const;
const runAt = (state: string) => ({ nodes: [{ nodeId: "node_1", state }] }) as unknown as RunSummary;

describe("nodeStatus", () => {
  it("is fine only when running and ready", () => {
    expect(nodeStatus(base)).toMatchObject({ group: "ready", tone: "ok", words: "Running" });
    expect(
      nodeStatus(node({ ready: false, unmetConditions: [{ name: "nodeReady", reason: "kubelet down" }] })),
    ).toMatchObject({
      tone: "warn",
      words: "Running, not ready",
      reason: "nodeReady: kubelet down",
    });
  });
  it("says what a boot waits for", () => {
    const unmetConditions = [{ name: "services", reason: "etcd not running" }];
    expect(nodeStatus(node({ stage: "booting", ready: false, unmetConditions }))).toMatchObject({
      group: "changing",
      words: "Booting",
      reason: "services: etcd not running",
      transitional: true,
    });
    expect(nodeStatus(node({ stage: "rebooting", unmetConditions })).reason).toBeNull();
  });
  it("never shows a stage of a node that it cannot reach as present", () => {
    expect(nodeStatus(node({ reachability: away }))).toMatchObject({
      group: "unreachable",
      tone: "bad",
      words: "Unreachable (was Running)",
    });
    expect(nodeStatus(node({ reachability: away, stage: "unknown" })).words).toBe("Unreachable");
  });
  it("calls a node away in its own reboot upgrading, not lost", () => {
    expect(nodeStatus(node({ reachability: away }), runAt("rebooting"))).toMatchObject({
      group: "changing",
      transitional: true,
      words: "Upgrading · rebooting",
    });
    expect(nodeStatus(base, runAt("queued")).words).toBe("Running");
  });
  it("puts a broken GPU before drift and says why", () => {
    const attention: NodeView["attention"] = [
      { kind: "drift", tone: "warn", sentence: "drifted", detail: "", remedy },
      { kind: "gpu-not-working", tone: "bad", sentence: "GTX 1080 Ti: refused", detail: "", remedy },
    ];
    expect(nodeStatus(node({ attention }))).toMatchObject({
      tone: "bad",
      words: "Running, GPU not working",
      reason: "GTX 1080 Ti: refused",
    });
    expect(nodeStatus(node({ attention: attention.slice(0, 1) }))).toMatchObject({
      tone: "warn",
      words: "Running, drift",
    });
  });
  it("counts the GPUs that share the worst fault", () => {
    const attention: NodeView["attention"] = [
      { kind: "gpu-not-working", tone: "bad", sentence: "long", detail: "", remedy },
    ];
    const proof = (state: string, brief: string | null) => ({ state, brief }) as NodeView["proofs"][number];
    const refused = proof("broken", "driver refuses the card");
    const reason = (proofs: NodeView["proofs"]) => nodeStatus(node({ attention, proofs })).reason;
    expect(reason([refused])).toBe("driver refuses the card");
    expect(reason([refused, refused, proof("working", null)])).toBe("2 GPUs: driver refuses the card");
    expect(reason([proof("working", null), proof("no-profile", "no profile assigned")])).toBe(
      "1 GPU: no profile assigned",
    );
  });
  it("waits for a config in maintenance, and is unknown when unknown", () => {
    expect(nodeStatus(node({ stage: "maintenance", ready: false })).group).toBe("waiting");
    expect(nodeStatus(node({ stage: "unknown" }))).toMatchObject({ tone: "idle", words: "Unknown" });
    expect(nodeStatus(node({ reachability: { state: "never-seen" } })).words).toBe("Never seen");
  });
});
