import { type LossState, judgeLoss } from "@/lib/inventory/guard/quorum";
import type { PlanFacts } from "./plan-facts";
import type { PlanCheck, PlanNode, UpgradePolicy } from "./schema";

type Verdict = { state: PlanCheck["state"]; detail: string };
/** A run needs every other member: it goes on by itself for hours, and the next failure would cost the quorum. */
const ofLoss: Record<LossState, PlanCheck["state"]> = {
  ok: "ok",
  alone: "warning",
  thin: "refused",
  refused: "refused",
};
const worst = (verdicts: readonly Verdict[]): PlanCheck["state"] =>
  verdicts.some(({ state }) => state === "refused")
    ? "refused"
    : verdicts.some(({ state }) => state === "warning")
      ? "warning"
      : "ok";
const merged = (id: string, title: string, verdicts: readonly Verdict[]): PlanCheck => {
  const state = worst(verdicts);
  const shown = verdicts.filter((verdict) => verdict.state === state).map(({ detail }) => detail);
  return { id, title, state, detail: [...new Set(shown)].join(" ") };
};

function etcdVerdicts(planned: readonly PlanNode[], facts: PlanFacts): Verdict[] {
  return planned
    .filter(({ role }) => role === "controlplane")
    .map((node): Verdict => {
      const known = facts.nodes.find(({ nodeId }) => nodeId === node.nodeId);
      const etcd = facts.etcd.get(known?.clusterId ?? "");
      if (!etcd) return { state: "refused", detail: `${node.name} is a control plane of no known cluster.` };
      if (!etcd.ok) return { state: "refused", detail: etcd.reason };
      if (!known?.etcdMemberId)
        return { state: "refused", detail: `${node.name} does not say which etcd member it is.` };
      const { state, sentence } = judgeLoss(etcd.state, { memberId: known.etcdMemberId, forGood: false });
      return { state: ofLoss[state], detail: sentence };
    });
}

function drainVerdict(clusterId: string, facts: PlanFacts, policy: UpgradePolicy): Verdict {
  if (facts.clusterSizes.get(clusterId) === 1) {
    return { state: "ok", detail: "Its cluster has one node: there is nowhere to drain to, so pods restart with it." };
  }
  if (policy.drain === "skip") {
    return { state: "warning", detail: "You chose not to drain: pods on each node are cut off by its restart." };
  }
  const kubernetes = facts.kubernetes.get(clusterId);
  if (kubernetes?.ok) return { state: "ok", detail: "Pods are evicted from each node first, within their budgets." };
  const why = kubernetes?.reason ?? "No Kubernetes API is known for it.";
  return { state: "refused", detail: `Pods could not be drained: ${why} Choose to skip the drain if that is right.` };
}

function nodeless(nodes: PlanFacts["nodes"], planned: readonly PlanNode[]): (string | null)[] {
  const ids = new Set(planned.map(({ nodeId }) => nodeId));
  return [...new Set(nodes.filter(({ nodeId }) => ids.has(nodeId)).map(({ clusterId }) => clusterId))];
}

/** What is checked of the clusters as a whole. Pure. */
export function checkClusters(planned: readonly PlanNode[], facts: PlanFacts, policy: UpgradePolicy): PlanCheck[] {
  const clusters = nodeless(facts.nodes, planned).filter((id) => id !== null);
  const checks: PlanCheck[] = [];
  const controlPlanes = planned.filter(({ role }) => role === "controlplane");
  if (controlPlanes.length > 0) {
    checks.push(merged("etcd", "etcd quorum", etcdVerdicts(planned, facts)));
    checks.push({
      id: "etcd-snapshot",
      title: "etcd snapshot",
      state: policy.etcdSnapshot ? "ok" : "warning",
      detail: policy.etcdSnapshot
        ? "A snapshot is stored before each control plane is touched."
        : "You chose to go without a snapshot of etcd.",
    });
  }
  if (clusters.length > 0) {
    checks.push(
      merged(
        "drain",
        "Drain",
        clusters.map((id) => drainVerdict(id, facts, policy)),
      ),
    );
  }
  const others = clusters.flatMap((id) => facts.otherRuns.get(id) ?? []);
  checks.push({
    id: "other-run",
    title: "No other run",
    state: others.length > 0 ? "refused" : "ok",
    detail: others[0]
      ? `Another run is at work on this cluster: ${others[0].title}.`
      : "No other run is at work on these clusters.",
  });
  return checks;
}
