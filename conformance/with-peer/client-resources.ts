import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { TalosClient } from "@/lib/talos/client";
import { resourceDefs, type ResourceName, type SpecOf } from "@/lib/talos/resources";
import { after, fails, holds, upTo } from "./checks";
import type { Peer } from "./node";
import {
  anyDef,
  credentialsOf,
  nvidiaExtensions,
  nvidiaModules,
  ready,
  resourceNames,
  rtx4090,
  type Schematic,
  type Stage,
} from "./stage";

type Expected = {
  [Name in ResourceName]: {
    /** How many there are; none where that is not told. */
    count?: number;
    /** Id and part of the spec. */
    some?: Record<string, Partial<SpecOf<(typeof resourceDefs)[Name]>>>;
  };
};

/** What the peer was told, resource by resource: nothing of it comes from Ichor. */
const expected = (schematic: Schematic, uuid: string): Expected => ({
  machineStatus: { count: 1, some: { machine: { stage: "running", status: { ready: true, unmetConditions: [] } } } },
  version: { count: 1, some: { version: { version: "v1.14.1", name: "Talos" } } },
  extensionStatus: { count: 4 },
  imageFactorySchematic: {
    count: 1,
    some: { "image-factory-schematic": { schematicId: schematic.id, flavor: "Image Factory" } },
  },
  loadedKernelModule: {
    count: 5,
    some: { nvidia: { state: "Live", size: 14_532_608, referenceCount: 12 }, nvidia_uvm: { dependencies: ["nvidia"] } },
  },
  kernelModuleStatus: {
    count: 6,
    some: {
      nvidia: { type: "dynamic", state: "live", size: 14_532_608 },
      efivarfs: { type: "built-in", state: "built-in" },
    },
  },
  kernelModuleSpec: {},
  kernelCmdline: {
    count: 1,
    some: { cmdline: { cmdline: "talos.platform=metal console=tty0 slab_nomerge pti=on consoleblank=0" } },
  },
  diagnostic: { count: 0 },
  service: {
    some: {
      kubelet: { running: true, healthy: true, unknown: false },
      dashboard: { running: true, healthy: false, unknown: true },
    },
  },
  bootId: { count: 1 },
  securityState: {
    count: 1,
    some: {
      securitystate: {
        secureBoot: false,
        bootedWithUki: true,
        moduleSignatureEnforced: true,
        seLinuxState: "enabled, permissive",
      },
    },
  },
  timeStatus: { count: 1, some: { node: { synced: true, epoch: 1, syncDisabled: false } } },
  platformMetadata: { count: 1, some: { platformmetadata: { platform: "metal", hostname: "resources" } } },
  mountStatus: {
    count: 1,
    some: { EPHEMERAL: { target: "/var", filesystemType: "xfs", options: ["seclabel", "nodev", "nosuid"] } },
  },
  systemInformation: {
    count: 1,
    some: {
      systeminformation: {
        manufacturer: "Ichor",
        productName: "Peer",
        uuid,
        biosVersion: "2.6",
        skuNumber: "000000000001",
      },
    },
  },
  processor: { count: 1, some: { "CPU-0": { coreCount: 16, threadCount: 32, maxSpeedMhz: 3700 } } },
  memoryModule: { count: 4, some: { "DIMM-1": { sizeMib: 32_768, speedMhz: 4800, deviceLocator: "DIMM 1" } } },
  pciDevice: {
    count: 5,
    some: {
      [rtx4090.address]: {
        vendorId: "0x10de",
        productId: "0x2684",
        classId: "0x03",
        subclassId: "0x00",
        product: rtx4090.product,
      },
      "0000:05:00.0": { driver: "nvme" },
    },
  },
  disk: {
    count: 1,
    some: {
      nvme0n1: {
        sizeBytes: 1024 ** 4,
        devPath: "/dev/nvme0n1",
        transport: "nvme",
        sectorSizeBytes: 512,
        readOnly: false,
      },
    },
  },
  systemDisk: { count: 1, some: { "system-disk": { diskId: "nvme0n1", devPath: "/dev/nvme0n1" } } },
  volumeStatus: {
    count: 4,
    some: { STATE: { phase: "ready", type: "partition", filesystem: "xfs", sizeBytes: 100 * 1024 ** 2 } },
  },
  machineType: { count: 1, some: { "machine-type": { machineType: "controlplane" } } },
  hostnameStatus: { count: 1, some: { hostname: { hostname: "resources" } } },
  nodename: { count: 1, some: { nodename: { nodename: "resources", skipNodeRegistration: false } } },
  nodeAddress: { count: 4, some: { routed: { addresses: ["127.77.0.2/8"] } } },
  linkStatus: {
    count: 2,
    some: {
      enp7s0: {
        type: "ether",
        kind: "",
        mtu: 1500,
        operationalState: "up",
        linkState: true,
        speedMegabits: 10_000,
        duplex: "Full",
        driver: "ixgbe",
        busPath: "0000:07:00.0",
      },
      lo: { type: "loopback" },
    },
  },
  addressStatus: {
    count: 1,
    some: { "enp7s0/127.77.0.2/8": { linkName: "enp7s0", family: "inet4", scope: "global" } },
  },
  routeStatus: {
    count: 1,
    some: { "inet4//127.0.0.1//1024": { gateway: "127.0.0.1", destination: "", priority: 1024, table: "main" } },
  },
  member: { count: 2, some: { other: { addresses: ["127.77.0.250"], machineType: "worker", hostname: "other" } } },
  clusterInfo: { count: 1, some: { current: { clusterName: "peers" } } },
  identity: { count: 1 },
  kubeletStatus: { count: 1, some: { kubelet: { image: "ghcr.io/siderolabs/kubelet:v1.36.1" } } },
  nodeStatus: { count: 1, some: { resources: { nodename: "resources", nodeReady: true, unschedulable: false } } },
  staticPodStatus: { count: 3, some: { "kube-system/kube-scheduler-resources": { phase: "Running", ready: true } } },
  unattendedInstallStatus: { count: 0 },
  machineConfig: { count: 2 },
});

