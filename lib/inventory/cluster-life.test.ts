import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { openTalosClient } from "@/lib/talos/client";
import { parseTalosconfig } from "@/lib/talos/talosconfig";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { demoNodes } from "@/sim/scenario/demo";
import { readClusterSecret } from "./cluster-secrets";
import { fleet } from "./fleet";
import * as operations from "./operations";
import type { NodeView } from "./schema";
import { as, dataOf, eventually, named } from "./testing-fleet";
import { startWatcher, stopWatcher } from "./watcher";

setUpTestDatabase();

let sim: SimFleet;
let labId = "";

beforeAll(async () => {
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
  const names = ["cp-01", "w-01", "new-02"];
  sim = await startFleet({ scenario: demoNodes.filter(({ name }) => names.includes(name)), speed: 20 });
  process.env.ICHOR_FACTORY_URL = sim.factoryUrl;
  await startWatcher();
  dataOf(await as("admin", operations.talosconfigImport, { talosconfig: sim.talosconfig }));
  await eventually(() => {
    for (const name of ["cp-01", "w-01"]) expect(named(name).ready).toBe(true);
    expect(named("cp-01").etcd).not.toBeNull();
  });
});
afterAll(async () => {
  await stopWatcher();
  await sim?.stop();
  delete process.env.ICHOR_NODE_NETWORKS;
  delete process.env.ICHOR_FACTORY_URL;
});

const addressOf = (name: string) => sim.nodes.find((node) => node.name === name)?.address ?? "";
const newestAudit = async () => (await listAudit(systemContext("test"))).entries[0];
const calls = (method: string) => sim.rpcLog.filter((entry) => entry.method.endsWith(`/${method}`) && entry.ok);
const waiting = (): NodeView => {
  const found = fleet()
    .views()
    .find(({ address }) => address === `${addressOf("new-02")}:50000`);
  if (!found) throw new Error("the machine was not found");
  return found;
};
const lab = { name: "lab", endpoint: "https://10.5.0.1:6443", kubernetesVersion: "1.36.2" };

test("a cluster is created once, with secrets that are sealed and not in the audit log", async () => {
  for (const role of ["viewer", "operator"] as const) {
    const refused = await as(role, operations.clusterCreate, { cluster: lab, contract: "1.14" });
    expect(refused).toMatchObject({ error: { code: "forbidden" } });
  }
  const bad = { ...lab, endpoint: "http://10.5.0.1" };
  expect(await as("admin", operations.clusterCreate, { cluster: bad, contract: "1.14" })).toMatchObject({
    error: { code: "invalid-input" },
  });
  expect(await db.cluster.count({ where: { name: "lab" } })).toBe(0);

  labId = dataOf(await as("admin", operations.clusterCreate, { cluster: lab, contract: "1.14" })).clusterId;
  expect(fleet().cluster(labId)).toMatchObject({ name: "lab", secrets: "generated", controlPlanes: 0, workers: 0 });
  expect(await newestAudit()).toMatchObject({ action: "cluster.create", outcome: "succeeded", actorName: "admin" });
  const bundle = (await readClusterSecret(labId, "bundle"))?.plaintext ?? "";
  const token = /bootstraptoken: (\S+)/.exec(bundle)?.[1] ?? "";
  expect(token).toMatch(/^\w{6}\.\w{16}$/);
  for (const rows of [await db.auditEntry.findMany(), await db.cluster.findMany(), await db.clusterSecret.findMany()]) {
    expect(JSON.stringify(rows)).not.toContain(token);
  }
  expect(await as("admin", operations.clusterCreate, { cluster: lab, contract: "1.14" })).toMatchObject({
    error: { code: "conflict" },
  });
});

