import { status, type ServerWritableStream } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { absentAsNull } from "@/lib/talos/errors";
import {
  EventType,
  type Event,
  type Resource,
  type WatchRequest,
  type WatchResponse,
} from "@/lib/talos/gen/cosi/resource/state";
import { resourceDefs, type ResourceEvent } from "@/lib/talos/resources";
import { collect, failureOf } from "@/lib/talos/testing/collect";
import { startPair, type Handlers } from "@/lib/talos/testing/node";

const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));
async function clientFor(state: NonNullable<Handlers["state"]>) {
  const pair = await startPair({ state });
  stops.push(pair.stop);
  return pair;
}

const wire = (id: string, yamlSpec: string, version = "1"): Resource => ({
  metadata: {
    namespace: "runtime",
    type: "T",
    id,
    version,
    owner: "controller",
    phase: "running",
    created: new Date(1_000),
    updated: new Date(2_000),
    finalizers: [],
    labels: { a: "b" },
    annotations: {},
  },
  spec: { protoSpec: Buffer.alloc(0), yamlSpec },
});
const change = (eventType: EventType, resource?: Resource): Event => ({
  eventType,
  resource,
  old: undefined,
  error: "",
  bookmark: Buffer.alloc(0),
});

describe("get and list", () => {
  it("reads metadata and spec, whatever the release's spelling of keys", async () => {
    const yaml =
      'class: Display controller\nclass_id: "0x03"\nvendorID: "0x10de"\nproduct_id: "0x1b06"\nvendor: "NVIDIA\\u001b[31m\\u0007"\nnew_field: 1\n';
    const { client } = await clientFor({
      get: (_call, reply) => reply(null, { resource: wire("0000:41:00.0", yaml) }),
    });
    await expect(client.get(resourceDefs.pciDevice, "0000:41:00.0")).resolves.toEqual({
      namespace: "runtime",
      type: "T",
      id: "0000:41:00.0",
      version: "1",
      owner: "controller",
      phase: "running",
      createdMs: 1_000,
      updatedMs: 2_000,
      labels: { a: "b" },
      annotations: {},
      spec: {
        class: "Display controller",
        subclass: "",
        vendor: "NVIDIA",
        product: "",
        classId: "0x03",
        subclassId: "",
        vendorId: "0x10de",
        productId: "0x1b06",
        driver: "",
      },
    });
  });

  it("asks for the only id by itself and always names the namespace", async () => {
    const asked: string[] = [];
    const { client } = await clientFor({
      get: (call, reply) => {
        asked.push([call.request.namespace, call.request.type, call.request.id].join(" "));
        reply(null, {
          resource: wire(
            "machine",
            "stage: shutting down\nstatus:\n  ready: false\n  unmetConditions:\n    - name: time\n      reason: not in sync\n",
          ),
        });
      },
    });
    const { spec } = await client.get(resourceDefs.machineStatus);
    expect(spec).toEqual({
      stage: "shutting-down",
      status: { ready: false, unmetConditions: [{ name: "time", reason: "not in sync" }] },
    });
    expect(asked).toEqual(["runtime MachineStatuses.runtime.talos.dev machine"]);
  });

  it("lists all, and an empty list is empty", async () => {
    const { client } = await clientFor({
      list: (call) => {
        if (call.request.type.startsWith("Diagnostics"))
          for (const id of ["a", "b"]) call.write({ resource: wire(id, `message: ${id}\n`) });
        call.end();
      },
    });
    const found = await client.listResources(resourceDefs.diagnostic);
    expect(found.map(({ id, spec }) => [id, spec.message])).toEqual([
      ["a", "a"],
      ["b", "b"],
    ]);
    await expect(client.listResources(resourceDefs.disk)).resolves.toEqual([]);
  });

  it("tells an unknown type from a missing role, though both are PermissionDenied", async () => {
    const details = { a: "resource type BootIDs.runtime.talos.dev is not supported", b: "not authorized" };
    const { client } = await clientFor({
      get: (call, reply) =>
        reply({ code: status.PERMISSION_DENIED, details: call.request.id === "boot-id" ? details.a : details.b }),
    });
    expect((await failureOf(client.get(resourceDefs.bootId))).kind).toBe("unknown-resource");
    expect((await failureOf(client.get(resourceDefs.machineConfig))).kind).toBe("permission-denied");
    await expect(absentAsNull(client.get(resourceDefs.bootId))).resolves.toBeNull();
    expect((await failureOf(absentAsNull(client.get(resourceDefs.machineConfig)))).kind).toBe("permission-denied");
  });

  it("refuses a spec of the wrong shape instead of showing an empty one, and YAML that unfolds", async () => {
    const bombs: Record<string, string> = {
      bad: "stage: [1, 2]\n",
      broken: 'stage: "run\n',
      bomb: "a: &a [x, x]\nb: [*a, *a]\nstage: running\n",
    };
    const { client } = await clientFor({
      get: (call, reply) => reply(null, { resource: wire("machine", bombs[call.request.id] ?? "") }),
    });
    for (const id of Object.keys(bombs)) {
      const error = await failureOf(client.get(resourceDefs.machineStatus, id));
      expect(error.kind).toBe("node-failed");
      expect(error.message).toContain("MachineStatuses.runtime.talos.dev");
    }
  });
});

