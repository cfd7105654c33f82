import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { TalosClient } from "@/lib/talos/client";
import { resourceDefs } from "@/lib/talos/resources";
import { after, all, fails, holds, upTo } from "./checks";
import { credentialsOf, nvidiaExtensions, nvidiaModules, ready, rtx4090, type Stage } from "./stage";

const gib = 1024 ** 3;

async function services({ checks }: Stage, client: TalosClient): Promise<void> {
  await checks.that("version: release, platform, RBAC", async () =>
    holds(await client.version(), {
      tag: "v1.14.1",
      architecture: process.arch === "arm64" ? "arm64" : "amd64",
      os: "linux",
      platform: "metal",
      platformMode: "metal",
      rbac: true,
    }),
  );
  await checks.that("services: states, health, and those without a check", async () => {
    const list = await client.serviceList();
    const stateOf = (id: string) => list.find((service) => service.id === id);
    holds(stateOf("kubelet"), { state: "Running", healthy: true });
    holds(stateOf("dashboard"), { state: "Running", healthy: null });
    holds(stateOf("ext-nvidia-cdi-gen"), { state: "Finished", healthy: null });
    ok(stateOf("etcd")?.events.some(({ message }) => message === "Health check successful"));
    ok((stateOf("etcd")?.lastChangeMs ?? 0) > Date.now() - 60_000);
  });
  await checks.that("a service is restarted, stopped and started", async () => {
    match(await client.serviceRestart("kubelet"), /"kubelet" restarted/);
    match(await client.serviceStop("kubelet"), /stopped/);
    equal((await client.serviceList()).find(({ id }) => id === "kubelet")?.state, "Finished");
    match(await client.serviceStart("kubelet"), /started/);
  });
  await checks.that("a service that is not there, or may not be touched, is the node's refusal", async () => {
    await fails(client.serviceRestart("nothing"), "node-failed", /nothing/);
    await fails(client.serviceRestart("machined"), "node-failed", /restart operation/);
  });
}

async function logs({ checks }: Stage, client: TalosClient): Promise<void> {
  await checks.that("logs: which there are", async () => {
    const ids = await client.logsContainers();
    for (const id of ["apid", "etcd", "kubelet", "machined"]) ok(ids.includes(id), id);
  });
  await checks.that("logs: all lines, the last two, none", async () => {
    const every = await all(client.logs({ id: "machined", follow: false, tailLines: -1 }));
    ok(every.length > 40, `${every.length} lines`);
    const again = await all(client.logs({ id: "machined", follow: false, tailLines: 2 }));
    equal(again.length, 2);
    deepEqual(await all(client.logs({ id: "machined", follow: false, tailLines: 0 })), []);
    ok(every.every((line) => !line.includes("\n")));
  });
  await checks.that("logs: a follower gets what is said later", async () => {
    const lines = await after(
      client.logs({ id: "kubelet", follow: true, tailLines: 1 }),
      () => true,
      () => client.serviceRestart("kubelet"),
      (line) => line.endsWith("starts"),
    );
    ok(lines.length >= 2);
  });
  await checks.that("logs: a service without a log is the node's refusal", () =>
    fails(client.logs({ id: "nothing", follow: false, tailLines: -1 }), "not-found", /not registered/).then(() => {}),
  );
  await checks.that("kernel log: all records, in their form", async () => {
    const records = await all(client.dmesg({ follow: false, tail: false }));
    match(records[0] ?? "", /^kern: +notice: \[\d{4}-\d\d-\d\dT[\d:.]+Z\]: Linux version/);
    ok(records.some((record) => /^user: warning: \[[^\]]+\]: \[talos\] phase/.test(record)));
  });
  await checks.that("kernel log: the tail alone, followed", async () => {
    const records = upTo(client.dmesg({ follow: true, tail: true }), () => true);
    const started = setInterval(() => void client.serviceRestart("kubelet").catch(() => undefined), 100);
    try {
      match((await records)[0] ?? "", /service\[kubelet\]/);
    } finally {
      clearInterval(started);
    }
  });
}

