import { afterAll, beforeAll, expect, test } from "vitest";
import { listAudit } from "@/lib/audit/queries";
import { systemContext } from "@/lib/auth/ctx";
import { roleSatisfies, roles } from "@/lib/auth/role";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import type { AnyOperation } from "@/lib/operation/run-operation";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { demoNodes } from "@/sim/scenario/demo";
import { fleet } from "./fleet";
import * as operations from "./operations";
import { as, dataOf as data, eventually, named } from "./testing-fleet";
import { startWatcher, stopWatcher } from "./watcher";

setUpTestDatabase();

const names = ["cp-01", "gpu-03", "w-01", "new-01"];
const all = Object.values(operations).filter(
  (value): value is AnyOperation & typeof value => typeof value === "object" && "defined" in value,
);
const clusterOf = () => fleet().clusters()[0]?.id ?? "";
const newestAudit = async () => (await listAudit(systemContext("test"))).entries[0];
let sim: SimFleet;

beforeAll(async () => {
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
  sim = await startFleet({ scenario: demoNodes.filter(({ name }) => names.includes(name)), speed: 20 });
  process.env.ICHOR_FACTORY_URL = sim.factoryUrl;
  await startWatcher();
  data(await as("admin", operations.talosconfigImport, { talosconfig: sim.talosconfig }));
  await eventually(() => {
    for (const name of ["cp-01", "gpu-03", "w-01"]) expect(named(name).reachability.state).toBe("reachable");
  });
});
afterAll(async () => {
  await stopWatcher();
  await sim?.stop();
  delete process.env.ICHOR_NODE_NETWORKS;
  delete process.env.ICHOR_FACTORY_URL;
});

test("every operation refuses each role below its own, before it looks at anything, and records the attempt", async () => {
  expect(all.length).toBeGreaterThan(20);
  for (const operation of all) {
    for (const role of roles.filter((held) => !roleSatisfies(held, operation.role))) {
      const result = await as(role, operation, {});
      expect(result, `${operation.name} as ${role}`).toMatchObject({ ok: false, error: { code: "forbidden" } });
      expect(await newestAudit()).toMatchObject({ phase: "denied", action: operation.name, actorName: role });
    }
  }
});

test("importing the same cluster again is refused, unless it is to renew its credentials", async () => {
  const again = await as("admin", operations.talosconfigImport, { talosconfig: sim.talosconfig });
  expect(again).toMatchObject({
    ok: false,
    error: { code: "conflict", message: "The cluster forge is there already." },
  });
  const renewed = await as("admin", operations.talosconfigImport, { talosconfig: sim.talosconfig, renew: true });
  expect(data(renewed)).toMatchObject({ nodes: 3 });
  expect(await db.node.count({ where: { clusterId: clusterOf() } })).toBe(3);
});

test("the audit log and the database hold no key of the talosconfig", async () => {
  const key = /key: (\S+)/.exec(sim.talosconfig)?.[1] ?? "no key";
  const entries = JSON.stringify(await db.auditEntry.findMany());
  expect(entries).toContain("talosconfig.import");
  expect(entries).not.toContain(key.slice(0, 40));
  expect(JSON.stringify(await db.clusterSecret.findMany())).not.toContain(key.slice(0, 40));
});

test("a reboot is sent, audited, survived by the watcher, and seen by its new boot ID", async () => {
  const before = named("cp-01");
  expect(before.bootId).not.toBeNull();
  data(await as("operator", operations.nodeReboot, { nodeId: before.id }));
  expect(await newestAudit()).toMatchObject({ action: "node.reboot", outcome: "succeeded", target: { name: "cp-01" } });
  await eventually(() => {
    const after = named("cp-01");
    expect(after).toMatchObject({ reachability: { state: "reachable" }, stage: "running", ready: true });
    expect(after.bootId).not.toBe(before.bootId);
  });
});

