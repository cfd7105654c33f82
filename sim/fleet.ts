import { randomInt } from "node:crypto";
import { setMaxListeners } from "node:events";
import { newCluster, newClusterSecrets } from "./cluster/cluster";
import { mintTalosconfig } from "./cluster/client-configs";
import { nodeConfig } from "./cluster/node-config";
import { runDetached, simClock } from "./clock";
import type { Fault, FaultKind } from "./control/fault";
import { startControl } from "./control/server";
import { applyFault, removeFault } from "./control/set-fault";
import { SchematicRegistry, simpleSchematic } from "./factory/registry";
import { startFactory } from "./factory/server";
import { KubernetesWorld } from "./kubernetes/kubernetes-world";
import { boot } from "./node/boot";
import { announceMembers } from "./node/publish-members";
import { SimNode } from "./node/node";
import { demoNodes } from "./scenario/demo";
import { manyNodes } from "./scenario/many";
import type { NodeSpec } from "./scenario/node-spec";
import { StateFile } from "./state-file";
import { NodeServer } from "./wire/node-server";
import type { RpcLogEntry, World } from "./world";

export type FleetOptions = {
  /** Which machines: the demo's by default; `nodes` for so many copies of them. */
  scenario?: "demo" | readonly NodeSpec[];
  nodes?: number;
  /** First two or three numbers of the nodes' addresses: `127.4` puts host `1.11` at 127.4.1.11. Random by default. */
  network?: string;
  /** The Talos API's port on every node. */
  port?: number;
  /** Where certificates and state are kept, so that the same fleet starts again. Nothing is kept without it. */
  dir?: string;
  /** How much faster than real: 1 pulls in 20 s and reboots in 20 s. */
  speed?: number;
  factoryPort?: number;
  kubernetesPort?: number;
  controlPort?: number;
  seed?: string;
  /** Make every node's certificate before the fleet counts as started, so that the first connections are as fast as later ones. */
  prepare?: boolean;
  /** Errors of the simulator itself. Thrown into the console by default. */
  report?: (error: unknown) => void;
};

export type Fleet = {
  /** `os:admin` and `os:reader` talosconfigs of the first cluster, one year valid. */
  talosconfig: string;
  readerTalosconfig: string;
  operatorTalosconfig: string;
  factoryUrl: string;
  kubernetesUrl: string;
  controlUrl: string;
  nodes: { name: string; address: string; endpoint: string; cluster: string | null; role: NodeSpec["role"] }[];
  /** The live state, for tests to look at. */
  world: World;
  fault(node: string, fault: Fault): void;
  clearFault(node: string, kind?: FaultKind): void;
  rpcLog: readonly RpcLogEntry[];
  stop(): Promise<void>;
};

const imageRegistry = "factory.talos.dev";
const kubernetesVersion = "v1.36.2";

