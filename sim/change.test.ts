import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SequenceEvent, SequenceEvent_Action, TaskEvent } from "@/lib/talos/gen/machine/events";
import {
  ImageServicePullLayerProgress_Status as Layer,
  type ImageServicePullResponse,
} from "@/lib/talos/gen/machine/image";
import { nodeConfig } from "./cluster/node-config";
import { simpleSchematic } from "./factory/registry";
import { startFleet, type Fleet } from "./fleet";
import { demoNodes } from "./scenario/demo";
import { call, clientsFor, codeOf, collect, credentialsOf, eventually, insecure, type NodeClients } from "./testing";

const containerd = { driver: 1, namespace: 1 };
const pick = (...names: string[]) => demoNodes.filter((node) => names.includes(node.name));

let fleet: Fleet;
let opened: NodeClients[] = [];

beforeEach(async () => {
  opened = [];
  fleet = await startFleet({
    speed: 200,
    scenario: pick("cp-01", "cp-02", "cp-03", "gpu-02", "gpu-06", "w-01", "new-01"),
  });
});
afterEach(async () => {
  for (const clients of opened) clients.close();
  await fleet.stop();
});

function admin(name: string): NodeClients {
  const clients = clientsFor(fleet, name, credentialsOf(fleet.talosconfig));
  opened.push(clients);
  return clients;
}

const node = (name: string) => {
  const found = fleet.world.nodes.get(name);
  if (!found) throw new Error(`no node ${name}`);
  return found;
};

const imageFor = (name: string, release: string, schematicId = node(name).running.schematicId) =>
  `factory.talos.dev/metal-installer/${schematicId}:${release}`;

async function install(name: string, image: string) {
  const { images, lifecycle } = admin(name);
  const pulled = await collect<ImageServicePullResponse>(images.pull({ containerd, imageRef: image }));
  const last = pulled.at(-1)?.response;
  const imageName = last?.$case === "name" ? last.value : "";
  const lines = await collect(lifecycle.upgrade({ containerd, source: { imageName } }));
  const responses = lines.flatMap(({ progress }) => (progress?.response ? [progress.response] : []));
  const exit = responses.at(-1);
  return {
    pulled,
    imageName,
    exitCode: exit?.$case === "exitCode" ? exit.value : null,
    frames: responses.flatMap((response) => (response.$case === "message" ? [response.value] : [])),
  };
}

const settled = (name: string) =>
  eventually(
    () => node(name),
    (one) => one.power === "up" && one.stage === "running" && one.ready,
  );

test("1.13 and newer: pull by layers, install without a reboot, reboot into the new slot", async () => {
  const before = node("gpu-02").bootId;
  const { pulled, imageName, exitCode, frames } = await install("gpu-02", imageFor("gpu-02", "v1.14.0"));
  const states = pulled.flatMap(({ response }) =>
    response?.$case === "pullProgress" ? [response.value.progress?.status] : [],
  );
  expect(states).toEqual(
    expect.arrayContaining([Layer.DOWNLOADING, Layer.DOWNLOAD_COMPLETE, Layer.EXTRACTING, Layer.EXTRACT_COMPLETE]),
  );
  expect(imageName).toMatch(/@sha256:[0-9a-f]{64}$/);
  expect(exitCode).toBe(0);
  expect(frames.every((frame) => Buffer.byteLength(frame) <= 512)).toBe(true);
  expect(frames.some((frame) => !frame.endsWith("\n"))).toBe(true);
  expect(frames.join("")).toContain("installation of v1.14.0 complete\n");
  expect(node("gpu-02").running.release).toBe("v1.13.9");
  expect(node("gpu-02").bootId).toBe(before);

  const { machine } = admin("gpu-02");
  await call(machine.reboot.bind(machine), { mode: 0 });
  await eventually(
    () => node("gpu-02"),
    (one) => one.bootId !== before && one.ready,
  );
  const version = await eventually(
    () => call(machine.version.bind(machine), {}),
    () => true,
  );
  expect(version.messages[0]?.version?.tag).toBe("v1.14.0");
  expect(node("gpu-02").bootId).not.toBe(before);
  expect([...node("gpu-02").drivers.bindings.values()].filter((driver) => driver === "nvidia")).toHaveLength(2);
  expect(node("gpu-02").disk.fallback).toBeNull();
});

test("a second pull only names the image, and another image finds the layers that it shares", async () => {
  const { images } = admin("gpu-02");
  const first = await collect(images.pull({ containerd, imageRef: imageFor("gpu-02", "v1.14.0") }));
  const again = await collect(images.pull({ containerd, imageRef: imageFor("gpu-02", "v1.14.0") }));
  expect(again).toEqual(first.slice(-1));
  const other = fleet.world.schematics.register(simpleSchematic(["siderolabs/i915"]));
  const statuses = (
    await collect(images.pull({ containerd, imageRef: imageFor("gpu-02", "v1.14.0", other.id) }))
  ).flatMap(({ response }) => (response?.$case === "pullProgress" ? [response.value.progress?.status] : []));
  expect(statuses.filter((one) => one === Layer.ALREADY_EXISTS)).toHaveLength(3);
  expect(statuses.filter((one) => one === Layer.EXTRACT_COMPLETE)).toHaveLength(2);
});

