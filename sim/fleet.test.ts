import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { EventType, type WatchRequest } from "@/lib/talos/gen/cosi/resource/state";
import { MachineStatusEvent } from "@/lib/talos/gen/machine/events";
import { startFleet, type Fleet } from "./fleet";
import {
  call,
  clientsFor,
  codeOf,
  collect,
  credentialsOf,
  eventually,
  insecure,
  until,
  type NodeClients,
} from "./testing";

let fleet: Fleet;
const opened: NodeClients[] = [];
beforeAll(async () => {
  fleet = await startFleet({ speed: 100 });
});
afterAll(async () => {
  for (const clients of opened) clients.close();
  await fleet.stop();
});

function as(role: "admin" | "operator" | "reader" | "nobody", name: string): NodeClients {
  const configs = { admin: fleet.talosconfig, operator: fleet.operatorTalosconfig, reader: fleet.readerTalosconfig };
  const clients = clientsFor(fleet, name, role === "nobody" ? insecure() : credentialsOf(configs[role]));
  opened.push(clients);
  return clients;
}

async function spec(
  name: string,
  namespace: string,
  type: string,
  id: string,
  role: "admin" | "reader" | "nobody" = "reader",
): Promise<unknown> {
  const { state } = as(role, name);
  const { resource } = await call(state.get.bind(state), { namespace, type, id, options: undefined });
  return parse(resource?.spec?.yamlSpec ?? "");
}

const ids = async (name: string, namespace: string, type: string) => {
  const listed = await collect(as("reader", name).state.list({ namespace, type, options: undefined }));
  return listed.map(({ resource }) => resource?.metadata?.id);
};

describe("identity and roles", () => {
  test("a node answers Version over mutual TLS", async () => {
    const { machine } = as("reader", "gpu-01");
    const response = await call(machine.version.bind(machine), {});
    expect(response.messages[0]).toMatchObject({
      version: { tag: "v1.14.0", arch: "amd64" },
      features: { rbac: true },
    });
  });

  test("without a client certificate a member is not to be had", async () => {
    const { machine } = as("nobody", "gpu-01");
    expect(await codeOf(call(machine.version.bind(machine), {}))).toBe(status.UNAVAILABLE);
  });

  test("roles are enforced per call", async () => {
    const reader = as("reader", "gpu-01");
    const operator = as("operator", "gpu-01");
    expect(await codeOf(call(reader.machine.reboot.bind(reader.machine), { mode: 0 }))).toBe(status.PERMISSION_DENIED);
    expect(
      await codeOf(
        call(operator.machine.reset.bind(operator.machine), {
          graceful: true,
          reboot: true,
          systemPartitionsToWipe: [],
          userDisksToWipe: [],
          mode: 0,
        }),
      ),
    ).toBe(status.PERMISSION_DENIED);
    expect(await codeOf(collect(operator.machine.read({ path: "/proc/sys/kernel/random/boot_id" })))).toBe(
      status.PERMISSION_DENIED,
    );
    expect(fleet.rpcLog).toContainEqual(
      expect.objectContaining({
        node: "gpu-01",
        method: "/machine.MachineService/Reboot",
        role: "os:reader",
        ok: false,
      }),
    );
  });

  test("metadata routes through a control plane, and not through a worker", async () => {
    const target = fleet.nodes.find((node) => node.name === "gpu-02")?.address ?? "";
    const { machine } = as("reader", "cp-01");
    const response = await call(machine.version.bind(machine), {}, { node: target });
    expect(response.messages[0]?.version?.tag).toBe("v1.13.9");
    const worker = as("reader", "gpu-01").machine;
    expect(await codeOf(call(worker.version.bind(worker), {}, { node: target }))).toBe(status.PERMISSION_DENIED);
    const { state } = as("reader", "cp-01");
    expect(
      await codeOf(
        call(
          state.get.bind(state),
          { namespace: "runtime", type: "MachineStatuses.runtime.talos.dev", id: "machine", options: undefined },
          { nodes: target },
        ),
      ),
    ).toBe(status.INVALID_ARGUMENT);
  });
});

