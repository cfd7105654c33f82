import { talosctlLine, type TalosctlRequest } from "@/lib/inventory/talosctl";
import { type Aim, aimsOf, longestWay } from "./plan-aim";
import { describeChanges } from "./plan-changes";
import { checkNode, type NodeTarget } from "./plan-checks";
import { checkClusters } from "./plan-cluster";
import { effectOf } from "./plan-effect";
import type { InstallerReference, PlanFacts, PlanNodeFacts } from "./plan-facts";
import { planHash } from "./plan-hash";
import type { PlanCheck, PlanInput, PlanNode, UpgradePlan, UpgradePolicy } from "./schema";
import { flowOf } from "./versions";

/**
 * The lines that do the same by hand, in order. Of the legacy upgrade the node drains itself, whatever talosctl is told
 * (cmd/talosctl/cmd/talos/upgrade.go).
 */
export function talosctlLines(
  node: PlanNodeFacts,
  image: string,
  flow: PlanNode["flow"],
  policy: UpgradePolicy,
): string[] {
  const drain =
    policy.drain === "skip" ? { skip: true as const } : { skip: false as const, timeoutMs: policy.drainTimeoutMs };
  const requests: TalosctlRequest[] = [];
  if (node.role === "controlplane" && policy.etcdSnapshot)
    requests.push({ do: "etcd-snapshot", file: `${node.name}.snapshot` });
  if (flow === "lifecycle") requests.push({ do: "pull-installer", image });
  requests.push({ do: "upgrade", image, drain: flow === "lifecycle" ? drain : null });
  return requests.map((request) => talosctlLine(request, node.address));
}

/** Canary, then workers, then control planes; by name within each. */
function inOrder(aims: readonly Aim[], policy: UpgradePolicy): Aim[] {
  const rank = ({ node }: Aim) => (node.nodeId === policy.canaryNodeId ? 0 : node.role === "controlplane" ? 2 : 1);
  return [...aims].sort((a, b) => rank(a) - rank(b) || byName.compare(a.node.name, b.node.name));
}
const byName = new Intl.Collator("en", { numeric: true });

/** The verdict on the way: every node makes its own next hop towards the target. */
function checkPath(aims: readonly Aim[], skipped: UpgradePlan["skipped"], target: string | null): PlanCheck {
  const check = (state: PlanCheck["state"], detail: string): PlanCheck => ({
    id: "path",
    title: "Version path",
    state,
    detail,
  });
  if (target === null) return check("ok", "Versions stay; only the image changes.");
  if (aims.length === 0) {
    const [first] = skipped;
    return check("refused", first ? `${first.name}: ${first.reason}` : "No node is left to upgrade.");
  }
  const later = aims.filter(({ hops }) => hops.length > 1);
  if (later.length === 0) return check("ok", `One hop leads each node to ${target}.`);
  const longest = longestWay(later.map(({ node, hops }) => [node.version ?? "", ...hops]));
  const names = later.map(({ node }) => node.name);
  const who = names.length <= 3 ? names.join(", ") : `${names.length} nodes`;
  const makes = names.length === 1 ? "makes its" : "make their";
  return check(
    "ok",
    `Talos is upgraded one minor at a time: ${longest.join(" → ")}. ${who} ${makes} first hop in this run; the next plan is made for what is left.`,
  );
}

function planNode(aim: Aim, order: number, context: PlanContext): PlanNode {
  const { node, hops, image: source, repairs } = aim;
  const { facts, policy, installerReference } = context;
  const [version = node.version ?? ""] = hops;
  const target: NodeTarget = { version, ...source };
  const image = installerReference({
    schematicId: source.schematicId,
    version,
    platform: node.platform,
    secureBoot: node.secureBoot === true,
  });
  const flow = flowOf(node.version ?? "");
  const checks = checkNode({ node, target, hops, facts, policy });
  return {
    nodeId: node.nodeId,
    name: node.name,
    role: node.role,
    fromVersion: node.version ?? "",
    toVersion: version,
    hops: [...hops],
    fromSchematicId: node.runningSchematicId,
    toSchematicId: source.schematicId,
    image,
    flow,
    repairs,
    effect: effectOf(node, facts, flow),
    // What Ichor refuses it does not advise to do by hand.
    commands: checks.some(({ state }) => state === "refused") ? [] : talosctlLines(node, image, flow, policy),
    changes: describeChanges(node, target, repairs),
    checks,
    order,
  };
}
type PlanContext = { facts: PlanFacts; policy: UpgradePolicy; installerReference: InstallerReference };

/**
 * What a run would do, why it may not, and what it would change. Pure: every fact, the time included, comes with `facts`.
 * Each node makes its own next hop, to the image of its recorded schematic (`plan-image.ts` has the rule).
 */
export function planUpgrade(facts: PlanFacts, input: PlanInput, installerReference: InstallerReference): UpgradePlan {
  const { policy, targetVersion } = input;
  const { aims, skipped } = aimsOf(facts, input);
  const context = { facts, policy, installerReference };
  const nodes = inOrder(aims, policy).map((aim, order) => planNode(aim, order, context));
  const checks = [checkPath(aims, skipped, targetVersion), ...checkClusters(nodes, facts, policy)];
  const refused =
    nodes.length === 0 || [...checks, ...nodes.flatMap((node) => node.checks)].some(({ state }) => state === "refused");
  const plan = {
    targetVersion: targetVersion ?? commonVersion(nodes),
    hops: targetVersion === null ? [] : [...longestWay(aims.map(({ hops }) => hops))],
    nodes,
    skipped,
    checks,
    policy,
    refused,
  };
  return { ...plan, hash: planHash(plan) };
}

/** The release that all nodes of a plan share; `as it is` where each keeps its own. */
const commonVersion = (nodes: readonly PlanNode[]): string => {
  const versions = new Set(nodes.map(({ toVersion }) => toVersion));
  return versions.size === 1 ? ([...versions][0] ?? "") : "as it is";
};