/** Types of which a node has one, under an id that is always the same; of the machine config it has two, and one that runs. */
const single: ReadonlySet<ResourceName> = new Set<ResourceName>([
  "machineStatus",
  "version",
  "imageFactorySchematic",
  "kernelCmdline",
  "bootId",
  "securityState",
  "timeStatus",
  "platformMetadata",
  "systemInformation",
  "systemDisk",
  "machineType",
  "hostnameStatus",
  "nodename",
  "clusterInfo",
  "identity",
  "kubeletStatus",
]);

async function checkType<Name extends ResourceName>(
  { checks }: Stage,
  client: TalosClient,
  name: Name,
  { count, some = {} }: Expected[Name],
): Promise<void> {
  const def = anyDef(name);
  const resources = await client.listResources(def);
  if (count !== undefined) equal(resources.length, count, `${name}: how many`);
  for (const [id, spec] of Object.entries(some)) {
    const listed = resources.find((resource) => resource.id === id);
    holds(listed?.spec, spec as Record<string, unknown>);
    const got = await client.get(def, id);
    deepEqual(got.spec, listed?.spec);
    ok(got.namespace === def.namespace && got.type === def.type && Number(got.version) >= 1 && got.owner !== "");
    ok(got.phase === "running" && (got.createdMs ?? 0) > Date.now() - 60_000);
  }
  await checks.that(`${name}: watched, all that exists comes before what changes`, async () => {
    const events = await upTo(client.watch(def), ({ kind }) => kind === "bootstrapped");
    equal(events[0]?.kind, "established");
    const created = events.flatMap(({ kind, resource }) => (kind === "created" ? [resource.id] : []));
    deepEqual(created.sort(), resources.map(({ id }) => id).sort());
  });
  if (!single.has(name)) return;
  await checks.that(`${name}: got without naming its only id`, async () => {
    deepEqual((await client.get(def)).id, resources[0]?.id);
  });
}

