import { seededHex } from "../random";
import type { SimNode } from "../node/node";

export type PodOwner = "ReplicaSet" | "DaemonSet" | "Node" | "Job" | null;
export type Pod = {
  namespace: string;
  name: string;
  uid: string;
  nodeName: string | null;
  /** Name of the owning ReplicaSet, DaemonSet or Node. */
  owner: { kind: PodOwner; name: string };
  labels: Record<string, string>;
  image: string;
  phase: "Pending" | "Running" | "Succeeded";
  ready: boolean;
  gpuResource: string | null;
  gpuCount: number;
  emptyDir: boolean;
  createdMs: number;
  deletingMs: number | null;
  graceSeconds: number;
};

const pod = (
  node: string | null,
  namespace: string,
  base: string,
  owner: Pod["owner"],
  more: Partial<Pod>,
  createdMs: number,
): Pod => ({
  namespace,
  name: base,
  uid: seededHex(`pod/${namespace}/${base}/${createdMs}`, 32).replace(
    /^(.{8})(.{4})(.{4})(.{4})(.{12})$/,
    "$1-$2-$3-$4-$5",
  ),
  nodeName: node,
  owner,
  labels: { app: base.replace(/-[a-z0-9]{5,}$/, "") },
  image: "registry.k8s.io/pause:3.10",
  phase: "Running",
  ready: true,
  gpuResource: null,
  gpuCount: 0,
  emptyDir: false,
  createdMs,
  deletingMs: null,
  graceSeconds: 30,
  ...more,
});

/** A random-looking suffix as the controllers give: five characters without vowels. */
export function suffix(seed: string): string {
  const alphabet = "bcdfghjklmnpqrstvwxz2456789";
  return [...Buffer.from(seededHex(seed, 10), "hex")].map((byte) => alphabet.charAt(byte % alphabet.length)).join("");
}

export type GpuResource = { name: string; count: number };

const pluginOf = ({ name }: GpuResource): string => {
  if (name.startsWith("nvidia")) return "nvidia-device-plugin";
  return name.startsWith("amd") ? "amdgpu-device-plugin" : "intel-gpu-plugin";
};

/** The pods that a node of the scenario runs: system daemons, static pods, and a bit of work. */
export function initialPods(node: SimNode, resources: readonly GpuResource[], createdMs: number): Pod[] {
  const { name } = node;
  const seed = `${node.world.seed}/${name}`;
  const daemon = (namespace: string, daemonSet: string, image: string) =>
    pod(
      name,
      namespace,
      `${daemonSet}-${suffix(`${seed}/${daemonSet}`)}`,
      { kind: "DaemonSet", name: daemonSet },
      { image, labels: { "k8s-app": daemonSet } },
      createdMs,
    );
  const pods = [
    daemon("kube-system", "kube-flannel", "ghcr.io/flannel-io/flannel:v0.27.4"),
    daemon("kube-system", "kube-proxy", "registry.k8s.io/kube-proxy:v1.36.2"),
  ];
  if (node.controlPlane) {
    for (const component of ["kube-apiserver", "kube-controller-manager", "kube-scheduler"]) {
      pods.push(
        pod(
          name,
          "kube-system",
          `${component}-${name}`,
          { kind: "Node", name },
          { image: `registry.k8s.io/${component}:v1.36.2`, labels: { tier: "control-plane", "k8s-app": component } },
          createdMs,
        ),
      );
    }
    return pods;
  }
  for (const plugin of new Set(resources.map(pluginOf)))
    pods.push(daemon("gpu-system", plugin, `ghcr.io/example/${plugin}:v1`));
  const [resource] = resources;
  if (resource) {
    const work = node.name.charCodeAt(node.name.length - 1) % 2 === 0 ? "training" : "inference";
    const replicaSet = `${work}-${suffix(`rs/${work}`)}${suffix(work).slice(0, 4)}`;
    pods.push(
      pod(
        name,
        "ml",
        `${replicaSet}-${suffix(`${seed}/${work}`)}`,
        { kind: "ReplicaSet", name: replicaSet },
        {
          labels: { app: work },
          image: "ghcr.io/example/vllm:v0.11",
          gpuResource: resource.name,
          gpuCount: 1,
          emptyDir: work === "training",
        },
        createdMs,
      ),
    );
  }
  const web = `web-${suffix("rs/web")}7c9f`;
  pods.push(
    pod(
      name,
      "default",
      `${web}-${suffix(`${seed}/web`)}`,
      { kind: "ReplicaSet", name: web },
      { labels: { app: "web" }, image: "docker.io/library/nginx:1.29" },
      createdMs,
    ),
  );
  return pods;
}

/** The pod that a ReplicaSet makes in place of one that went; Pending where no node takes it. */
export function replacement(gone: Pod, nodeName: string | null, createdMs: number): Pod {
  return {
    ...gone,
    name: `${gone.owner.name}-${suffix(`${gone.uid}/${createdMs}`)}`,
    uid: seededHex(`${gone.uid}/next`, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
    nodeName,
    phase: "Pending",
    ready: false,
    createdMs,
    deletingMs: null,
  };
}

/** The pod of the fault "blocked-drain", with a budget that never allows its eviction. */
export const stubbornPod = (nodeName: string, createdMs: number): Pod =>
  pod(
    nodeName,
    "data",
    `postgres-${nodeName}-0`,
    { kind: "ReplicaSet", name: `postgres-${nodeName}` },
    { labels: { app: `postgres-${nodeName}` }, image: "docker.io/library/postgres:18" },
    createdMs,
  );