test("an unknown schematic or release is not found, and what the factory cannot build is refused", async () => {
  const { images } = admin("gpu-02");
  const codeFor = (release: string, schematicId?: string) =>
    codeOf(collect(images.pull({ containerd, imageRef: imageFor("gpu-02", release, schematicId) })));
  expect(await codeFor("v1.14.0", "f".repeat(64))).toBe(status.NOT_FOUND);
  expect(await codeFor("v9.9.9")).toBe(status.NOT_FOUND);
  const unknown = fleet.world.schematics.register(simpleSchematic(["siderolabs/no-such-extension"]));
  expect(await codeFor("v1.14.0", unknown.id)).toBe(status.UNKNOWN);
});

test("the installer runs on without its reader, and holds the lock until it ends", async () => {
  const { images, lifecycle } = admin("gpu-02");
  const pulled = await collect(images.pull({ containerd, imageRef: imageFor("gpu-02", "v1.14.0") }));
  const last = pulled.at(-1)?.response;
  const source = { imageName: last?.$case === "name" ? last.value : "" };
  const stream = lifecycle.upgrade({ containerd, source });
  stream.on("error", () => undefined);
  await new Promise((resolve) => stream.once("data", resolve));
  stream.cancel();
  expect(await codeOf(collect(lifecycle.upgrade({ containerd, source })))).toBe(status.FAILED_PRECONDITION);
  await eventually(
    () => node("gpu-02").disk.slots.B,
    (slot) => slot?.release === "v1.14.0",
  );
  await eventually(
    () => node("gpu-02").installing,
    (installing) => !installing,
  );
  const again = await collect(lifecycle.upgrade({ containerd, source }));
  expect(again.at(-1)?.progress?.response).toEqual({ $case: "exitCode", value: 0 });
  expect(node("gpu-02").disk.slots.A?.release).toBe("v1.13.9");
});

test("a failing installer says so by its exit code alone", async () => {
  fleet.fault("gpu-02", { kind: "installer-exit", code: 6 });
  const { exitCode } = await install("gpu-02", imageFor("gpu-02", "v1.14.0"));
  expect(exitCode).toBe(6);
  expect(node("gpu-02").disk.slots.B).toBeNull();
});

test("a release too far away is refused by the pre-flight checks", async () => {
  const { exitCode, frames } = await install("gpu-02", imageFor("gpu-02", "v1.11.0"));
  expect(exitCode).toBe(4);
  expect(frames.join("")).toContain(
    "pre-flight checks failed: host version 1.13.9 is too new to downgrade to Talos 1.11.0",
  );
});

test("a boot that fails goes back to the old slot by itself", async () => {
  const before = node("gpu-02").bootId;
  await install("gpu-02", imageFor("gpu-02", "v1.14.0"));
  fleet.fault("gpu-02", { kind: "rollback" });
  const { machine } = admin("gpu-02");
  await call(machine.reboot.bind(machine), { mode: 0 });
  await eventually(
    () => node("gpu-02"),
    (one) => one.ready && one.bootId !== before && one.running.release === "v1.13.9",
  );
  expect(node("gpu-02").disk.slots.B?.release).toBe("v1.14.0");
});

test("the rollback call boots the other slot", async () => {
  await install("gpu-02", imageFor("gpu-02", "v1.14.0"));
  const { machine } = admin("gpu-02");
  await call(machine.reboot.bind(machine), { mode: 0 });
  await eventually(
    () => node("gpu-02"),
    (one) => one.ready && one.running.release === "v1.14.0",
  );
  await call(machine.rollback.bind(machine), {});
  await eventually(
    () => node("gpu-02"),
    (one) => one.ready && one.running.release === "v1.13.9",
  );
});

