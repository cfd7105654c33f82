import { status } from "@grpc/grpc-js";
import { parse } from "yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ResourceDefinitionSpec } from "@/lib/talos/gen/cosi/resource/meta";
import { EventType, type StateClient, type WatchOptions } from "@/lib/talos/gen/cosi/resource/state";
import { DiskSpec } from "@/lib/talos/gen/resource/definitions/block";
import { MachineConfigSpec } from "@/lib/talos/gen/resource/config/config";
import { MachineStatusSpec } from "@/lib/talos/gen/resource/definitions/runtime";
import { RuntimeMachineStage } from "@/lib/talos/gen/resource/definitions/enums";
import { startFleet, type Fleet } from "./fleet";
import { kinds, resourceKind } from "./resources/catalogue";
import { definitionsOf } from "./resources/definitions";
import { services } from "./resources/kinds/services";
import { call, clientsFor, codeOf, collect, credentialsOf, until, type NodeClients } from "./testing";

let fleet: Fleet;
let clients: NodeClients;
beforeAll(async () => {
  fleet = await startFleet({ speed: 200 });
  clients = clientsFor(fleet, "cp-01", credentialsOf(fleet.talosconfig));
});
afterAll(async () => {
  clients.close();
  await fleet.stop();
});

const node = (name: string) => {
  const found = fleet.world.nodes.get(name);
  if (!found) throw new Error(`no node ${name}`);
  return found;
};

const watchOptions = (options: Partial<WatchOptions>): WatchOptions => ({
  bootstrapContents: false,
  tailEvents: 0,
  labelQuery: [],
  idQuery: undefined,
  aggregated: false,
  startFromBookmark: Buffer.alloc(0),
  bootstrapBookmark: false,
  ...options,
});
const watchServices = (options: Partial<WatchOptions>, state: StateClient = clients.state) =>
  state.watch({
    namespace: services.namespace,
    type: services.type,
    id: undefined,
    options: watchOptions(options),
    apiVersion: 1,
  });

async function specOf(namespace: string, type: string, id: string) {
  const { resource } = await call(clients.state.get.bind(clients.state), { namespace, type, id, options: {} });
  if (!resource?.spec) throw new Error(`${type} ${id} has no spec`);
  return resource.spec;
}

test("every resource of every release has its spec in protobuf and in YAML", () => {
  const seen = new Set<string>();
  for (const name of ["cp-01", "cp-03", "gpu-01", "gpu-02", "gpu-06", "new-01"]) {
    const { resources, running } = node(name);
    for (const kind of kinds.filter(({ type }) => resourceKind(type, running.release)))
      for (const { id, spec } of resources.list(kind)) {
        seen.add(kind.type);
        expect(spec.protoSpec.length, `${name} ${kind.type} ${id}`).toBeGreaterThan(0);
        expect(parse(spec.yamlSpec), `${name} ${kind.type} ${id}`).toBeTruthy();
      }
  }
  // Usage is counted once somebody asks, and so are the definitions.
  const asked = /\.(?:perf\.talos|meta\.cosi)\.dev$/;
  const empty = kinds.map(({ type }) => type).filter((type) => !seen.has(type) && !asked.test(type));
  // sim/unattended-install.test.ts has the one in the middle.
  expect(empty).toEqual([
    "Diagnostics.runtime.talos.dev",
    "UnattendedInstallStatuses.runtime.talos.dev",
    "MetaKeys.runtime.talos.dev",
  ]);
});

test("a type that has no resource is an empty list, and every type is found by its definition", async () => {
  const list = (namespace: string, type: string) =>
    collect(clients.state.list({ namespace, type, options: undefined }));
  expect(await list("kubespan", "KubeSpanPeerStatuses.kubespan.talos.dev")).toEqual([]);
  const found = await list("meta", "ResourceDefinitions.meta.cosi.dev");
  expect(found.length).toBe(definitionsOf("v1.14.0").length);
  const spec = found.find(({ resource }) => resource?.metadata?.id === "members.cluster.talos.dev")?.resource?.spec;
  expect(ResourceDefinitionSpec.decode(spec?.protoSpec ?? Buffer.alloc(0)).aliases).toEqual(["member"]);
  expect(parse(spec?.yamlSpec ?? "")).toMatchObject({ type: "Members.cluster.talos.dev", defaultNamespace: "cluster" });
});

test("both encodings say the same", async () => {
  const machine = await specOf("runtime", "MachineStatuses.runtime.talos.dev", "machine");
  expect(MachineStatusSpec.decode(machine.protoSpec)).toEqual({
    stage: RuntimeMachineStage.MACHINE_STAGE_RUNNING,
    status: { ready: true, unmetConditions: [] },
  });
  expect(machine.yamlSpec).toBe("stage: running\nstatus:\n    ready: true\n    unmetConditions: []\n");
  const disk = await specOf("runtime", "Disks.block.talos.dev", "nvme0n1");
  const { size, prettySize } = DiskSpec.decode(disk.protoSpec);
  expect(parse(disk.yamlSpec)).toMatchObject({ size: Number(size), pretty_size: prettySize });
  const config = await specOf("config", "MachineConfigs.config.talos.dev", "v1alpha1");
  expect(MachineConfigSpec.decode(config.protoSpec).yamlMarshalled.toString("utf8")).toBe(node("cp-01").configText);
  expect(config.yamlSpec).toContain("type: controlplane");
});

test("a watch gets what there is and its end, whose tombstone says nothing", async () => {
  const messages: { id: string; type: EventType; proto: number; yaml: string }[] = [];
  await until(watchServices({ bootstrapContents: true }), ({ event }) => {
    for (const { resource, eventType } of event)
      messages.push({
        id: resource?.metadata?.id ?? "",
        type: eventType,
        proto: resource?.spec?.protoSpec.length ?? -1,
        yaml: resource?.spec?.yamlSpec ?? "none",
      });
    return event.some(({ eventType }) => eventType === EventType.BOOTSTRAPPED);
  });
  expect(messages.at(-1)).toEqual({ id: "", type: EventType.BOOTSTRAPPED, proto: 0, yaml: "" });
  expect(messages.slice(0, -1).map(({ id }) => id)).toEqual(
    node("cp-01")
      .resources.list(services)
      .map(({ id }) => id),
  );
});

test("a watch goes on from a bookmark of this boot, and from no other", async () => {
  const opening = await until(watchServices({ bootstrapBookmark: true }), ({ event }) => event.length > 0);
  const startFromBookmark = opening.event[0]?.bookmark ?? Buffer.alloc(0);
  await call(clients.machine.serviceRestart.bind(clients.machine), { id: "kubelet" });
  const next = await until(watchServices({ startFromBookmark }), ({ event }) => event.length > 0);
  expect(next.event[0]).toMatchObject({ eventType: EventType.DESTROYED, resource: { metadata: { id: "kubelet" } } });
  const tail = await until(watchServices({ tailEvents: 1 }), ({ event }) => event.length > 0);
  // The last thing is that its health was found to be good.
  expect(tail.event[0]).toMatchObject({ eventType: EventType.UPDATED, resource: { metadata: { id: "kubelet" } } });
  const foreign = watchServices({ startFromBookmark: Buffer.alloc(16) });
  expect(await codeOf(collect(foreign))).toBe(status.FAILED_PRECONDITION);
});