test("a service is restarted; one that the node does not have, or that Talos never restarts, is refused", async () => {
  const { id } = named("w-01");
  await eventually(() => expect(named("w-01").services.map((service) => service.id)).toContain("kubelet"));
  data(await as("operator", operations.serviceRestart, { nodeId: id, service: "kubelet" }));
  const refused = await as("operator", operations.serviceRestart, { nodeId: id, service: "etcd" });
  expect(refused).toMatchObject({ ok: false, error: { code: "not-found" } });
  const sentBefore = sim.rpcLog.filter(({ method }) => method.endsWith("ServiceRestart")).length;
  for (const service of ["apid", "machined", "containerd", "cri", "udevd"]) {
    const never = await as("operator", operations.serviceRestart, { nodeId: id, service });
    expect(never).toMatchObject({ error: { code: "refused", message: expect.stringContaining(service) } });
    expect(await newestAudit()).toMatchObject({ action: "service.restart", outcome: "failed" });
  }
  expect(sim.rpcLog.filter(({ method }) => method.endsWith("ServiceRestart"))).toHaveLength(sentBefore);
});

test("a reset wants the name typed, and spares the last control plane", async () => {
  const worker = { nodeId: named("w-01").id, confirmName: "w-02" };
  expect(await as("admin", operations.nodeReset, worker)).toMatchObject({ error: { code: "invalid-input" } });
  const controlPlane = { nodeId: named("cp-01").id, confirmName: "cp-01" };
  expect(await as("admin", operations.nodeReset, controlPlane)).toMatchObject({
    error: { code: "refused", message: expect.stringContaining("last healthy control plane") },
  });
});

test("the profile that fits is assigned: schematic registered at the factory, nothing sent to the node", async () => {
  const { id } = named("gpu-03");
  await eventually(() => expect(named("gpu-03").suggestion?.profileId).toBe("nvidia-proprietary-lts"));
  const wrong = await as("operator", operations.gpuProfileAssign, {
    nodeIds: [id],
    profileIds: ["nvidia-open-production"],
  });
  expect(wrong).toMatchObject({ ok: false, error: { code: "refused" } });
  const choice = { nodeIds: [id], profileIds: ["nvidia-proprietary-lts"] };
  const storedBefore = await db.schematic.count();
  const [preview] = data(await as("operator", operations.gpuProfilePreviewAssign, choice)).previews;
  expect(preview?.running?.text).toContain("siderolabs/nvidia-open-gpu-kernel-modules-production");
  expect(preview?.schematic.text).toContain("siderolabs/nonfree-kmod-nvidia-lts");
  expect(await db.schematic.count()).toBe(storedBefore);
  expect(await as("viewer", operations.gpuProfilePreviewAssign, choice)).toMatchObject({
    error: { code: "forbidden" },
  });
  const result = data(await as("operator", operations.gpuProfileAssign, choice));
  const [assigned] = result.assigned;
  expect(assigned).toMatchObject({ name: "gpu-03", registered: true, schematicId: preview?.schematic.id });
  expect(sim.world.schematics.get(assigned?.schematicId ?? "")).toBeDefined();
  expect(named("gpu-03").intent).toMatchObject({
    profileIds: ["nvidia-proprietary-lts"],
    schematicId: assigned?.schematicId,
  });
  expect(named("gpu-03").drift[0]).toContain("is recorded");
});

