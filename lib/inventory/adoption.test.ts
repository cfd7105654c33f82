import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { type Fleet as SimFleet, startFleet } from "@/sim/fleet";
import { demoNodes } from "@/sim/scenario/demo";
import type { NodeSpec } from "@/sim/scenario/node-spec";
import { fleet } from "./fleet";
import * as operations from "./operations";
import type { NodeView } from "./schema";
import { as, dataOf, eventually, named } from "./testing-fleet";
import { startWatcher, stopWatcher } from "./watcher";

setUpTestDatabase();

const demo = (name: string): NodeSpec => {
  const spec = demoNodes.find((node) => node.name === name);
  if (!spec) throw new Error(`the demo has no ${name}`);
  return spec;
};
const waiting = { ...demo("new-01"), gpus: ["rtx4090"] as const, extensions: demo("gpu-01").extensions };
const scenario: NodeSpec[] = [
  demo("cp-01"),
  { ...waiting, name: "box-14" },
  { ...waiting, name: "box-12", host: "2.12", release: "v1.12.11" },
];
let sim: SimFleet;

const clusterId = () => fleet().clusters()[0]?.id ?? "";
const addressOf = (name: string) => sim.nodes.find((node) => node.name === name)?.address ?? "";
const viewAt = (address: string): NodeView => {
  const found = fleet()
    .views()
    .find((view) => view.address === `${address}:50000`);
  if (!found) throw new Error(`nothing at ${address}`);
  return found;
};
/** The key of the cluster's authority as its config has it: the secret that must not leave. */
const authorityKey = () =>
  /ca:\s+crt: \S+\s+key: (\S+)/.exec(sim.world.nodes.get("cp-01")?.disk.config ?? "")?.[1] ?? "";

beforeAll(async () => {
  process.env.ICHOR_NODE_NETWORKS = "127.0.0.0/8";
  sim = await startFleet({ scenario, speed: 20 });
  process.env.ICHOR_FACTORY_URL = sim.factoryUrl;
  await startWatcher();
  dataOf(await as("admin", operations.talosconfigImport, { talosconfig: sim.talosconfig }));
  await eventually(() => expect(named("cp-01").kubernetesVersion).toBe("v1.36.2"));
});
afterAll(async () => {
  await stopWatcher();
  await sim?.stop();
  delete process.env.ICHOR_NODE_NETWORKS;
  delete process.env.ICHOR_FACTORY_URL;
});

test("neither source, or both, is refused; so is the bundle of another cluster, and nothing is stored", async () => {
  for (const input of [{}, { bundle: "x", source: { kind: "control-plane" } }]) {
    expect(await as("admin", operations.clusterImportSecrets, { clusterId: clusterId(), ...input })).toMatchObject({
      error: { code: "invalid-input", fields: { source: expect.any(String) } },
    });
  }
  const malformed = { clusterId: clusterId(), source: { kind: "bundle", yaml: "cluster: {id: a}\n" } };
  expect(await as("admin", operations.clusterImportSecrets, malformed)).toMatchObject({
    error: { code: "invalid-input" },
  });
  const created = { name: "other", endpoint: "https://10.0.0.1:6443", kubernetesVersion: "1.36.2" };
  const other = dataOf(await as("admin", operations.clusterCreate, { cluster: created, contract: "1.14" }));
  const { readClusterSecret } = await import("./cluster-secrets");
  const foreign = (await readClusterSecret(other.clusterId, "bundle"))?.plaintext;
  expect(await as("admin", operations.clusterImportSecrets, { clusterId: clusterId(), bundle: foreign })).toMatchObject(
    {
      error: { code: "refused", message: expect.stringContaining("the secrets of another cluster") },
    },
  );
  expect(await db.clusterSecret.count({ where: { clusterId: clusterId(), kind: "bundle" } })).toBe(0);
  dataOf(await as("admin", operations.clusterRemove, { clusterId: other.clusterId, confirmName: "other" }));
});

test("the secrets of an imported cluster are read from its control plane, sealed, and nowhere in the clear", async () => {
  expect(fleet().cluster(clusterId())?.secrets).toBe("none");
  const answer = await as("admin", operations.clusterImportSecrets, {
    clusterId: clusterId(),
    source: { kind: "control-plane" },
  });
  expect(answer).toEqual({ ok: true, data: { name: "forge" } });
  expect(fleet().cluster(clusterId())?.secrets).toBe("imported");
  const row = await db.cluster.findUniqueOrThrow({ where: { id: clusterId() } });
  expect(JSON.parse(row.options)).toMatchObject({ podSubnets: ["10.244.0.0/16"], discovery: true, kubespan: false });

  const key = authorityKey();
  expect(key.length).toBeGreaterThan(60);
  const entries = await db.auditEntry.findMany({ where: { action: "cluster.import-secrets" } });
  expect(entries.map(({ phase, outcome }) => `${phase} ${outcome ?? ""}`)).toContain("outcome succeeded");
  for (const stored of [entries, await db.clusterSecret.findMany(), row]) {
    expect(JSON.stringify(stored)).not.toContain(key.slice(0, 40));
  }
});

