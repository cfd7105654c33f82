import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ClusterServiceClient, type HealthCheckProgress } from "@/lib/talos/gen/cluster/cluster";
import { MetaKeySpec } from "@/lib/talos/gen/resource/definitions/runtime";
import { StorageServiceClient } from "@/lib/talos/gen/storage/storage";
import { TimeServiceClient } from "@/lib/talos/gen/time/time";
import { startFleet, type Fleet } from "./fleet";
import { demoNodes } from "./scenario/demo";
import { call, clientsFor, codeOf, collect, credentialsOf, insecure, until, type NodeClients } from "./testing";

// What talosctl 1.14 calls in health, reset, etcd snapshot, stats, containers, meta, netstat, time, copy, usage and pcap.
let fleet: Fleet;
let plane: NodeClients;
beforeAll(async () => {
  fleet = await startFleet({
    speed: 100,
    scenario: demoNodes.filter(({ name }) => ["cp-01", "cp-02", "cp-03", "w-01", "new-01"].includes(name)),
  });
  plane = clientsFor(fleet, "cp-01", credentialsOf(fleet.talosconfig));
});
afterAll(async () => {
  plane.close();
  await fleet.stop();
});

const endpoint = (name: string) => fleet.nodes.find((node) => node.name === name)?.endpoint ?? "";
const admin = () => credentialsOf(fleet.talosconfig);
const health = async (waitSeconds: number) => {
  const client = new ClusterServiceClient(endpoint("cp-01"), admin());
  const waitTimeout = { seconds: BigInt(waitSeconds), nanos: 0 };
  const said: string[] = [];
  const stream = client.healthCheck({ waitTimeout, clusterInfo: undefined });
  try {
    for await (const progress of stream) said.push((progress as HealthCheckProgress).message);
    return { said, error: null };
  } catch (error) {
    return { said, error: error as { code?: number } };
  } finally {
    client.close();
  }
};

test("health waits check after check, and names what stands against the one that does not hold", async () => {
  const well = await health(60);
  expect(well.error).toBeNull();
  expect(well.said[0]).toContain('"127.');
  expect(well.said.slice(1).every((line) => line.endsWith(": OK"))).toBe(true);
  fleet.fault("cp-02", { kind: "etcd-member-lost" });
  const ill = await health(2);
  fleet.clearFault("cp-02");
  expect(ill.error?.code).toBe(status.DEADLINE_EXCEEDED);
  expect(ill.said.at(-1)).toMatch(/^waiting for etcd to be healthy: .*"etcd" not in expected state "Running"$/);
});

test("a machine in maintenance mode tells its disks: so a reset that waits for it ends", async () => {
  const client = new StorageServiceClient(endpoint("new-01"), insecure());
  const { messages } = await call(client.disks.bind(client), {});
  client.close();
  expect(messages[0]?.disks[0]).toMatchObject({ deviceName: "/dev/nvme0n1", systemDisk: false });
});

test("a snapshot of etcd is a database of bbolt with the sum that etcd appends", async () => {
  const frames = await collect(plane.machine.etcdSnapshot({}));
  const bytes = Buffer.concat(frames.map((frame) => frame.bytes));
  const body = bytes.subarray(0, -32);
  expect(body.length % 4096).toBe(0);
  expect(bytes.subarray(-32)).toEqual(createHash("sha256").update(body).digest());
  for (const page of [0, 1]) {
    const meta = body.subarray(page * 4096, page * 4096 + 80);
    expect(meta.readUInt16LE(8)).toBe(4);
    expect(meta.readUInt32LE(16).toString(16)).toBe("ed0cdaed");
    expect(meta.readBigUInt64LE(16 + 40)).toBe(BigInt(body.length / 4096));
  }
  const root = body.subarray(3 * 4096);
  const names = Array.from({ length: root.readUInt16LE(10) }, (_, index) => {
    const at = 16 + index * 16;
    const from = at + root.readUInt32LE(at + 4);
    return root.subarray(from, from + root.readUInt32LE(at + 8)).toString();
  });
  expect(names).toEqual([...names].sort());
  expect(names).toEqual(expect.arrayContaining(["key", "members", "meta"]));
});

test("META keys are written, seen as resources, and deleted once", async () => {
  const { machine, state } = plane;
  await call(machine.metaWrite.bind(machine), { key: 10, value: Buffer.from("rack 4") });
  const { resource } = await call(state.get.bind(state), {
    namespace: "runtime",
    type: "MetaKeys.runtime.talos.dev",
    id: "0x0a",
    options: undefined,
  });
  expect(MetaKeySpec.decode(resource?.spec?.protoSpec ?? Buffer.alloc(0)).value).toBe("rack 4");
  await call(machine.metaDelete.bind(machine), { key: 10 });
  expect(await codeOf(call(machine.metaDelete.bind(machine), { key: 10 }))).toBe(status.NOT_FOUND);
  expect(await codeOf(call(machine.metaWrite.bind(machine), { key: 256, value: Buffer.alloc(0) }))).toBe(
    status.INVALID_ARGUMENT,
  );
});

test("containers and their usage: Talos' services, and the pods of the node with a log each", async () => {
  const { machine } = plane;
  const own = await call(machine.containers.bind(machine), { namespace: "system", driver: 0 });
  expect(own.messages[0]?.containers.map(({ id }) => id)).toEqual(["apid", "trustd"]);
  const pods = (await call(machine.containers.bind(machine), { namespace: "k8s.io", driver: 1 })).messages[0]
    ?.containers;
  const usage = await call(machine.stats.bind(machine), { namespace: "k8s.io", driver: 1 });
  expect(usage.messages[0]?.stats.map(({ id }) => id)).toEqual(pods?.map(({ id }) => id));
  const id = pods?.[0]?.id ?? "";
  const log = await collect(machine.logs({ namespace: "k8s.io", driver: 1, id, follow: false, tailLines: -1 }));
  expect(log.length).toBe(1);
});

test("connections, clocks, files and packets", async () => {
  const { machine } = plane;
  const listening = await call(machine.netstat.bind(machine), {
    filter: 2,
    feature: { pid: true },
    l4proto: undefined,
    netns: undefined,
  });
  expect(listening.messages[0]?.connectrecord[0]).toMatchObject({ localport: 50_000, process: { name: "apid" } });
  const time = new TimeServiceClient(endpoint("cp-01"), admin());
  const clocks = await call(time.time.bind(time), {});
  time.close();
  const apartMs = Number(clocks.messages[0]?.localtime) - Number(clocks.messages[0]?.remotetime);
  expect(Math.abs(apartMs)).toBeLessThan(1_000);
  const archive = gunzipSync(
    Buffer.concat((await collect(machine.copy({ rootPath: "/proc/sys" }))).map(({ bytes }) => bytes)),
  );
  expect(archive.toString("latin1")).toContain("kernel/random/boot_id");
  expect(archive.subarray(0, 100).toString("latin1")).not.toMatch(/^\.\0/);
  const usage = await collect(machine.diskUsage({ paths: ["/proc"], recursionDepth: 1, all: false, threshold: 0n }));
  expect(usage[0]?.size).toBeGreaterThan(0n);
  expect(usage.map(({ relativeName }) => relativeName)).toContain("sys");
  const capture = machine.packetCapture({ interface: "enp7s0f0", promiscuous: false, snapLen: 0, bpfFilter: [] });
  const head = await until(capture, () => true);
  expect(head.bytes.readUInt32LE(0).toString(16)).toBe("a1b2c3d4");
});