describe("resources", () => {
  test("specs have the keys of the Go structs", async () => {
    expect(await spec("gpu-01", "runtime", "MachineStatuses.runtime.talos.dev", "machine")).toEqual({
      stage: "running",
      status: { ready: true, unmetConditions: [] },
    });
    expect(await spec("gpu-01", "hardware", "PCIDevices.hardware.talos.dev", "0000:41:00.0")).toMatchObject({
      class_id: "0x03",
      subclass_id: "0x00",
      vendor_id: "0x10de",
      product_id: "0x2684",
    });
    expect(
      await spec("gpu-01", "hardware", "SystemInformations.hardware.talos.dev", "systeminformation"),
    ).toMatchObject({ productName: "AS -4125GS-TNRT", serialnumber: expect.stringMatching(/^S[0-9A-F]{10}$/) });
  });

  test("a release knows only its own types, and sensitive ones are the admin's", async () => {
    const get = (name: string, type: string, namespace = "runtime", role: "admin" | "reader" = "reader") =>
      codeOf(spec(name, namespace, type, "x", role));
    expect(await get("gpu-01", "BootIDs.runtime.talos.dev")).toBe(status.NOT_FOUND);
    expect(await get("gpu-02", "BootIDs.runtime.talos.dev")).toBe(status.PERMISSION_DENIED);
    expect(await get("gpu-01", "NoSuch.talos.dev")).toBe(status.PERMISSION_DENIED);
    expect(await get("gpu-01", "MachineConfigs.config.talos.dev", "config")).toBe(status.PERMISSION_DENIED);
    const config = await spec("gpu-01", "config", "MachineConfigs.config.talos.dev", "v1alpha1", "admin");
    expect(config).toContain("clusterName: forge");
  });

  test("a kind watch starts empty, brings what there is, says so, and then follows", async () => {
    const request: WatchRequest = {
      namespace: "runtime",
      type: "ExtensionStatuses.runtime.talos.dev",
      options: {
        bootstrapContents: true,
        tailEvents: 0,
        labelQuery: [],
        idQuery: undefined,
        aggregated: false,
        startFromBookmark: Buffer.alloc(0),
        bootstrapBookmark: false,
      },
      apiVersion: 1,
    };
    const stream = as("reader", "gpu-01").state.watch(request);
    const seen: { types: EventType[]; size: number }[] = [];
    await until(stream, ({ event }) => {
      seen.push({ types: event.map((one) => one.eventType), size: event.length });
      return event.some((one) => one.eventType === EventType.BOOTSTRAPPED);
    });
    expect(seen[0]?.size).toBe(0);
    expect(seen.slice(1, -1).flatMap((message) => message.types)).toEqual(
      Array.from({ length: 4 }, () => EventType.CREATED),
    );
  });

  test("a watch of one id brings its state, then its changes", async () => {
    const stream = as("reader", "w-01").state.watch({
      namespace: "runtime",
      type: "MachineStatuses.runtime.talos.dev",
      id: "machine",
      options: undefined,
      apiVersion: 1,
    });
    const kinds: EventType[] = [];
    const done = until(stream, ({ event }) => {
      kinds.push(...event.map((one) => one.eventType));
      if (kinds.length === 1)
        fleet.world.nodes.get("w-01")?.setStage("running", false, [{ name: "time", reason: "time is not synced" }]);
      return kinds.length === 2;
    });
    await done;
    expect(kinds).toEqual([EventType.CREATED, EventType.UPDATED]);
    fleet.world.nodes.get("w-01")?.setStage("running", true);
  });
});