describe.each([
  { machine: "box-14", hostname: "gpu-14", patch: "KernelModuleConfig" },
  { machine: "box-12", hostname: "gpu-12", patch: "name: nvidia" },
])("a waiting machine, $machine", ({ machine, hostname, patch }) => {
  test("is found, given a profile, previewed, adopted with the confirmed certificate, and joins as it should", async () => {
    const address = addressOf(machine);
    dataOf(await as("operator", operations.machineScan, { target: address }));
    await eventually(() => {
      expect(viewAt(address)).toMatchObject({ stage: "maintenance", reachability: { state: "reachable" } });
      expect(viewAt(address).gpus).toHaveLength(1);
    });
    const { id, maintenanceFingerprint, talosVersion } = viewAt(address);
    expect(talosVersion).toBe(sim.world.nodes.get(machine)?.running.release);
    const { assigned } = dataOf(
      await as("operator", operations.gpuProfileAssign, { nodeIds: [id], profileIds: ["nvidia-open-production"] }),
    );
    const image = assigned[0]?.installImage ?? "none";

    const inContainer = { nodeId: id, clusterId: clusterId(), role: "worker", hostname };
    const platform = viewAt(address).platform;
    fleet().apply(id, { kind: "facts", atMs: Date.now(), facts: { platform: "container" } });
    const without = dataOf(await as("admin", operations.machinePreviewAdoption, inContainer));
    expect(without.issues.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(without.after).not.toMatch(/UnattendedInstallConfig|installer/);
    fleet().apply(id, { kind: "facts", atMs: Date.now(), facts: { platform } });

    const adoption = { nodeId: id, clusterId: clusterId(), role: "worker", hostname, installDisk: "/dev/nvme0n1" };
    const preview = dataOf(await as("admin", operations.machinePreviewAdoption, adoption));
    expect(preview.issues.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(preview.after).toContain(patch);
    const { installDisk: _disk, ...free } = adoption;
    for (const wish of [
      { installDisk: "/dev/sda" },
      { diskSelector: { type: "hdd" } },
      { diskSelector: { size: ">= 10TB" } },
      { diskSelector: { model: "Samsung*" } },
      { ...adoption, hostname: "cp-01" },
    ]) {
      const { issues } = dataOf(await as("admin", operations.machinePreviewAdoption, { ...free, ...wish }));
      const sentence =
        "hostname" in wish ? "forge has a node called cp-01 already" : "None of the machine's disks fits (nvme0n1, ";
      expect(issues).toContainEqual(
        expect.objectContaining({ severity: "error", message: expect.stringContaining(sentence) as string }),
      );
    }
    expect(JSON.stringify(preview)).not.toContain(authorityKey().slice(0, 40));

    const confirmed = { ...adoption, hash: preview.hash, fingerprint: maintenanceFingerprint };
    const changed = { ...confirmed, hostname: `${hostname}-b` };
    expect(await as("admin", operations.machineAdopt, changed)).toMatchObject({ error: { code: "conflict" } });
    const another = { ...confirmed, fingerprint: `${"A".repeat(43)}=` };
    expect(await as("admin", operations.machineAdopt, another)).toMatchObject({ ok: false });
    expect(sim.world.nodes.get(machine)?.disk.config).toBeNull();
    dataOf(await as("admin", operations.machineAdopt, { ...confirmed, dryRun: true }));
    expect(sim.world.nodes.get(machine)?.disk.config).toBeNull();

    dataOf(await as("admin", operations.machineAdopt, confirmed));
    await eventually(() =>
      expect(named(hostname)).toMatchObject({
        id,
        clusterName: "forge",
        role: "worker",
        stage: "running",
        ready: true,
        reachability: { state: "reachable" },
        maintenanceFingerprint: null,
      }),
    );
    const { adoption: told } = named(hostname);
    expect(told).toMatchObject({ joined: true });
    expect(told?.steps.slice(0, 4).map(({ state }) => state)).toEqual(["done", "done", "done", "done"]);
    const config = sim.world.nodes.get(machine)?.disk.config ?? "";
    expect(config).toContain(image);
    expect(config).toContain(patch);
    expect(config).not.toContain(authorityKey());
    expect(sim.world.nodes.get(machine)?.cluster?.name).toBe("forge");
    await eventually(() => expect(named(hostname).kernelModules).toContain("nvidia"));
    expect(named(hostname).intent).toMatchObject({ profileIds: ["nvidia-open-production"], installImage: image });
    expect(fleet().cluster(clusterId())?.workers).toBeGreaterThan(0);
  });
});
