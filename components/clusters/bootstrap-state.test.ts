import { expect, test } from "vitest";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";
import { awaitsBootstrap, bootstrapState } from "./bootstrap-state";

const cluster = { name: "lab", secrets: "generated", bootstrapped: null, credentialRole: "os:admin" } as ClusterView;
const plane = {
  name: "cp-01",
  clusterId: "c1",
  role: "controlplane",
  stage: "running",
  reachability: { state: "reachable", sinceMs: 0 },
  services: [{ id: "etcd", state: "Waiting", healthy: null, lastMessage: "", lastChangeMs: null }],
  attention: [],
  etcd: null,
  runId: null,
} as unknown as NodeView;
const away: NodeView = {
  ...plane,
  reachability: { state: "unreachable", sinceMs: 0, reason: "Connection refused.", kind: "unreachable", lastSeenMs: 0 },
};
const withEtcd = (state: string): NodeView => ({
  ...plane,
  services: plane.services.map((service) => ({ ...service, state })),
});

test("a bootstrap is awaited only where a control plane says so", () => {
  expect(awaitsBootstrap(cluster, [plane])).toBe(true);
  expect(awaitsBootstrap(cluster, [withEtcd("Preparing")])).toBe(true);
  expect(awaitsBootstrap(cluster, [withEtcd("Running")])).toBe(false);
  expect(awaitsBootstrap(cluster, [withEtcd("Failed")])).toBe(false);
  expect(awaitsBootstrap(cluster, [away])).toBe(false);
  expect(awaitsBootstrap(cluster, [])).toBe(false);
  expect(awaitsBootstrap({ ...cluster, bootstrapped: true }, [plane])).toBe(false);
  // An imported cluster waits like one that was made here.
  expect(awaitsBootstrap({ ...cluster, secrets: "none" }, [plane])).toBe(true);
  expect(awaitsBootstrap(cluster, [plane, { ...away, name: "cp-02", services: [] }])).toBe(true);
});

test("the control planes that can be bootstrapped, or why none can", () => {
  expect(bootstrapState(cluster, [plane])).toEqual({ planes: [plane], reason: null });
  const gone = { ...away, name: "cp-02", services: [] };
  expect(bootstrapState(cluster, [gone, plane])).toMatchObject({
    planes: [],
    reason: expect.stringContaining("cp-02 cannot be asked"),
  });
  expect(bootstrapState(cluster, [withEtcd("Running"), plane]).reason).toContain("bootstrapped already");
  expect(bootstrapState(cluster, [away]).reason).toBe("cp-01: The node is unreachable: Connection refused.");
  expect(bootstrapState(cluster, []).reason).toBe("The cluster has no control plane yet.");
  expect(bootstrapState({ ...cluster, bootstrapped: true }, [plane]).reason).toBe("lab is bootstrapped already.");
});