test("a config is previewed without secrets, applied as previewed, and read back", async () => {
  const { id } = named("w-01");
  const change = { nodeId: id, patches: ['machine:\n  sysctls:\n    vm.swappiness: "1"\n'] };
  const preview = data(await as("admin", operations.nodePreviewConfig, change));
  expect(preview.changed).toBe(true);
  expect(preview.diff.some(({ kind, text }) => kind === "add" && text.includes("vm.swappiness"))).toBe(true);
  const secret = sim.world.nodes.get("w-01")?.disk.config?.match(/token: (\S+)/)?.[1] ?? "no token";
  expect(JSON.stringify(preview)).not.toContain(secret);

  // An operator's patches never meet a secret, so that preview is no oracle; the node's own words are for administrators.
  const blind = data(await as("operator", operations.nodePreviewConfig, change));
  expect(blind.diff).toEqual(preview.diff);
  expect(blind.hash).not.toBe(preview.hash);
  expect(await as("operator", operations.nodeDryRunConfig, change)).toMatchObject({ error: { code: "forbidden" } });
  const guess = (value: string) => [JSON.stringify([{ op: "test", path: "/machine/token", value }])];
  for (const value of [secret, "abcdef.0123456789abcdef"])
    expect(await as("operator", operations.nodePreviewConfig, { nodeId: id, patches: guess(value) })).toMatchObject({
      ok: false,
      error: { code: "invalid-input" },
    });
  const dryRun = data(await as("admin", operations.nodeDryRunConfig, change));
  expect(dryRun.details).toContain("vm.swappiness");
  expect(dryRun.details).not.toContain(secret);

  const other = await as("admin", operations.nodeApplyConfig, { ...change, hash: "0".repeat(64) });
  expect(other).toMatchObject({ ok: false, error: { code: "conflict" } });
  const applied = data(await as("admin", operations.nodeApplyConfig, { ...change, hash: preview.hash }));
  expect(applied.proof).toBe("proven");
  expect(sim.world.nodes.get("w-01")?.disk.config).toContain("vm.swappiness");
  expect(named("w-01").intent.configHash).toBe(preview.hash);
});

test("files for an administrator's hands are in the answer only", async () => {
  const kubeconfig = data(await as("admin", operations.clusterDownloadKubeconfig, { clusterId: clusterOf() }));
  expect(kubeconfig.content).toContain("client-key-data");
  const talosconfig = data(await as("admin", operations.clusterDownloadTalosconfig, { clusterId: clusterOf() }));
  expect(talosconfig.content).toContain("key:");
  expect(JSON.stringify(await db.auditEntry.findMany())).not.toContain("client-key-data");
});

test("a machine in maintenance mode is found, shown with its GPU and fingerprint, and only then has a config to be adopted with", async () => {
  const address = sim.nodes.find(({ name }) => name === "new-01")?.address ?? "";
  data(await as("operator", operations.machineScan, { target: address }));
  await eventually(() => {
    const found = fleet()
      .views()
      .find((view) => view.address.startsWith(`${address}:`));
    expect(found).toMatchObject({ stage: "maintenance", clusterId: null, reachability: { state: "reachable" } });
    expect(found?.gpus).toHaveLength(1);
    expect(found?.maintenanceFingerprint).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(found?.attention.map(({ kind }) => kind)).toContain("waiting");
  });
  const found = fleet()
    .views()
    .find((view) => view.address.startsWith(`${address}:`));
  const adoption = {
    nodeId: found?.id,
    clusterId: clusterOf(),
    role: "worker",
    hostname: "gpu-09",
    installDisk: "/dev/nvme0n1",
  };
  expect(await as("admin", operations.machinePreviewAdoption, adoption)).toMatchObject({
    ok: false,
    error: { code: "refused", message: expect.stringContaining("secrets of forge are not held") },
  });
});

test("a machine is registered ahead once, and removed", async () => {
  const machine = { hostname: "later", mac: "0C-C4-7A-00-00-01" };
  const { nodeId } = data(await as("operator", operations.machineRegister, machine));
  expect(named("later")).toMatchObject({ reachability: { state: "never-seen" } });
  expect(await as("operator", operations.machineRegister, { ...machine, hostname: "other" })).toMatchObject({
    error: { code: "conflict", message: expect.stringContaining("0c:c4:7a:00:00:01") },
  });
  expect(await as("operator", operations.machineRegister, { hostname: "x" })).toMatchObject({
    error: { code: "invalid-input" },
  });
  data(await as("operator", operations.nodeRemove, { nodeId }));
  expect(() => named("later")).toThrow();
});
