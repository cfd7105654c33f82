import type { SimNode } from "../node/node";
import { publishNodeStatus } from "../node/publish-kubernetes";
import type { World } from "../world";
import { type GpuResource, initialPods, replacement, stubbornPod, type Pod } from "./pods";

export type Budget = { namespace: string; name: string; app: string; minAvailable: number };
export type KubeNode = {
  node: SimNode;
  unschedulable: boolean;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  taints: { key: string; value?: string; effect: string }[];
  ready: boolean;
  createdMs: number;
};
export type KubeEvent = { type: "ADDED" | "MODIFIED" | "DELETED"; kind: "Node" | "Pod"; key: string };

const terminationMs = 2_000;
const startMs = 3_000;

/** By driver, in the order in which a node's work asks for them. */
const gpuResourceNames = [
  ["nvidia", "nvidia.com/gpu"],
  ["amdgpu", "amd.com/gpu"],
  ["i915", "gpu.intel.com/i915"],
  ["xe", "gpu.intel.com/xe"],
] as const;

/** What the API server of one cluster knows: nodes, pods, disruption budgets. */
export class ClusterState {
  readonly nodes = new Map<string, KubeNode>();
  readonly pods = new Map<string, Pod>();
  readonly budgets: Budget[] = [
    { namespace: "ml", name: "inference", app: "inference", minAvailable: 1 },
    { namespace: "default", name: "web", app: "web", minAvailable: 2 },
  ];
  resourceVersion = 1000;
  private readonly followers = new Set<(event: KubeEvent) => void>();

  constructor(private readonly world: World) {}

  follow(notify: (event: KubeEvent) => void): () => void {
    this.followers.add(notify);
    return () => this.followers.delete(notify);
  }

  emit(event: KubeEvent): void {
    this.resourceVersion++;
    for (const follow of [...this.followers]) follow(event);
  }

  nowMs(): number {
    return this.world.clock.nowMs();
  }

  /** The GPUs that a node's device plugins announce now, each vendor's its own. */
  gpuResources(node: SimNode): GpuResource[] {
    if (!node.spec.devicePlugin || node.faults.has("device-plugin-missing")) return [];
    const persisted = node.services.state("ext-nvidia-persistenced") === "Running";
    return gpuResourceNames.flatMap(([driver, name]) => {
      const count = [...node.drivers.bindings.values()].filter((bound) => bound === driver).length;
      return count > 0 && (driver !== "nvidia" || persisted) ? [{ name, count }] : [];
    });
  }

  /** Follows a node's life: registers it, marks it ready or not. */
  nodeChanged(node: SimNode): void {
    const name = node.hostname;
    const known = this.nodes.get(name);
    const ready =
      node.power === "up" && node.services.state("kubelet") === "Running" && (node.cluster?.etcd.bootstrapped ?? false);
    if (known) {
      if (known.ready === ready && known.node === node) return;
      known.ready = ready;
      known.node = node;
      this.emit({ type: "MODIFIED", kind: "Node", key: name });
      return;
    }
    if (!ready || node.maintenance) return;
    const createdMs = this.world.clock.nowMs() - 86_400_000;
    const role: Record<string, string> = node.controlPlane ? { "node-role.kubernetes.io/control-plane": "" } : {};
    const taints = node.controlPlane ? [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }] : [];
    this.nodes.set(name, {
      node,
      unschedulable: false,
      labels: { "kubernetes.io/hostname": name, "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux", ...role },
      annotations: {},
      taints,
      ready,
      createdMs,
    });
    for (const pod of initialPods(node, this.gpuResources(node), createdMs))
      this.pods.set(`${pod.namespace}/${pod.name}`, pod);
    this.emit({ type: "ADDED", kind: "Node", key: name });
  }

  setUnschedulable(name: string, unschedulable: boolean): void {
    const node = this.nodes.get(name);
    if (!node || node.unschedulable === unschedulable) return;
    node.unschedulable = unschedulable;
    this.publishStatus(name);
    this.emit({ type: "MODIFIED", kind: "Node", key: name });
  }

  /** Talos watches its own Kubernetes node, and tells of each change. */
  publishStatus(name: string): void {
    const node = this.nodes.get(name);
    if (node?.node.power === "up") publishNodeStatus(node.node, node.ready);
  }

  block(nodeName: string): void {
    const pod = stubbornPod(nodeName, this.world.clock.nowMs());
    this.pods.set(`${pod.namespace}/${pod.name}`, pod);
    this.budgets.push({
      namespace: pod.namespace,
      name: `postgres-${nodeName}`,
      app: `postgres-${nodeName}`,
      minAvailable: 1,
    });
    this.emit({ type: "ADDED", kind: "Pod", key: `${pod.namespace}/${pod.name}` });
  }

  unblock(nodeName: string): void {
    const index = this.budgets.findIndex((budget) => budget.name === `postgres-${nodeName}`);
    if (index >= 0) this.budgets.splice(index, 1);
  }

  healthy(budget: Budget): Pod[] {
    return [...this.pods.values()].filter(
      (pod) =>
        pod.namespace === budget.namespace &&
        pod.labels.app === budget.app &&
        pod.ready &&
        pod.deletingMs === null &&
        this.nodes.get(pod.nodeName ?? "")?.ready,
    );
  }

  /** The budget that forbids evicting this pod now. */
  blocking(pod: Pod): Budget | null {
    return (
      this.budgets.find(
        (budget) =>
          budget.namespace === pod.namespace &&
          budget.app === pod.labels.app &&
          this.healthy(budget).length <= budget.minAvailable,
      ) ?? null
    );
  }

  /** Terminates a pod; its owner makes another, elsewhere if need be. */
  delete(pod: Pod): void {
    if (pod.deletingMs !== null) return;
    const key = `${pod.namespace}/${pod.name}`;
    pod.deletingMs = this.world.clock.nowMs();
    this.emit({ type: "MODIFIED", kind: "Pod", key });
    this.later(terminationMs, () => {
      this.pods.delete(key);
      this.emit({ type: "DELETED", kind: "Pod", key });
    });
    if (pod.owner.kind !== "ReplicaSet") return;
    this.later(500, () => this.schedule(replacement(pod, null, this.world.clock.nowMs())));
  }

  private schedule(pod: Pod): void {
    const target = [...this.nodes.values()].find(
      ({ node, unschedulable, ready, taints }) =>
        ready &&
        !unschedulable &&
        taints.length === 0 &&
        (pod.gpuResource === null || this.gpuResources(node).some(({ name }) => name === pod.gpuResource)),
    );
    pod.nodeName = target?.node.hostname ?? null;
    const key = `${pod.namespace}/${pod.name}`;
    this.pods.set(key, pod);
    this.emit({ type: "ADDED", kind: "Pod", key });
    this.later(startMs, () => {
      if (!this.pods.has(key)) return;
      if (pod.nodeName === null) return this.schedule(pod);
      pod.phase = "Running";
      pod.ready = true;
      this.emit({ type: "MODIFIED", kind: "Pod", key });
    });
  }

  private later(durationMs: number, act: () => void): void {
    this.world.clock.wait(durationMs, this.world.stopping).then(act, () => undefined);
  }
}