describe("what the hardware makes of its drivers", () => {
  test("Ada with the open modules is bound, and the PCI scan came too early to see it", async () => {
    expect(await ids("gpu-01", "runtime", "KernelModuleStatuses.runtime.talos.dev")).toEqual(
      expect.arrayContaining(["nvidia", "nvidia_uvm", "nvidia_drm", "nvidia_modeset"]),
    );
    expect(await spec("gpu-01", "hardware", "PCIDevices.hardware.talos.dev", "0000:41:00.0")).not.toHaveProperty(
      "driver",
    );
    const files = await collect(
      as("reader", "gpu-01").machine.list({
        root: "/sys/bus/pci/drivers/nvidia",
        recurse: false,
        recursionDepth: 0,
        types: [],
        reportXattrs: false,
      }),
    );
    expect(files.map((file) => file.relativeName)).toEqual([
      ".",
      "0000:41:00.0",
      "0000:61:00.0",
      "0000:81:00.0",
      "0000:a1:00.0",
    ]);
  });

  test("Pascal with the open modules is refused by the driver, and the kernel log says why", async () => {
    expect(await ids("gpu-03", "runtime", "LoadedKernelModules.runtime.talos.dev")).not.toContain("nvidia");
    const records = await collect(as("reader", "gpu-03").machine.dmesg({ follow: false, tail: false }));
    const log = records.map((record) => record.bytes.toString("utf8"));
    expect(log).toContainEqual(
      expect.stringMatching(
        /^kern: +err: \[[0-9T:.Z-]+\]: NVRM: .*\\x0aNVRM: installed in this system is not supported by open\\x0aNVRM: nvidia\.ko/,
      ),
    );
    expect(log).toContainEqual(expect.stringContaining("NVRM: No NVIDIA GPU found."));
  });

  test("Radeon telemetry is there to read, for the admin", async () => {
    const chunks = await collect(
      as("admin", "gpu-04").machine.read({ path: "/sys/class/drm/card0/device/gpu_busy_percent" }),
    );
    expect(Number(Buffer.concat(chunks.map((chunk) => chunk.bytes)).toString("utf8"))).toBeGreaterThanOrEqual(0);
  });
});

describe("streams and counters", () => {
  test("events begin with an empty hello", async () => {
    const stream = as("reader", "cp-01").machine.events({
      tailEvents: -1,
      tailId: "",
      tailSeconds: 0,
      withActorId: "",
    });
    const types: (string | undefined)[] = [];
    const found = await until(stream, (event) => {
      types.push(event.data?.typeUrl);
      return (
        event.data?.typeUrl === "talos/runtime/machine.MachineStatusEvent" &&
        MachineStatusEvent.decode(event.data.value).status?.ready === true
      );
    });
    expect(types[0]).toBe("");
    expect(found.id).toMatch(/^[0-9a-v]{20}$/);
  });

  test("logs end when not followed, and nothing is sent for zero lines", async () => {
    const read = async (tailLines: number) =>
      Buffer.concat(
        (
          await collect(
            as("reader", "gpu-01").machine.logs({
              namespace: "system",
              id: "kubelet",
              driver: 0,
              follow: false,
              tailLines,
            }),
          )
        ).map((chunk) => chunk.bytes),
      ).toString("utf8");
    expect(await read(-1)).toContain("Successfully registered node");
    expect(await read(0)).toBe("");
  });

  test("counters grow and never run backwards", async () => {
    const { machine } = as("reader", "gpu-01");
    const idle = async () => (await call(machine.systemStat.bind(machine), {})).messages[0]?.cpuTotal;
    const before = await idle();
    const after = await eventually(idle, (stat) => (stat?.user ?? 0) > (before?.user ?? 0));
    expect(after?.idle).toBeGreaterThan(before?.idle ?? Number.POSITIVE_INFINITY);
    const memory = (await call(machine.memory.bind(machine), {})).messages[0]?.meminfo;
    expect(memory?.memtotal).toBeLessThan(384 * 1024 * 1024);
    expect(memory?.memtotal).toBeGreaterThan(370 * 1024 * 1024);
  });
});

describe("maintenance mode", () => {
  test("answers reads without a certificate, and no more", async () => {
    const { machine } = as("nobody", "new-01");
    expect((await call(machine.version.bind(machine), {})).messages[0]?.features).toBeUndefined();
    expect(await spec("new-01", "runtime", "MachineStatuses.runtime.talos.dev", "machine", "nobody")).toEqual({
      stage: "maintenance",
      status: { ready: true, unmetConditions: [] },
    });
    expect(await spec("new-01", "hardware", "PCIDevices.hardware.talos.dev", "0000:41:00.0", "nobody")).toMatchObject({
      vendor_id: "0x8086",
      product_id: "0xe20b",
    });
    expect(await codeOf(call(machine.reboot.bind(machine), { mode: 0 }))).toBe(status.PERMISSION_DENIED);
  });
});
