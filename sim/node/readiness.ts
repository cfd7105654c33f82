import type { SimNode } from "./node";

/** Recomputes stage RUNNING's conditions: time, network, services, staticPods, nodeReady (Talos runtime/machine_status.go). */
export function refreshReadiness(node: SimNode): void {
  if (node.power !== "up" || node.stage !== "running") return;
  const unmet: { name: string; reason: string }[] = [];
  const required = ["apid", "machined", "kubelet", ...(node.controlPlane ? ["etcd", "trustd"] : [])];
  const down = required.filter((id) => node.services.state(id) !== "Running");
  if (down.length > 0) unmet.push({ name: "services", reason: `services not running: [${down.join(" ")}]` });
  const unhealthy = required.filter(
    (id) => node.services.state(id) === "Running" && node.services.healthOf(id)?.healthy === false,
  );
  if (unhealthy.length > 0) unmet.push({ name: "services", reason: `services not healthy: [${unhealthy.join(" ")}]` });
  const bootstrapped = node.cluster?.etcd.bootstrapped ?? false;
  if (!bootstrapped) unmet.push({ name: "nodeReady", reason: `node "${node.hostname}" status is not available yet` });
  node.setStage("running", unmet.length === 0, unmet);
  if (bootstrapped) publishKubernetes(node);
}

const kubeletImage = (node: SimNode) =>
  /image: (ghcr\.io\/siderolabs\/kubelet:\S+)/.exec(node.disk.config ?? "")?.[1] ??
  "ghcr.io/siderolabs/kubelet:v1.36.2";

function publishKubernetes(node: SimNode): void {
  const { resources, hostname } = node;
  resources.put("Nodenames.kubernetes.talos.dev", "nodename", {
    nodename: hostname,
    hostnameVersion: "1",
    skipNodeRegistration: false,
  });
  resources.put("NodeIPs.kubernetes.talos.dev", "kubelet", { addresses: [node.address] });
  resources.put("KubeletStatuses.kubernetes.talos.dev", "kubelet", { image: kubeletImage(node) });
  resources.put("KubeletSpecs.kubernetes.talos.dev", "kubelet", {
    image: kubeletImage(node),
    args: [],
    expectedNodename: hostname,
    config: {},
  });
  resources.put("NodeStatuses.kubernetes.talos.dev", hostname, {
    nodename: hostname,
    nodeReady: true,
    unschedulable: node.world.unschedulable(node),
    labels: {},
    annotations: {},
    podCIDRs: [],
  });
  if (!node.controlPlane) return;
  const member = node.cluster?.etcd.member(node.name);
  if (member)
    resources.put("EtcdMembers.etcd.talos.dev", "local", { memberID: member.id.toString(16).padStart(16, "0") });
  for (const component of ["kube-apiserver", "kube-controller-manager", "kube-scheduler"]) {
    resources.put("StaticPodStatuses.kubernetes.talos.dev", `kube-system/${component}-${hostname}`, {
      phase: "Running",
      conditions: ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map((type) => ({ type, status: "True" })),
    });
  }
}
