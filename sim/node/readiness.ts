import { nodenames, nodeStatuses } from "../resources/kinds/kubernetes";
import type { SimNode } from "./node";
import { publishControlPlane, publishNodeStatus } from "./publish-kubernetes";

type Unmet = { name: string; reason: string };

/** What keeps a node from being ready (Talos runtime/machine_status.go): services, and its node in Kubernetes. */
function unmetConditions(node: SimNode): Unmet[] {
  const { services, resources, hostname } = node;
  const running = services.ids().filter((id) => services.state(id) === "Running");
  const required = ["apid", "machined", "kubelet", ...(node.controlPlane ? ["etcd", "trustd"] : [])];
  const problems = [
    ...running
      .filter((id) => services.healthOf(id)?.unknown === false && services.healthOf(id)?.healthy === false)
      .map((id) => `${id} not healthy`),
    ...required.filter((id) => !running.includes(id)).map((id) => `${id} not running`),
  ];
  const unmet: Unmet[] = problems.length > 0 ? [{ name: "services", reason: problems.join(", ") }] : [];
  if (resources.get(nodenames, "nodename") && !resources.get(nodeStatuses, hostname))
    unmet.push({ name: "nodeReady", reason: `node "${hostname}" status is not available yet` });
  return unmet;
}

/** Tells the stage. Conditions are only looked at while a node boots and runs; in every other stage it counts as ready. */
export function announceStage(node: SimNode, stage: SimNode["stage"]): void {
  const unmet = stage === "booting" || stage === "running" ? unmetConditions(node) : [];
  node.setStage(stage, unmet.length === 0, unmet);
}

/** Looks at a running node again: something of it or of its cluster changed. */
export function refreshReadiness(node: SimNode): void {
  if (node.power !== "up" || node.stage !== "running") return;
  if (node.cluster?.etcd.bootstrapped) {
    publishNodeStatus(node);
    if (node.controlPlane) publishControlPlane(node);
  }
  announceStage(node, "running");
}
