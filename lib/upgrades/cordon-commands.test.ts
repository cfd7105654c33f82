import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { systemContext } from "@/lib/auth/ctx";
import { setUpTestDatabase } from "@/lib/db/testing";
import { withTransaction } from "@/lib/db/transaction";
import { putClusterSecret, readClusterSecret } from "@/lib/inventory/cluster-secrets";
import * as inventory from "@/lib/inventory/operations";
import { as, dataOf, eventually, named } from "@/lib/inventory/testing-fleet";
import { startWatcher, stopWatcher } from "@/lib/inventory/watcher";
import { certificate } from "@/lib/kubernetes/testing";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { demoNodes } from "@/sim/scenario/demo";
import * as operations from "./cordon-operations";

setUpTestDatabase();
// A simulated fleet and its TLS: seconds on an idle machine, more on a busy one.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let sim: SimFleet;
const newestAudit = async () => (await listAudit(systemContext("test"))).entries[0];
/** The node as the simulated Kubernetes has it. */
const inKubernetes = () => {
  const node = sim.world.nodes.get("w-01");
  const kube = node && sim.world.kubernetesNode(node);
  if (!kube) throw new Error("Kubernetes has no w-01");
  return kube;
};

beforeAll(async () => {
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
  sim = await startFleet({ scenario: demoNodes.filter(({ name }) => ["cp-01", "w-01"].includes(name)), speed: 20 });
  await startWatcher();
  dataOf(await as("admin", inventory.talosconfigImport, { talosconfig: sim.talosconfig }));
  await eventually(() => expect(named("w-01").nodename).not.toBeNull());
});
afterAll(async () => {
  await stopWatcher();
  await sim?.stop();
  delete process.env.ICHOR_NODE_NETWORKS;
});

test("a cordon is made with our mark and taken back, refused to viewers, and audited", async () => {
  const { id: nodeId } = named("w-01");
  expect(await as("viewer", operations.nodeCordon, { nodeId })).toMatchObject({ error: { code: "forbidden" } });
  expect(dataOf(await as("operator", operations.nodeCordon, { nodeId }))).toMatchObject({ cordon: "cordoned" });
  expect(await newestAudit()).toMatchObject({ action: "node.cordon", outcome: "succeeded", target: { name: "w-01" } });
  expect(Object.values(inKubernetes().annotations)).toContain("operation:request_test");
  await eventually(() => expect(named("w-01").cordon).toEqual({ state: "ours", runId: null }));
  expect(await as("viewer", operations.nodeUncordon, { nodeId })).toMatchObject({ error: { code: "forbidden" } });
  expect(dataOf(await as("operator", operations.nodeUncordon, { nodeId }))).toMatchObject({ cordon: "uncordoned" });
  await eventually(() => expect(named("w-01")).toMatchObject({ cordon: { state: "none" }, hold: null }));
  expect(await newestAudit()).toMatchObject({ action: "node.uncordon", outcome: "succeeded" });
  expect(dataOf(await as("operator", operations.nodeUncordon, { nodeId }))).toMatchObject({ cordon: "not-cordoned" });
});

test("a drain that a budget blocks says which, and takes its own cordon back; a foreign one stays", async () => {
  const { id: nodeId } = named("w-01");
  expect(await as("viewer", operations.nodeDrain, { nodeId })).toMatchObject({ error: { code: "forbidden" } });
  const drain = () => as("operator", operations.nodeDrain, { nodeId, timeoutMs: 1_000 });
  expect(await drain()).toMatchObject({
    error: {
      code: "refused",
      message: expect.stringMatching(/0 of 1 pods have left\. .*PodDisruptionBudget web allows 0/),
    },
  });
  expect(await newestAudit()).toMatchObject({ action: "node.drain", outcome: "failed", target: { name: "w-01" } });
  expect(inKubernetes()).toMatchObject({ unschedulable: false, annotations: {} });
  inKubernetes().unschedulable = true;
  await drain();
  expect(inKubernetes()).toMatchObject({ unschedulable: true, annotations: {} });
  inKubernetes().unschedulable = false;
});

test("a drain under way is aborted by another person, and nobody else has the node meanwhile", async () => {
  const { id: nodeId } = named("w-01");
  const none = { error: { code: "conflict", message: "No drain of w-01 is under way." } };
  expect(await as("viewer", operations.nodeAbortDrain, { nodeId })).toMatchObject({ error: { code: "forbidden" } });
  expect(await as("operator", operations.nodeAbortDrain, { nodeId })).toMatchObject(none);
  const drain = as("operator", operations.nodeDrain, { nodeId });
  await eventually(() => expect(inKubernetes().unschedulable).toBe(true));
  await eventually(() =>
    expect(named("w-01")).toMatchObject({
      cordon: { state: "ours" },
      hold: { operation: "node.drain", what: "a drain", by: "operator", phase: "calling" },
      drain: {
        total: 1,
        gone: 0,
        blockers: [expect.stringMatching(/default\/web-.* PodDisruptionBudget web allows 0/)],
      },
    }),
  );
  expect(await as("operator", inventory.nodeReboot, { nodeId })).toMatchObject({
    error: { code: "conflict", message: expect.stringContaining("w-01 is taken: a drain by operator") },
  });
  dataOf(await as("admin", operations.nodeAbortDrain, { nodeId }));
  expect(await drain).toMatchObject({ error: { message: "The drain of w-01 was aborted by admin." } });
  expect(inKubernetes()).toMatchObject({ unschedulable: false, annotations: {} });
  expect(named("w-01")).toMatchObject({ drain: null, hold: null });
  expect(await as("operator", operations.nodeAbortDrain, { nodeId })).toMatchObject(none);
});

test("a kubeconfig that the cluster does not take is told at once, and the next attempt has a new one", async () => {
  const { id: nodeId, clusterId } = named("w-01");
  const held = async () => (await readClusterSecret(clusterId ?? "", "kubeconfig"))?.plaintext ?? null;
  dataOf(await as("operator", operations.nodeUncordon, { nodeId }));
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const { cert, key } = certificate();
  // Of another authority, as after the cluster's own was renewed.
  const stale = ((await held()) ?? "")
    .replace(/(client-certificate-data: ).*/, `$1${base64(cert)}`)
    .replace(/(client-key-data: ).*/, `$1${base64(key)}`);
  const secret = { plaintext: stale, role: "system:masters", notAfterMs: Date.now() + 7 * 24 * 3_600_000 };
  await withTransaction((tx) => putClusterSecret(tx, clusterId ?? "", "kubeconfig", secret));
  const drain = await as("operator", operations.nodeDrain, { nodeId });
  expect(drain).toMatchObject({
    error: { code: "refused", message: expect.stringMatching(/does not take the cluster's kubeconfig any more/) },
  });
  expect(drain).toMatchObject({ error: { hint: expect.stringMatching(/^Try again: a new one is fetched/) } });
  expect(dataOf(await as("operator", operations.nodeUncordon, { nodeId }))).toMatchObject({ cordon: "not-cordoned" });
  expect(await held()).not.toBe(stale);
});