async function stats({ checks }: Stage, client: TalosClient): Promise<void> {
  await checks.that("memory in bytes", async () =>
    holds(await client.memory(), {
      totalBytes: 128 * gib,
      freeBytes: 64 * gib,
      availableBytes: 96 * gib,
      cachedBytes: 32 * gib,
      buffersBytes: 4096 * 1024,
      swapTotalBytes: 0,
    }),
  );
  await checks.that("CPU times of all CPUs, growing", async () => {
    const first = await client.systemStat();
    equal(first.cpus.length, 32);
    ok(Math.abs(first.bootTimeMs - Date.now()) < 60_000);
    const second = await client.systemStat();
    ok(second.cpuTotal.idle > first.cpuTotal.idle && second.cpuTotal.user > first.cpuTotal.user);
  });
  await checks.that("load, CPUs, mounts, processes", async () => {
    deepEqual(await client.loadAvg(), { load1: 2.56, load5: 2.25, load15: 2 });
    const cpus = await client.cpuInfo();
    equal(cpus.length, 32);
    holds(cpus[31], { processor: 31, vendorId: "AuthenticAMD", mhz: 3000 });
    holds((await client.mounts())[0], { mountedOn: "/var", sizeBytes: 1024 * gib, availableBytes: 512 * gib });
    holds((await client.processes())[0], { pid: 1, command: "init", threads: 14, residentBytes: 90 * 1024 ** 2 });
  });
  await checks.that("network and disk counters", async () => {
    const network = await client.networkDeviceStats();
    deepEqual(
      network.devices.map(({ name }) => name),
      ["enp7s0", "lo"],
    );
    ok((network.devices[0]?.receiveBytes ?? 0) > 0 && network.total !== null);
    const disk = await client.diskStats();
    // Sectors are of 512 bytes; the disk had read 800000 of them when it booted.
    ok((disk.devices[0]?.readBytes ?? 0) >= 800_000 * 512);
    equal(disk.devices[1]?.name, "nvme0n1p4");
  });
}

async function files({ checks }: Stage, client: TalosClient): Promise<void> {
  await checks.that("a directory: itself first, then its entries, links with their targets", async () => {
    const entries = await client.list("/sys/bus/pci/drivers/nvidia");
    holds(entries[0], { relativeName: ".", directory: true, error: "" });
    const card = entries.find(({ relativeName }) => relativeName === rtx4090.address);
    holds(card, { name: `/sys/bus/pci/drivers/nvidia/${rtx4090.address}`, directory: false });
    match(card?.link ?? "", /devices\/pci/);
  });
  await checks.that("one level, and two", async () => {
    const names = async (depth: number) =>
      (await client.list("/sys/module", { depth })).map(({ relativeName }) => relativeName);
    ok(!(await names(1)).includes("nvidia/refcnt"));
    ok((await names(2)).includes("nvidia/refcnt"));
  });
  await checks.that("a file, the boot ID that the resource says, too", async () => {
    const text = (await client.read("/proc/sys/kernel/random/boot_id")).toString("utf8");
    equal(text, `${(await client.get(resourceDefs.bootId)).spec.bootId}\n`);
    match((await client.read("/proc/cmdline")).toString("utf8"), /talos\.platform=metal/);
  });
  await checks.that("files that are not there, or are no files", async () => {
    await fails(client.read("/etc/nothing"), "not-found", /no such file/);
    await fails(client.read("/dev"), "node-failed", /regular file/);
    await fails(client.list("/nothing"), "node-failed", /no such file/);
  });
  await checks.that("more entries than wanted", () =>
    fails(client.list("/dev", { maxEntries: 2 }), "too-large").then(() => {}),
  );
}

/** Everything that is only read, of a control plane with a card whose driver is live. */
export async function checkReading(stage: Stage): Promise<void> {
  const peer = await stage.start({
    address: "127.77.0.1:50000",
    hostname: "reading",
    schematic: stage.schematic(nvidiaExtensions).text,
    pci: [rtx4090],
    modules: nvidiaModules,
  });
  const client = stage.open(peer.address, credentialsOf(peer.talosconfig));
  await ready(client);
  for (const part of [services, logs, stats, files]) await part(stage, client);
}
