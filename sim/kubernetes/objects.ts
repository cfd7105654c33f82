import type { Budget, ClusterState, KubeNode } from "./cluster-state";
import type { Pod } from "./pods";

const time = (ms: number) => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace(".000", "");

export function nodeObject(state: ClusterState, kube: KubeNode): Record<string, unknown> {
  const { node } = kube;
  const name = node.hostname;
  const gpus = state.gpuResources(node);
  const resources = {
    cpu: String(node.machine.processor.threads),
    memory: `${Math.floor(node.machine.memoryBytes / 1024)}Ki`,
    pods: "110",
    "ephemeral-storage": `${Math.floor(node.machine.disk.sizeBytes / 1024)}Ki`,
    ...Object.fromEntries(gpus.map(({ name, count }) => [name, String(count)])),
  };
  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    reason,
    message: reason,
    lastHeartbeatTime: time(state.nowMs()),
    lastTransitionTime: time(kube.createdMs),
  });
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      uid: node.machine.uuid,
      resourceVersion: String(state.resourceVersion),
      creationTimestamp: time(kube.createdMs),
      labels: kube.labels,
      annotations: kube.annotations,
    },
    spec: {
      podCIDR: "10.244.0.0/24",
      ...(kube.unschedulable ? { unschedulable: true } : {}),
      taints: [
        ...kube.taints,
        ...(kube.unschedulable ? [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }] : []),
      ],
    },
    status: {
      addresses: [
        { type: "InternalIP", address: node.address },
        { type: "Hostname", address: name },
      ],
      capacity: resources,
      allocatable: resources,
      conditions: [
        condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
        condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
        kube.ready ? condition("Ready", "True", "KubeletReady") : condition("Ready", "Unknown", "NodeStatusUnknown"),
      ],
      nodeInfo: {
        kubeletVersion: "v1.36.2",
        osImage: `Talos (${node.running.release})`,
        operatingSystem: "linux",
        architecture: "amd64",
        kernelVersion: "6.18.51-talos",
        containerRuntimeVersion: "containerd://2.2.1",
        machineID: "",
        systemUUID: node.machine.uuid,
        bootID: node.bootId,
        kubeProxyVersion: "",
      },
    },
  };
}

export function podObject(state: ClusterState, pod: Pod): Record<string, unknown> {
  const mirror = pod.owner.kind === "Node";
  const apiVersion = mirror ? "v1" : pod.owner.kind === "Job" ? "batch/v1" : "apps/v1";
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: pod.name,
      namespace: pod.namespace,
      uid: pod.uid,
      resourceVersion: String(state.resourceVersion),
      creationTimestamp: time(pod.createdMs),
      labels: pod.labels,
      annotations: mirror ? { "kubernetes.io/config.mirror": pod.uid, "kubernetes.io/config.source": "file" } : {},
      ...(pod.owner.kind === null
        ? {}
        : {
            ownerReferences: [
              { apiVersion, kind: pod.owner.kind, name: pod.owner.name, uid: pod.uid, controller: true },
            ],
          }),
      ...(pod.deletingMs === null
        ? {}
        : {
            deletionTimestamp: time(pod.deletingMs + pod.graceSeconds * 1000),
            deletionGracePeriodSeconds: pod.graceSeconds,
          }),
    },
    spec: {
      nodeName: pod.nodeName ?? undefined,
      terminationGracePeriodSeconds: pod.graceSeconds,
      containers: [
        {
          name: "main",
          image: pod.image,
          resources: pod.gpuResource
            ? {
                limits: { [pod.gpuResource]: String(pod.gpuCount) },
                requests: { [pod.gpuResource]: String(pod.gpuCount) },
              }
            : {},
        },
      ],
      volumes: pod.emptyDir ? [{ name: "scratch", emptyDir: {} }] : [],
    },
    status: {
      phase: pod.phase,
      conditions: [{ type: "Ready", status: pod.ready ? "True" : "False" }],
      startTime: time(pod.createdMs),
    },
  };
}

export function budgetObject(state: ClusterState, budget: Budget): Record<string, unknown> {
  const current = state.healthy(budget).length;
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: {
      name: budget.name,
      namespace: budget.namespace,
      resourceVersion: String(state.resourceVersion),
      generation: 1,
    },
    spec: { minAvailable: budget.minAvailable, selector: { matchLabels: { app: budget.app } } },
    status: {
      observedGeneration: 1,
      currentHealthy: current,
      desiredHealthy: budget.minAvailable,
      expectedPods: current,
      disruptionsAllowed: Math.max(0, current - budget.minAvailable),
    },
  };
}

export const statusObject = (
  code: number,
  reason: string,
  message: string,
  details?: Record<string, unknown>,
): Record<string, unknown> => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: code < 400 ? "Success" : "Failure",
  message,
  reason,
  details,
  code,
});

export const listObject = (
  state: ClusterState,
  kind: string,
  apiVersion: string,
  items: unknown[],
): Record<string, unknown> => ({
  kind,
  apiVersion,
  metadata: { resourceVersion: String(state.resourceVersion) },
  items,
});