test("1.12: one call pulls, then the node drains, installs and reboots by itself", async () => {
  const { machine, images } = admin("gpu-06");
  expect(await codeOf(collect(images.pull({ containerd, imageRef: imageFor("gpu-06", "v1.13.9") })))).toBe(
    status.UNIMPLEMENTED,
  );
  const events = machine.events({ tailEvents: 0, tailId: "", tailSeconds: 0, withActorId: "" });
  const tasks: string[] = [];
  let sequence = "";
  events.on("error", () => undefined);
  events.on("data", (event: { data?: { typeUrl: string; value: Buffer } }) => {
    if (event.data?.typeUrl.endsWith("SequenceEvent")) {
      const decoded = SequenceEvent.decode(event.data.value);
      if (decoded.action === SequenceEvent_Action.START) sequence = decoded.sequence;
    }
    if (event.data?.typeUrl.endsWith("TaskEvent")) tasks.push(TaskEvent.decode(event.data.value).task);
  });
  const answer = await call(machine.upgrade.bind(machine), {
    image: imageFor("gpu-06", "v1.13.9"),
    preserve: true,
    stage: false,
    force: false,
    rebootMode: 0,
  });
  expect(answer.messages[0]).toMatchObject({
    ack: "Upgrade request received",
    actorId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  await eventually(
    () => node("gpu-06"),
    (one) => one.running.release === "v1.13.9" && one.ready,
  );
  expect(sequence).toBe("upgrade");
  expect([...new Set(tasks)]).toEqual([
    "cordonAndDrainNode",
    "stopAllPods",
    "stopDBus",
    "stopServicesForUpgrade",
    "unmountPodMounts",
    "unmountSystemDiskBindMounts",
    "unmountEphemeralPartition",
    "teardownLifecycle",
    "upgrade",
    "reloadMeta",
    "kexecPrepare",
    // The API ends with the services, so nobody hears of the reboot itself.
    "stopAllServices",
  ]);
});

test("a node that is down takes its etcd member along, and the majority decides", async () => {
  const { machine } = admin("cp-01");
  const members = await call(machine.etcdMemberList.bind(machine), { queryLocal: false });
  expect(members.messages[0]?.members.map((member) => member.hostname)).toEqual(["cp-01", "cp-02", "cp-03"]);
  fleet.fault("cp-02", { kind: "etcd-member-lost" });
  expect((await call(machine.etcdStatus.bind(machine), {})).messages[0]?.memberStatus?.errors).toEqual([]);
  fleet.fault("cp-03", { kind: "etcd-member-lost" });
  expect((await call(machine.etcdStatus.bind(machine), {})).messages[0]?.memberStatus?.errors).toEqual([
    "etcdserver: no leader",
  ]);
  expect(await codeOf(call(machine.etcdMemberList.bind(machine), { queryLocal: false }))).toBe(status.UNKNOWN);
  fleet.clearFault("cp-02");
  const snapshot = await collect(machine.etcdSnapshot({}));
  expect(snapshot.slice(0, -1).every((frame) => frame.bytes.length === 1024)).toBe(true);
});

test("a machine in maintenance mode takes a config, installs, and comes back as a member", async () => {
  const cluster = fleet.world.clusters.get("forge");
  if (!cluster) throw new Error("no cluster");
  const xe = fleet.world.schematics.register(
    simpleSchematic(["siderolabs/intel-ucode", "siderolabs/mei", "siderolabs/xe"]),
  );
  const spec = { ...pick("new-01")[0]!, name: "gpu-09" };
  const text = nodeConfig(spec, {
    secrets: cluster.secrets,
    endpoint: cluster.kubernetesEndpoint,
    registry: "factory.talos.dev",
    installSchematicId: xe.id,
    kubernetesVersion: "v1.36.2",
  });
  const waiting = clientsFor(fleet, "new-01", insecure());
  opened.push(waiting);
  const request = { data: Buffer.from(text), mode: 1, dryRun: true, tryModeTimeout: undefined };
  expect(
    (await call(waiting.machine.applyConfiguration.bind(waiting.machine), request)).messages[0]?.modeDetails,
  ).toContain("Dry run summary:");
  expect(node("new-01").maintenance).toBe(true);
  expect(
    await codeOf(
      call(waiting.machine.applyConfiguration.bind(waiting.machine), {
        ...request,
        data: Buffer.from("machine: []\n"),
      }),
    ),
  ).toBe(status.INVALID_ARGUMENT);
  await call(waiting.machine.applyConfiguration.bind(waiting.machine), { ...request, dryRun: false });
  await eventually(
    () => node("new-01"),
    (one) => one.stage === "running" && one.ready,
  );
  const member = admin("new-01");
  const version = await eventually(
    () => call(member.machine.version.bind(member.machine), {}),
    () => true,
  );
  expect(version.messages[0]?.features?.rbac).toBe(true);
  expect(node("new-01").running.schematicId).toBe(xe.id);
  expect([...node("new-01").drivers.bindings.values()]).toContain("xe");
  expect(node("new-01").hostname).toBe("gpu-09");
});

test("a stalled pull goes on when the fault is taken away", async () => {
  fleet.fault("gpu-02", { kind: "stalled-pull" });
  const { images } = admin("gpu-02");
  const messages: ImageServicePullResponse[] = [];
  const stream = images.pull({ containerd, imageRef: imageFor("gpu-02", "v1.14.0") });
  const done = (async () => {
    for await (const message of stream) messages.push(message as ImageServicePullResponse);
  })();
  await eventually(
    () => messages.length,
    (count) => count > 8,
  );
  fleet.clearFault("gpu-02");
  await done;
  expect(messages.at(-1)?.response?.$case).toBe("name");
});

test("a node that never returns comes back when that fault ends", async () => {
  fleet.fault("w-01", { kind: "never-returns" });
  const { machine } = admin("w-01");
  await call(machine.reboot.bind(machine), { mode: 1 });
  await eventually(
    () => node("w-01").power,
    (power) => power === "off",
  );
  expect(await codeOf(call(machine.version.bind(machine), {}))).toBe(status.UNAVAILABLE);
  fleet.clearFault("w-01", "never-returns");
  await settled("w-01");
});
