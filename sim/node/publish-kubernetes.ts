import type { StaticPodStatusSpec } from "@/lib/talos/gen/resource/definitions/k8s";
import { netIp } from "../resources/addresses";
import type { SpecInput } from "../resources/kind";
import {
  kubeletSpecs,
  kubeletStatuses,
  nodeIps,
  nodenames,
  nodeStatuses,
  staticPodStatuses,
} from "../resources/kinds/kubernetes";
import { hostnameStatuses } from "../resources/kinds/network";
import { etcdMembers } from "../resources/kinds/services";
import type { SimNode } from "./node";

const kubeletImage = (node: SimNode) =>
  /image: (ghcr\.io\/siderolabs\/kubelet:\S+)/.exec(node.configText ?? "")?.[1] ?? "ghcr.io/siderolabs/kubelet:v1.36.2";

/** What a node is to be called in Kubernetes, and how its kubelet is started. */
export function publishKubelet(node: SimNode): void {
  const { resources, hostname, address } = node;
  if (!node.config) return;
  resources.put(nodenames, "nodename", {
    nodename: hostname,
    hostnameVersion: String(resources.get(hostnameStatuses, "hostname")?.version ?? 1),
  });
  resources.put(nodeIps, "kubelet", { addresses: [netIp(address)] });
  resources.put(kubeletStatuses, "kubelet", { image: kubeletImage(node) });
  resources.put(kubeletSpecs, "kubelet", {
    image: kubeletImage(node),
    args: [
      "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubeconfig",
      "--cert-dir=/var/lib/kubelet/pki",
      "--config=/etc/kubernetes/kubelet.yaml",
      `--hostname-override=${hostname}`,
      "--kubeconfig=/etc/kubernetes/kubeconfig-kubelet",
      `--node-ip=${address}`,
    ],
    expectedNodename: hostname,
    config: {
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      clusterDomain: "cluster.local",
    },
  });
}

/** What Kubernetes says of the node, once there is a cluster. */
export function publishNodeStatus(node: SimNode, nodeReady = true): void {
  const known = node.world.kubernetesNode(node);
  node.resources.replace(
    nodeStatuses,
    new Map([
      [
        node.hostname,
        {
          nodename: node.hostname,
          nodeReady,
          unschedulable: known?.unschedulable ?? false,
          labels: { ...known?.labels },
          annotations: { ...known?.annotations },
        },
      ],
    ]),
  );
}

/** Static pods and the etcd member, of control planes. */
export function publishControlPlane(node: SimNode): void {
  const { resources, hostname, cluster } = node;
  const member = cluster?.etcd.member(node.name);
  if (member?.running) resources.put(etcdMembers, "local", { memberId: member.id.toString(16).padStart(16, "0") });
  else resources.remove(etcdMembers, "local");
  const conditions = ["Initialized", "Ready", "ContainersReady", "PodScheduled"];
  const podStatus = { phase: "Running", conditions: conditions.map((type) => ({ type, status: "True" })) };
  resources.replace(
    staticPodStatuses,
    new Map(
      ["kube-apiserver", "kube-controller-manager", "kube-scheduler"].map(
        (component): [string, SpecInput<StaticPodStatusSpec>] => [
          `kube-system/${component}-${hostname}`,
          { podStatus },
        ],
      ),
    ),
  );
}