test("its first control plane is adopted and bootstrapped, once", async () => {
  dataOf(await as("operator", operations.machineScan, { target: addressOf("new-02") }));
  await eventually(() =>
    expect(waiting()).toMatchObject({ stage: "maintenance", reachability: { state: "reachable" } }),
  );
  const adoption = {
    nodeId: waiting().id,
    clusterId: labId,
    role: "controlplane",
    hostname: "lab-cp",
    installDisk: "/dev/nvme0n1",
  };
  const { hash } = dataOf(await as("admin", operations.machinePreviewAdoption, adoption));
  const fingerprint = waiting().maintenanceFingerprint;
  dataOf(await as("admin", operations.machineAdopt, { ...adoption, hash, fingerprint }));
  await eventually(() => expect(named("lab-cp")).toMatchObject({ role: "controlplane", clusterName: "lab" }));
  await eventually(() => expect(named("lab-cp").reachability.state).toBe("reachable"));

  const { id: nodeId } = named("lab-cp");
  expect(await as("operator", operations.clusterBootstrap, { nodeId })).toMatchObject({ error: { code: "forbidden" } });
  expect(await as("admin", operations.clusterBootstrap, { nodeId: named("w-01").id })).toMatchObject({
    error: { code: "refused", message: "Only a control plane node can do this." },
  });
  expect(await as("admin", operations.clusterBootstrap, { nodeId: named("cp-01").id })).toMatchObject({
    error: { code: "conflict", message: expect.stringContaining("bootstrapped already") },
  });
  expect(calls("Bootstrap")).toEqual([]);
  await eventually(async () => void dataOf(await as("admin", operations.clusterBootstrap, { nodeId })));
  expect(await newestAudit()).toMatchObject({ action: "cluster.bootstrap", outcome: "succeeded" });
  expect(calls("Bootstrap").map(({ node }) => node)).toEqual(["new-02"]);
  await eventually(() => expect(named("lab-cp")).toMatchObject({ stage: "running", ready: true }));
}, 90_000);

test("a talosconfig of the asked role is made, which the nodes take for just that role", async () => {
  const asked = { clusterId: labId, role: "os:reader", ttlHours: 1 };
  expect(await as("operator", operations.clusterDownloadTalosconfig, asked)).toMatchObject({ ok: false });
  const { content } = dataOf(await as("admin", operations.clusterDownloadTalosconfig, asked));
  expect(await newestAudit()).toMatchObject({
    action: "cluster.download-talosconfig",
    detail: { role: "os:reader", ttlHours: 1 },
  });
  const [context] = parseTalosconfig(content).contexts;
  if (!context) throw new Error("no context");
  expect(context.identity.roles).toEqual(["os:reader"]);
  expect(context.identity.notAfterMs - Date.now()).toBeLessThan(3_700_000);
  const client = openTalosClient({ address: `${addressOf("new-02")}:50000`, credentials: context.credentials });
  try {
    await expect(client.version()).resolves.toMatchObject({ tag: "v1.14.0" });
    await expect(client.reboot({ mode: "default" })).rejects.toMatchObject({ kind: "permission-denied" });
  } finally {
    client.close();
  }
});

test("a kubeconfig is for administrators; a cluster that is not there is said so", async () => {
  expect(await as("operator", operations.clusterDownloadKubeconfig, { clusterId: labId })).toMatchObject({
    error: { code: "forbidden" },
  });
  expect(await as("admin", operations.clusterDownloadKubeconfig, { clusterId: "cluster_none" })).toMatchObject({
    error: { code: "not-found" },
  });
  expect(await newestAudit()).toMatchObject({ action: "cluster.download-kubeconfig", outcome: "failed" });
});

