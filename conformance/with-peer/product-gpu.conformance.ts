import { expect, test } from "vitest";
import { db } from "@/lib/db/client";
import * as operations from "@/lib/inventory/operations";
import { as, dataOf, named } from "@/lib/inventory/testing-fleet";
import { eventually, importPeers, linksOf, profileIds, setUpPeers } from "./product-stage";
import { nvidiaModules, rtx4090 } from "./stage";
import { kindsOf, proofOf, upgrade } from "./upgrade-run";

const peers = setUpPeers();

test("a talosconfig brings the whole cluster, live, with what each node is", async () => {
  expect(await importPeers(peers())).toMatchObject({ name: "peers", nodes: 3, silent: [] });
  expect(named("peer-cp")).toMatchObject({ role: "controlplane", talosVersion: "v1.13.9", platform: "metal" });
  expect(named("peer-old")).toMatchObject({ role: "worker", talosVersion: "v1.12.11" });
  const { uuid } = await peers().gpu.state();
  expect(named("peer-gpu").hardware).toMatchObject({
    uuid,
    memoryBytes: 128 * 1024 ** 3,
    processors: [{ cores: 16, threads: 32 }],
    disks: [{ id: "nvme0n1", system: true, sizeBytes: 1024 ** 4, transport: "nvme" }],
  });
  await eventually(() => {
    for (const name of ["peer-cp", "peer-gpu", "peer-old"]) {
      expect(named(name).counters?.cpuPercent).toEqual(expect.any(Number));
    }
  });
});

test("what is watched and polled is asked as a reader", async () => {
  const calls = await peers().gpu.calls();
  const asked = new Set(calls.map(({ roles }) => roles.join()));
  // The import itself was an administrator's; everything since is a reader's.
  expect(asked).toEqual(new Set(["os:admin", "os:reader"]));
  expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
  const reads = calls.filter(({ roles }) => roles.includes("os:reader")).map(({ method }) => method);
  expect(reads).toEqual(expect.arrayContaining(["/cosi.resource.State/Watch", "/machine.MachineService/SystemStat"]));
});

test("its card is seen, told to be without a driver, and the profile that fits is suggested", async () => {
  await eventually(() => expect(named("peer-gpu").gpus).toHaveLength(1));
  expect(named("peer-gpu").gpus[0]).toMatchObject({ pciAddress: rtx4090.address, vendor: "nvidia", driver: null });
  await eventually(() => {
    expect(named("peer-gpu").proofs[0]).toMatchObject({ state: "no-profile" });
    expect(named("peer-gpu").suggestion?.profileId).toBe("nvidia-open-production");
  });
});

test("the profile is assigned: the factory knows its schematic, and the node runs another", async () => {
  const { id } = named("peer-gpu");
  const { assigned } = dataOf(await as("operator", operations.gpuProfileAssign, { nodeIds: [id], profileIds }));
  const schematicId = assigned[0]?.schematicId ?? "";
  expect(peers().registry.get(schematicId)?.extensions).toContain("nvidia-open-gpu-kernel-modules-production");
  expect(named("peer-gpu").intent).toMatchObject({ schematicId, schematicRegistered: true });
  await eventually(() => expect(linksOf(named("peer-gpu"))).toMatchObject({ profile: "proven", schematic: "broken" }));
});

