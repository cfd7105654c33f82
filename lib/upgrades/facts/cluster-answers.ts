import "server-only";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { openClusterKubernetes } from "@/lib/inventory/access";
import { fleet } from "@/lib/inventory/fleet";
import { type ClusterEtcd, readClusterEtcd } from "@/lib/inventory/guard/read-etcd";
import type { KubernetesClient } from "@/lib/kubernetes/client";
import { getKubernetesNode } from "@/lib/kubernetes/nodes";
import { drainedPodsByNode } from "@/lib/kubernetes/pods";
import { runsAtWork } from "../overlap";
import type { ClusterPods, PlanFacts } from "../plan-facts";
import { Kept, unlessAborted } from "./kept";

type OrReason<Good> = ({ ok: true } & Good) | { ok: false; reason: string };

async function orReason<T, Good>(work: () => Promise<T>, good: (value: T) => Good): Promise<OrReason<Good>> {
  try {
    return { ok: true, ...good(await work()) };
  } catch (error) {
    if (error instanceof AppError) return { ok: false, reason: error.message };
    throw error;
  }
}

/** Short: a cluster that is in trouble, or out of it again, is to be seen at the next look. */
const keepMs = ({ ok }: { ok: boolean }) => (ok ? 10_000 : 2_000);
const etcds = new Kept<OrReason<{ etcd: ClusterEtcd }>>({ keepMs, most: 500 });
const apis = new Kept<OrReason<object>>({ keepMs, most: 500 });
const podLists = new Kept<ClusterPods>({ keepMs: ({ ok }) => (ok ? 30_000 : 5_000), most: 100 });

const askMs = 20_000;

/** etcd of a cluster, or why it could not be read. */
export function askEtcd(clusterId: string, signal: AbortSignal, fresh: boolean) {
  if (fresh) etcds.forget(clusterId);
  const ask = () =>
    orReason(
      () => readClusterEtcd(clusterId, AbortSignal.timeout(askMs)),
      (etcd) => ({ etcd }),
    );
  return unlessAborted(etcds.get(clusterId, ask), signal);
}

async function withKubernetes<T>(
  clusterId: string,
  work: (client: KubernetesClient, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(askMs);
  const client = await openClusterKubernetes(clusterId, { signal });
  try {
    return await work(client, signal);
  } finally {
    client.close();
  }
}

/** Does its Kubernetes API take us? Any answer proves address, certificate and rights; a node of this name need not exist. */
export function askKubernetes(clusterId: string, signal: AbortSignal, fresh: boolean) {
  if (fresh) apis.forget(clusterId);
  const ask = () =>
    orReason(
      () => withKubernetes(clusterId, (client, stop) => getKubernetesNode(client, "ichor-probe", stop)),
      () => ({}),
    );
  return unlessAborted(apis.get(clusterId, ask), signal);
}

/** Longest that a plan waits for the names of pods, which it can do without. */
const podsWaitMs = 3_000;

/** Pods that each node's drain would evict; a list that takes long is there for the next plan. */
export async function askPods(
  clusterId: string,
  nodeNames: readonly string[],
  signal: AbortSignal,
  fresh: boolean,
): Promise<ClusterPods> {
  const names = [...new Set(nodeNames)].sort();
  const key = JSON.stringify([clusterId, names]);
  if (fresh) podLists.forget(key);
  const ask = () =>
    orReason(
      () => withKubernetes(clusterId, (client, stop) => drainedPodsByNode(client, names, stop)),
      (byNode) => ({ byNode }),
    );
  const late = new Promise<ClusterPods>((resolve) =>
    setTimeout(resolve, podsWaitMs, { ok: false, reason: "Kubernetes takes long to list its pods." }).unref(),
  );
  return unlessAborted(Promise.race([podLists.get(key, ask), late]), signal);
}

/** Runs at work, by the clusters that they touch. */
export async function readOtherRuns(clusterIds: readonly string[]): Promise<PlanFacts["otherRuns"]> {
  const runs = await db.upgradeRun.findMany({
    where: runsAtWork,
    select: { id: true, title: true, nodes: { select: { nodeId: true } } },
  });
  const asked = new Set(clusterIds);
  const found = new Map<string, { id: string; title: string }>();
  for (const { id, title, nodes } of runs) {
    for (const { nodeId } of nodes) {
      const clusterId = fleet().state(nodeId)?.record.clusterId;
      if (clusterId && asked.has(clusterId)) found.set(clusterId, { id, title });
    }
  }
  return found;
}