test("a cluster is forgotten with its name typed; its machines are left as they are", async () => {
  const wrong = await as("admin", operations.clusterRemove, { clusterId: labId, confirmName: "forge" });
  expect(wrong).toMatchObject({ error: { code: "invalid-input", fields: { confirmName: "Type lab." } } });
  const { id } = named("lab-cp");
  fleet().apply(id, { kind: "run", runId: "run_1" });
  expect(await as("admin", operations.clusterRemove, { clusterId: labId, confirmName: "lab" })).toMatchObject({
    error: { code: "refused" },
  });
  fleet().apply(id, { kind: "run", runId: null });
  expect(await db.clusterSecret.count({ where: { clusterId: labId } })).toBeGreaterThan(0);

  const mutations = sim.rpcLog.length;
  dataOf(await as("admin", operations.clusterRemove, { clusterId: labId, confirmName: "lab" }));
  expect(await newestAudit()).toMatchObject({
    action: "cluster.remove",
    outcome: "succeeded",
    target: { name: "lab" },
  });
  expect(fleet().cluster(labId)).toBeNull();
  expect(() => named("lab-cp")).toThrow();
  expect(await db.clusterSecret.count({ where: { clusterId: labId } })).toBe(0);
  expect(sim.rpcLog.length).toBe(mutations);
});

test("a rollback without another system to boot fails with the node's reason, audited", async () => {
  const { id: nodeId } = named("w-01");
  expect(await as("operator", operations.nodeRollback, { nodeId })).toMatchObject({ error: { code: "forbidden" } });
  const failed = await as("admin", operations.nodeRollback, { nodeId });
  expect(failed).toMatchObject({ ok: false, error: { message: expect.stringContaining(addressOf("w-01")) } });
  expect(await newestAudit()).toMatchObject({ action: "node.rollback", outcome: "failed", target: { name: "w-01" } });
});

test("a rollback boots the other system", async () => {
  const simulated = sim.world.nodes.get("w-01");
  if (!simulated) throw new Error("no w-01");
  const other = simulated.bootedFrom === "A" ? "B" : "A";
  simulated.disk.slots[other] = { ...simulated.running, release: "v1.12.10" };
  dataOf(await as("admin", operations.nodeRollback, { nodeId: named("w-01").id }));
  expect(await newestAudit()).toMatchObject({ action: "node.rollback", outcome: "succeeded" });
  await eventually(() => expect(named("w-01")).toMatchObject({ talosVersion: "v1.12.10", ready: true }));
});

test("a node is switched off, with an operator's certificate, and told to be away", async () => {
  const { id: nodeId } = named("w-01");
  expect(await as("viewer", operations.nodeShutdown, { nodeId })).toMatchObject({ error: { code: "forbidden" } });
  dataOf(await as("operator", operations.nodeShutdown, { nodeId }));
  expect(await newestAudit()).toMatchObject({ action: "node.shutdown", outcome: "succeeded", actorName: "operator" });
  expect(calls("Shutdown").map(({ node }) => node)).toEqual(["w-01"]);
  await eventually(() => expect(named("w-01").reachability.state).toBe("unreachable"));
  expect(await as("operator", operations.nodeShutdown, { nodeId })).toMatchObject({
    error: { code: "refused", message: expect.stringContaining("unreachable") },
  });
});

test("a scan that waits for a silent address is cancelled at once; one that is over is not there any more", async () => {
  const silent: Server = createServer();
  const network = addressOf("cp-01").split(".").slice(0, 3).join(".");
  const asked = new Promise((resolve) => silent.once("connection", resolve));
  await new Promise<void>((resolve) => silent.listen(50_000, `${network}.250`, resolve));
  try {
    const { scanId, total } = dataOf(await as("operator", operations.machineScan, { target: `${network}.250` }));
    expect(total).toBe(1);
    await asked;
    expect(await as("viewer", operations.machineCancelScan, { scanId })).toMatchObject({
      error: { code: "forbidden" },
    });
    dataOf(await as("operator", operations.machineCancelScan, { scanId }));
    await eventually(async () =>
      expect(await as("operator", operations.machineCancelScan, { scanId })).toMatchObject({
        error: { code: "not-found" },
      }),
    );
  } finally {
    silent.close();
  }
});