describe("specs", () => {
  const read = async (def: (typeof resourceDefs)[keyof typeof resourceDefs], yaml: string): Promise<unknown> => {
    const { client } = await clientFor({ get: (_call, reply) => reply(null, { resource: wire("x", yaml) }) });
    return (await client.get<unknown>(def, "x")).spec;
  };

  it.each([
    ["machineType", "controlplane\n", { machineType: "controlplane" }],
    ["machineType", "worker\n", { machineType: "worker" }],
    ["memoryModule", "sizeMiB: 32768\nspeed: 4800\n", { sizeMib: 32_768, speedMhz: 4_800 }],
    [
      "linkStatus",
      "hardwareAddr: 52:54:00:12:34:56\nspeedMbit: 10000\nlinkState: true\n",
      { hardwareAddress: "52:54:00:12:34:56", speedMegabits: 10_000, linkState: true },
    ],
    [
      "disk",
      "dev_path: /dev/nvme0n1\nsize: 4000787030016\nreadonly: false\n",
      { devPath: "/dev/nvme0n1", sizeBytes: 4_000_787_030_016, readOnly: false },
    ],
    ["routeStatus", "dst: 0.0.0.0/0\ngateway: 10.5.0.1\n", { destination: "0.0.0.0/0", gateway: "10.5.0.1" }],
    [
      "member",
      "nodeId: abc\nmachineType: init\naddresses:\n  - 10.5.0.2\n",
      { machineType: "controlplane", addresses: ["10.5.0.2"] },
    ],
    [
      "extensionStatus",
      "metadata:\n  name: schematic\n  version: 3765\n",
      { metadata: { name: "schematic", version: "3765" } },
    ],
    ["kernelModuleStatus", "type: KERNEL_MODULE_TYPE_DYNAMIC\nstate: live\n", { type: "dynamic", state: "live" }],
    ["staticPodStatus", "phase: Running\nconditions:\n  - type: Ready\n    status: 'True'\n", { ready: true }],
    ["timeStatus", "", { synced: false, epoch: 0 }],
    [
      "nodeStatus",
      "nodeReady: true\nlabels:\n  node.kubernetes.io/x_y: z\n",
      { nodeReady: true, labels: { "node.kubernetes.io/x_y": "z" } },
    ],
  ] as const)("reads %s", async (name, yaml, expected) => {
    expect(await read(resourceDefs[name], yaml)).toMatchObject(expected);
  });

  it("reads the machine config from a YAML string as well as from the document itself, byte for byte", async () => {
    const config = "version: v1alpha1\nmachine:\n  token: abc # kept\n---\nkind: ExtensionServiceConfig\n";
    const scalar = `|\n${config.replace(/^/gm, "  ").trimEnd()}\n`;
    expect(await read(resourceDefs.machineConfig, scalar)).toBe(config);
    expect(await read(resourceDefs.machineConfig, JSON.stringify(config))).toBe(config);
    const single = "version: v1alpha1 # as it is\n";
    for (const text of [single, config]) expect(await read(resourceDefs.machineConfig, text)).toBe(text);
  });

  it("does not put a secret spec that cannot be read into the error", async () => {
    const { client } = await clientFor({
      get: (_call, reply) => reply(null, { resource: wire("v1alpha1", 'token: "s3cret\n') }),
    });
    const error = await failureOf(client.get({ ...resourceDefs.machineConfig, raw: false }));
    expect(error.message).toContain("cannot be read");
    expect(JSON.stringify([error.message, error.details ?? null, String(error.cause)])).not.toContain("s3cret");
  });
});

