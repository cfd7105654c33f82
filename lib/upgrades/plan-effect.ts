import type { PlanFacts, PlanNodeFacts } from "./plan-facts";
import type { PlanEffect, PlanNode } from "./schema";

/** So many pods are named; the others are counted. */
const namedPods = 8;

function podsOf(node: PlanNodeFacts, facts: PlanFacts): PlanEffect["pods"] {
  const pods = facts.pods.get(node.clusterId ?? "");
  if (!pods) return { known: false, reason: "Its cluster was not asked for its pods." };
  if (!pods.ok) return { known: false, reason: pods.reason };
  if (node.nodename === null) return { known: false, reason: "The name of its Kubernetes node is not known." };
  const names = pods.byNode.get(node.nodename) ?? [];
  return { known: true, count: names.length, names: names.slice(0, namedPods) };
}

/** Rounded up, so that a promise is kept rather than missed. */
const minutesOf = (ms: number): number => Math.max(1, Math.ceil(ms / 60_000));

/** What a node's turn does to others, and how long it may take: as its own last one, else as others of its flow. Pure. */
export function effectOf(node: PlanNodeFacts, facts: PlanFacts, flow: PlanNode["flow"]): PlanEffect {
  const tookMs = facts.tookMs.byNode.get(node.nodeId) ?? facts.tookMs.byFlow[flow];
  return { pods: podsOf(node, facts), minutes: tookMs === undefined ? null : minutesOf(tookMs) };
}