/** Starts a fleet of simulated Talos nodes on loopback, with its Image Factory, Kubernetes API and control API. */
export async function startFleet(options: FleetOptions = {}): Promise<Fleet> {
  const network = options.network ?? `127.${randomInt(16, 250)}.${randomInt(1, 255)}`;
  const port = options.port ?? 50_000;
  const seed = options.seed ?? "ichor";
  const clock = simClock(options.speed ?? 1);
  const report =
    options.report ??
    ((error: unknown) =>
      void process.stderr.write(
        `simulated fleet: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      ));
  const specs = options.nodes
    ? manyNodes(options.nodes)
    : (options.scenario ?? "demo") === "demo"
      ? demoNodes
      : (options.scenario as readonly NodeSpec[]);
  const state = await StateFile.open(options.dir);
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const kubernetes = new KubernetesWorld();
  const world: World = {
    seed,
    clock,
    schematics: new SchematicRegistry(),
    clusters: new Map(),
    nodes: new Map(),
    imageRegistry,
    rpcLog: [],
    methodsByRole: new Map(),
    stopping: stopping.signal,
    kubernetesNode: (node) => kubernetes.stateOf(node)?.nodes.get(node.hostname),
    podsOf: (node) => kubernetes.podsOf(node),
    nodeChanged: (node) => {
      kubernetes.nodeChanged(node);
      announceMembers(world, node);
      state.changed();
    },
    clusterAdded: async (cluster) => {
      await kubernetes.serve(cluster, world, 0);
      state.changed();
    },
    drain: (node) => kubernetes.drain(node),
    report,
  };
  for (const document of state.schematics()) world.schematics.register(document);
  world.schematics.register({});
  const factory = await startFactory(world.schematics, options.factoryPort ?? 0, () => state.changed(), report);
  const now = clock.nowMs();
  for (const name of [...new Set(specs.map((spec) => spec.cluster).filter((cluster) => cluster !== null))]) {
    const cluster = newCluster(state.secrets(name) ?? (await newClusterSecrets(name, seed, now)));
    world.clusters.set(name, cluster);
    await kubernetes.serve(cluster, world, world.clusters.size === 1 ? (options.kubernetesPort ?? 0) : 0);
  }
  const saved = await state.restoreClusters(world, (cluster) => kubernetes.serve(cluster, world, 0));
  const server = new NodeServer(world, port);
  for (const spec of specs) {
    const address = addressOf(network, spec.host);
    const schematic = world.schematics.register(simpleSchematic(spec.extensions, spec.kernelArgs));
    const cluster = spec.cluster === null ? null : (world.clusters.get(spec.cluster) ?? null);
    const node = new SimNode(world, spec, address, { release: spec.release, schematicId: schematic.id }, cluster);
    const install = spec.installExtensions
      ? world.schematics.register(simpleSchematic(spec.installExtensions))
      : schematic;
    if (cluster)
      node.disk.config = nodeConfig(spec, {
        secrets: cluster.secrets,
        endpoint: cluster.kubernetesEndpoint,
        registry: imageRegistry,
        installSchematicId: install.id,
        kubernetesVersion,
      });
    world.nodes.set(node.name, node);
    saved.restoreNode(node);
    if (node.controlPlane && node.cluster && !saved.knows(node)) node.cluster.etcd.join(node.name, address);
    server.add(node);
  }
  const nodes = [...world.nodes.values()];
  for (const node of nodes) runDetached(boot(node, { instant: true }), report);
  await server.settled();
  if (options.prepare) await server.prepare();
  kubernetes.settle(world);
  state.attach(world);
  const first = [...world.clusters.values()][0];
  const endpoints = nodes.filter((node) => node.cluster === first && node.controlPlane).map((node) => node.address);
  const talosconfig = (role: string) => (first ? mintTalosconfig(first, role, endpoints, now) : Promise.resolve(""));
  const control = await startControl({ world, server, kubernetes }, options.controlPort ?? 0);
  const nodeNamed = (name: string) => {
    const node = world.nodes.get(name);
    if (!node) throw new Error(`the fleet has no node ${name}`);
    return node;
  };
  return {
    talosconfig: await talosconfig("os:admin"),
    operatorTalosconfig: await talosconfig("os:operator"),
    readerTalosconfig: await talosconfig("os:reader"),
    factoryUrl: factory.url,
    kubernetesUrl: first?.kubernetesEndpoint ?? "",
    controlUrl: control.url,
    nodes: nodes.map((node) => ({
      name: node.name,
      address: node.address,
      endpoint: `${node.address}:${port}`,
      cluster: node.cluster?.name ?? null,
      role: node.spec.role,
    })),
    world,
    fault: (name, fault) => applyFault({ world, server, kubernetes }, nodeNamed(name), fault),
    clearFault: (name, kind) => removeFault({ world, server, kubernetes }, nodeNamed(name), kind),
    rpcLog: world.rpcLog,
    stop: async () => {
      await state.save(world);
      state.close();
      stopping.abort();
      for (const node of nodes) {
        for (const kind of [...node.faults.keys()]) node.faults.delete(kind);
        node.powerOff();
      }
      server.stop();
      await server.settled();
      await Promise.all([factory.stop(), control.stop(), kubernetes.stop()]);
    },
  };
}

/** `127.4` + `1.11` → 127.4.1.11; `127.88.7` + `1.11` → 127.88.7.(11, moved on for another third number). */
export function addressOf(network: string, host: string): string {
  const [third = "0", fourth = "1"] = host.split(".");
  if (network.split(".").length === 2) return `${network}.${third}.${fourth}`;
  return `${network}.${(Number(third) - 1) * 100 + Number(fourth)}`;
}