describe("watch", () => {
  type Call = ServerWritableStream<WatchRequest, WatchResponse>;
  const watchNode = async (serve: (call: Call) => void) => {
    const calls: Call[] = [];
    return { calls, ...(await clientFor({ watch: (call) => (calls.push(call), serve(call)) })) };
  };
  const kinds = (events: ResourceEvent<unknown>[]) =>
    events.map(({ kind, resource }) => (resource ? `${kind} ${resource.id}` : kind));

  it("tells establishment, contents, bootstrap and changes of a type", async () => {
    const { client, calls } = await watchNode((call) => {
      call.write({ event: [] });
      call.write({ event: [change(EventType.CREATED, wire("a", "message: x\n")), change(EventType.BOOTSTRAPPED)] });
      call.write({ event: [change(EventType.NOOP)] });
      call.write({
        event: [
          change(EventType.UPDATED, wire("a", "message: y\n", "2")),
          change(EventType.DESTROYED, wire("a", "", "3")),
        ],
      });
    });
    const seen: ResourceEvent<unknown>[] = [];
    for await (const event of client.watch(resourceDefs.diagnostic)) if (seen.push(event) === 5) break;
    expect(kinds(seen)).toEqual(["established", "created a", "bootstrapped", "updated a", "destroyed a"]);
    expect(seen[3]).toMatchObject({ resource: { version: "2", spec: { message: "y" } } });
    expect(seen[4]).toMatchObject({ resource: { spec: null } });
    expect(calls[0]?.request).toMatchObject({
      namespace: "runtime",
      apiVersion: 1,
      id: undefined,
      options: { bootstrapContents: true },
    });
  });

  it("does not ask for contents when it watches one id, which Talos refuses", async () => {
    const { client, calls } = await watchNode((call) => {
      call.write({ event: [] });
      call.write({ event: [change(EventType.DESTROYED, wire("machine", ""))] });
    });
    const seen: ResourceEvent<unknown>[] = [];
    for await (const event of client.watch(resourceDefs.machineStatus, { id: "machine" }))
      if (seen.push(event) === 2) break;
    expect(kinds(seen)).toEqual(["established", "destroyed machine"]);
    expect(calls[0]?.request).toMatchObject({ id: "machine", options: { bootstrapContents: false } });
  });

  it("takes the node's end of a watch for a broken stream, and an error event for an error", async () => {
    const ended = await watchNode((call) => (call.write({ event: [] }), call.end()));
    expect((await failureOf(collect(ended.client.watch(resourceDefs.diagnostic)))).kind).toBe("rolled-stream");
    const failed = await watchNode((call) =>
      call.write({ event: [{ ...change(EventType.ERRORED), error: "buffer overrun" }] }),
    );
    const error = await failureOf(collect(failed.client.watch(resourceDefs.diagnostic)));
    expect(error.kind).toBe("node-failed");
    expect(error.message).toContain("buffer overrun");
  });
});