test("the profile's config is previewed, judged by the node, and applied; the node says the same afterwards", async () => {
  const { id } = named("peer-gpu");
  const change = { nodeId: id, patches: ['machine:\n  sysctls:\n    vm.swappiness: "1"\n'], withIntent: true };
  const preview = dataOf(await as("admin", operations.nodePreviewConfig, change));
  expect(preview.issues.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(preview.after).toContain("nvidia_uvm");
  const dryRun = dataOf(await as("admin", operations.nodeDryRunConfig, change));
  expect(dryRun.details).toMatch(/^\+.*vm\.swappiness/m);
  const token = /token: (\S+)/.exec((await peers().gpu.state()).config)?.[1] ?? "no token";
  expect(JSON.stringify([preview, dryRun])).not.toContain(token);
  const applied = dataOf(await as("admin", operations.nodeApplyConfig, { ...change, hash: preview.hash }));
  expect(applied).toMatchObject({ proof: "proven", mode: "no-reboot" });
  const { config } = await peers().gpu.state();
  for (const name of nvidiaModules) expect(config).toContain(`name: ${name}`);
  expect(config).toContain(named("peer-gpu").intent.installImage ?? "no image");
});

test("a config that Talos refuses is refused with its reason, without its secrets", async () => {
  const { id } = named("peer-gpu");
  const change = {
    nodeId: id,
    patches: ["machine:\n  kubelet:\n    nodeIP:\n      validSubnets: [nowhere]\n"],
    withIntent: false,
  };
  const answer = await as("admin", operations.nodeDryRunConfig, change);
  expect(answer.ok).toBe(false);
  expect(JSON.stringify(answer)).not.toMatch(/LS0t/);
});

test("an upgrade to the profile's image: pull, install, drain, restart, proof", async () => {
  const before = named("peer-gpu").bootId ?? (await peers().gpu.state()).bootId;
  const { schematicId } = named("peer-gpu").intent;
  const { state, nodeState, reason, events } = await upgrade(named("peer-gpu"), "v1.14.0");
  expect([state, nodeState, reason]).toEqual(["done", "done", ""]);
  for (const kind of ["layers", "installer-line", "installer-exit", "drain", "sequence", "proof"])
    expect(kindsOf(events)).toContain(kind);
  expect(proofOf(events)).toEqual({
    version: "ok",
    schematic: "ok",
    boot: "ok",
    readiness: "ok",
    extensions: "ok",
    modules: "ok",
    gpus: "ok",
    driver: "ok",
    "device-nodes": "ok",
    kubernetes: "ok",
    allocatable: "ok",
  });
  const drained = events.findLast((event) => event.kind === "drain");
  expect(drained).toMatchObject({ total: 2, gone: 2 });
  const now = await peers().gpu.state();
  expect(now.running).toEqual({ release: "v1.14.0", schematicId });
  expect(now.bootId).not.toBe(before);
  await eventually(() =>
    expect(named("peer-gpu")).toMatchObject({
      talosVersion: "v1.14.0",
      runningSchematicId: schematicId,
      bootId: now.bootId,
      ready: true,
      runId: null,
    }),
  );
});

test("the card works, proven link by link down to Kubernetes", async () => {
  await eventually(() => {
    expect(linksOf(named("peer-gpu"))).toEqual({
      pci: "proven",
      profile: "proven",
      schematic: "proven",
      extensions: "proven",
      modules: "proven",
      driver: "proven",
      "device-nodes": "proven",
      allocatable: "proven",
    });
    expect(named("peer-gpu").proofs[0]?.state).toBe("working");
  }, 80_000);
  expect(named("peer-gpu").kubernetesVersion).toBe("v1.34.2");
  expect(named("peer-gpu").drift).toEqual([]);
});

test("a reboot, a service, a rollback: asked, carried out, seen", async () => {
  const before = named("peer-gpu");
  dataOf(await as("operator", operations.serviceRestart, { nodeId: before.id, service: "kubelet" }));
  dataOf(await as("operator", operations.nodeReboot, { nodeId: before.id }));
  await eventually(() => {
    expect(named("peer-gpu")).toMatchObject({ stage: "running", ready: true });
    expect(named("peer-gpu").bootId).not.toBe(before.bootId);
  });
  dataOf(await as("admin", operations.nodeRollback, { nodeId: before.id }));
  await eventually(() => expect(named("peer-gpu")).toMatchObject({ talosVersion: "v1.13.9", stage: "running" }));
  await eventually(() => expect(linksOf(named("peer-gpu"))).toMatchObject({ profile: "proven", schematic: "broken" }));
});

test("what was done stands in the audit log, and none of its secrets", async () => {
  const rows = await db.auditEntry.findMany();
  const actions = new Set(rows.map(({ action }) => action));
  for (const action of [
    "talosconfig.import",
    "gpu-profile.assign",
    "node.apply-config",
    "upgrade.start",
    "node.pull-image",
    "node.install",
    "node.cordon",
    "node.drain",
    "node.reboot",
  ])
    expect([...actions]).toContain(action);
  const text = JSON.stringify(rows);
  for (const secret of [
    /key: (\S{40})/.exec(peers().control.talosconfig)?.[1],
    /token: (\S+)/.exec(peers().control.secrets)?.[1],
  ]) {
    expect(secret).toMatch(/\S{10}/);
    expect(text).not.toContain(secret);
  }
});
