import { nodeStatuses } from "../resources/kinds/kubernetes";
import { diagnostics } from "../resources/kinds/runtime";
import type { SimNode } from "../node/node";

/** One thing that has to be so; what stands against it, or null. */
export type Check = { name: string; problem: (cluster: ClusterNodes) => string | null };
export type ClusterNodes = { all: readonly SimNode[]; controlPlanes: readonly SimNode[]; asked: SimNode };

const quoted = (nodes: readonly SimNode[]): string => `[${nodes.map(({ address }) => `"${address}"`).join(" ")}]`;
const addressesOf = (nodes: readonly SimNode[], why: string): string | null =>
  nodes.length === 0 ? null : `${quoted(nodes)}: ${why}`;

const service = (id: string, of: (cluster: ClusterNodes) => readonly SimNode[]) => (cluster: ClusterNodes) =>
  addressesOf(
    of(cluster).filter((node) => node.power !== "up" || node.services.state(id) !== "Running"),
    `service "${id}" not in expected state "Running"`,
  );
const kubernetesNode = (node: SimNode) => node.world.kubernetesNode(node);
const all = ({ all: nodes }: ClusterNodes) => nodes;
const controlPlanes = ({ controlPlanes: nodes }: ClusterNodes) => nodes;

/** What `talosctl health` waits for, in its order and words (pkg/cluster/check/default.go); what the simulator has not is always so. */
export const checks: readonly Check[] = [
  { name: "etcd to be healthy", problem: service("etcd", controlPlanes) },
  {
    name: "etcd members to be consistent across nodes",
    problem: ({ asked }) => (asked.cluster?.etcd.quorate ? null : "etcdserver: no leader"),
  },
  {
    name: "etcd members to be control plane nodes",
    problem: ({ asked, controlPlanes: nodes }) =>
      addressesOf(
        nodes.filter(({ name }) => asked.cluster?.etcd.member(name) === undefined),
        "not a member of etcd",
      ),
  },
  { name: "apid to be ready", problem: service("apid", all) },
  { name: "all nodes memory sizes", problem: () => null },
  { name: "all nodes disk sizes", problem: () => null },
  {
    name: "no diagnostics",
    problem: ({ all: nodes }) =>
      addressesOf(
        nodes.filter(({ resources }) => resources.list(diagnostics).length > 0),
        "active diagnostics",
      ),
  },
  { name: "kubelet to be healthy", problem: service("kubelet", all) },
  {
    name: "all nodes to finish boot sequence",
    problem: ({ all: nodes }) =>
      addressesOf(
        nodes.filter(({ stage }) => stage !== "running"),
        "not in stage running",
      ),
  },
  {
    name: "all k8s nodes to report",
    problem: ({ all: nodes }) =>
      addressesOf(
        nodes.filter((node) => kubernetesNode(node) === undefined),
        "not found in Kubernetes",
      ),
  },
  { name: "all control plane static pods to be running", problem: service("kubelet", controlPlanes) },
  { name: "all control plane components to be ready", problem: service("kubelet", controlPlanes) },
  {
    name: "all k8s nodes to report ready",
    problem: ({ all: nodes }) =>
      addressesOf(
        nodes.filter((node) => node.resources.get(nodeStatuses, node.hostname) === undefined),
        "not ready",
      ),
  },
  { name: "kube-proxy to report ready", problem: () => null },
  { name: "coredns to report ready", problem: () => null },
  {
    name: "all k8s nodes to report schedulable",
    problem: ({ all: nodes }) =>
      addressesOf(
        nodes.filter((node) => kubernetesNode(node)?.unschedulable === true),
        "marked as unschedulable",
      ),
  },
];