async function changes({ checks }: Stage, client: TalosClient): Promise<void> {
  await checks.that("a watch of a kind: what is destroyed and created again", async () => {
    const events = await after(
      client.watch(resourceDefs.service),
      ({ kind }) => kind === "bootstrapped",
      () => client.serviceStop("kubelet"),
      ({ kind, resource }) => kind === "destroyed" && resource.id === "kubelet",
    );
    const last = events.at(-1);
    ok(last?.kind === "destroyed" && last.resource.spec === null);
    await client.serviceStart("kubelet");
  });
  await checks.that("a watch of one id: what is so first; a tombstone where there is none", async () => {
    const one = client.watch(resourceDefs.service, { id: "kubelet" });
    const [established, first] = await upTo(one, ({ kind }) => kind !== "established");
    equal(established?.kind, "established");
    ok(first?.kind === "created" && first.resource.spec?.running);
    const none = await upTo(
      client.watch(resourceDefs.service, { id: "nothing" }),
      ({ kind }) => kind !== "established",
    );
    equal(none.at(-1)?.kind, "destroyed");
  });
  await checks.that("an id that does not exist", () =>
    fails(client.get(resourceDefs.service, "nothing"), "not-found", /doesn't exist/).then(() => {}),
  );
}

async function rights({ checks, open }: Stage, peer: Peer): Promise<void> {
  const reader = open(peer.address, credentialsOf(peer.readerTalosconfig));
  await checks.that("a reader sees what is not sensitive", async () => {
    for (const name of resourceNames) if (!anyDef(name).sensitive) await reader.listResources(anyDef(name));
  });
  await checks.that("a reader does not see a machine config, by any way", async () => {
    const { machineConfig } = resourceDefs;
    await fails(reader.get(machineConfig), "permission-denied", /not authorized/);
    await fails(reader.listResources(machineConfig), "permission-denied");
    await fails(reader.watch(machineConfig), "permission-denied");
  });
  await checks.that("a namespace that no node has", () =>
    fails(reader.get({ ...resourceDefs.bootId, namespace: "nothing" }), "unknown-resource", /not supported/).then(
      () => {},
    ),
  );
}

/** Every resource type that Ichor reads, as the real types and the real server send it. */
export async function checkResources(stage: Stage): Promise<void> {
  const schematic = stage.schematic(nvidiaExtensions);
  const peer = await stage.start({
    address: "127.77.0.2:50000",
    hostname: "resources",
    schematic: schematic.text,
    kubernetesVersion: "1.36.1",
    pci: [rtx4090],
    modules: nvidiaModules,
    members: [{ hostname: "other", address: "127.77.0.250", role: "worker" }],
  });
  const client = stage.open(peer.address, credentialsOf(peer.talosconfig));
  await ready(client);
  const { uuid } = await peer.state();
  const told = expected(schematic, uuid);
  for (const name of resourceNames) {
    await stage.checks.that(`${name}: listed and got, with what the node was told`, () =>
      checkType(stage, client, name, told[name]),
    );
  }
  await stage.checks.that("the schematic's own entry holds its ID and its document", async () => {
    const entries = await client.listResources(resourceDefs.extensionStatus);
    const own = entries.find(({ spec }) => spec.metadata.name === "schematic");
    equal(own?.spec.metadata.version, schematic.id);
    equal(own?.spec.metadata.extraInfo, schematic.text);
    const driver = entries.find(({ spec }) => spec.metadata.name.startsWith("nvidia-open-gpu-kernel-modules"));
    match(driver?.spec.metadata.version ?? "", /^595\.91\.07-v1\.14\.1$/);
  });
  await stage.checks.that("the machine config is the text that the node holds", async () => {
    const active = await client.get(resourceDefs.machineConfig);
    equal(active.spec, (await peer.state()).config);
    match(active.spec, /kind: HostnameConfig/);
  });
  await changes(stage, client);
  await rights(stage, peer);
}
