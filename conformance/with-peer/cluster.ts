import { startFactory, type FactoryServer } from "@/sim/factory/server";
import { SchematicRegistry, simpleSchematic } from "@/sim/factory/registry";
import { startPeer, type Peer, type PeerOptions } from "./node";
import { rtx4090 } from "./stage";

const kubernetes = "https://127.77.1.1:6443";
const timeScale = 0.05;

/** A cluster of peers: a control plane, a worker with a card and no driver, an old worker, and a machine that waits. */
export type PeerCluster = {
  factory: FactoryServer;
  registry: SchematicRegistry;
  control: Peer;
  gpu: Peer;
  old: Peer;
  waiting: Peer;
  stop: () => Promise<void>;
};

const machines = [
  { hostname: "peer-cp", address: "127.77.1.1", role: "controlplane" },
  { hostname: "peer-gpu", address: "127.77.1.2", role: "worker" },
  { hostname: "peer-old", address: "127.77.1.3", role: "worker" },
] as const;

const pods: PeerOptions["pods"] = [
  { node: "peer-gpu", namespace: "default", name: "web", owner: "ReplicaSet", graceMs: 4_000 },
  {
    node: "peer-gpu",
    namespace: "default",
    name: "db",
    owner: "ReplicaSet",
    graceMs: 4_000,
    budget: "db",
    disruptionsAllowed: 1,
  },
  {
    node: "peer-old",
    namespace: "default",
    name: "held",
    owner: "StatefulSet",
    graceMs: 1_000,
    budget: "held",
    disruptionsAllowed: 0,
  },
  { node: "peer-gpu", namespace: "kube-system", name: "proxy", owner: "DaemonSet" },
];

/** Starts the factory and the cluster's peers. What was started is stopped again where one of them does not come up. */
export async function startPeerCluster(binary: string, report: (error: unknown) => void): Promise<PeerCluster> {
  const registry = new SchematicRegistry();
  // What every peer runs that is told nothing else, and what every factory knows: the schematic without anything.
  registry.register(simpleSchematic([]));
  const factory = await startFactory(registry, 0, () => undefined, report);
  const started: Peer[] = [];
  const stop = async () => {
    await Promise.all(started.map((peer) => peer.stop()));
    await factory.stop();
  };
  const start = async (hostname: string, options: Partial<PeerOptions>) => {
    const own = machines.find((machine) => machine.hostname === hostname);
    const peer = await startPeer(binary, {
      address: `${own?.address ?? "127.77.1.9"}:50000`,
      hostname,
      cluster: "peers",
      kubernetes,
      kubernetesVersion: "1.34.2",
      factory: factory.url,
      timeScale,
      members: machines.filter((machine) => own && machine !== own),
      ...options,
    });
    started.push(peer);
    return peer;
  };
  try {
    const control = await start("peer-cp", { release: "v1.13.9", pods });
    const { secrets } = control;
    const worker = { role: "worker", secrets } as const;
    const [gpu, old, waiting] = await Promise.all([
      start("peer-gpu", { ...worker, release: "v1.13.9", pci: [rtx4090] }),
      start("peer-old", { ...worker, release: "v1.12.11" }),
      start("peer-waiting", { ...worker, release: "v1.14.0", pci: [rtx4090], maintenance: true }),
    ]);
    return { factory, registry, control, gpu, old, waiting, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
