import type { SimClock } from "./clock";
import type { SchematicRegistry } from "./factory/registry";
import type { SimCluster } from "./cluster/cluster";
import type { Pod } from "./kubernetes/pods";
import type { SimNode } from "./node/node";

/** One mutating call that a node received. */
export type RpcLogEntry = { atMs: number; node: string; method: string; role: string; commonName: string; ok: boolean };

/** Everything that the nodes of a fleet share. */
export type World = {
  readonly seed: string;
  readonly clock: SimClock;
  readonly schematics: SchematicRegistry;
  readonly clusters: Map<string, SimCluster>;
  readonly nodes: Map<string, SimNode>;
  /** `factory.talos.dev`: the host in the install images of the fleet. */
  readonly imageRegistry: string;
  readonly rpcLog: RpcLogEntry[];
  /** Which methods were called by whom, of all calls: roles of the certificate (`os:reader`) → method paths. */
  readonly methodsByRole: Map<string, Set<string>>;
  /** Aborted when the fleet stops. */
  readonly stopping: AbortSignal;
  /** Told of every node whose state changed, to keep Kubernetes and the saved state in step. */
  nodeChanged(node: SimNode): void;
  /** What Kubernetes has of it. */
  kubernetesNode(
    node: SimNode,
  ): { unschedulable: boolean; labels: Record<string, string>; annotations: Record<string, string> } | undefined;
  /** The pods that run on it. */
  podsOf(node: SimNode): readonly Pod[];
  /** Gives a cluster that just came to be its Kubernetes API. */
  clusterAdded(cluster: SimCluster): Promise<void>;
  /** Evicts a node's pods, as the legacy upgrade does on the node itself; gives up after five minutes. */
  drain(node: SimNode): Promise<void>;
  report(error: unknown): void;
};
