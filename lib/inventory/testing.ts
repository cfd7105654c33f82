import { noFacts, type NodeFacts } from "./facts";
import type { NodeRecord } from "./node-state";

/** A record for tests: a worker of cluster `alpha` at a loopback address. */
export const testRecord = (changes: Partial<NodeRecord> = {}): NodeRecord => ({
  id: "node_1",
  clusterId: "cluster_1",
  clusterName: "alpha",
  address: "127.10.0.1:50000",
  machineUuid: "11111111-2222-3333-4444-555555555555",
  macs: [],
  role: "worker",
  hostname: null,
  profiles: [],
  schematicId: null,
  schematicRegistered: false,
  installImage: null,
  asFound: false,
  configHash: null,
  maintenanceFingerprint: null,
  ...changes,
});

/** Facts for tests: a ready worker. */
export const testFacts = (changes: Partial<NodeFacts> = {}): NodeFacts => ({
  ...noFacts,
  role: "worker",
  stage: "running",
  ready: true,
  talosVersion: "v1.13.4",
  architecture: "amd64",
  hostname: "rack-1",
  bootId: "boot-1",
  readAtMs: 1_000,
  ...changes,
});
