import { shellWord } from "@/lib/inventory/talosctl";
import { describeChanges } from "./plan-changes";
import { type NodeTarget, checkNode } from "./plan-checks";
import { checkClusters } from "./plan-cluster";
import type { InstallerReference, PlanFacts, PlanNodeFacts } from "./plan-facts";
import { planHash } from "./plan-hash";
import type { PlanCheck, PlanInput, PlanNode, UpgradePlan, UpgradePolicy } from "./schema";
import { compareVersions, flowOf, planHops } from "./versions";

type Planned = { node: PlanNodeFacts; target: NodeTarget };
type Skip = UpgradePlan["skipped"][number];

/** The lines that do the same by hand, in order. */
export function talosctlLines(
  node: PlanNodeFacts,
  image: string,
  flow: PlanNode["flow"],
  policy: UpgradePolicy,
): string[] {
  const base = ["talosctl", "--nodes", node.address.replace(/:50000$/, "")];
  const line = (...words: string[]) => [...base, ...words].map(shellWord).join(" ");
  const lines: string[] = [];
  if (node.role === "controlplane" && policy.etcdSnapshot)
    lines.push(line("etcd", "snapshot", `${node.name}.snapshot`));
  if (flow === "lifecycle") lines.push(line("image", "pull", image));
  lines.push(line("upgrade", "--image", image, ...(policy.drain === "skip" ? ["--drain=false"] : [])));
  return lines;
}

/** The release that each node goes to in this run, or why it has no part in it. */
function aim(node: PlanNodeFacts, input: PlanInput, firstHop: string | null): { version: string } | { skip: string } {
  if (node.version === null) return { skip: "Its Talos version is not known." };
  if (input.targetVersion === null || firstHop === null) return { version: node.version };
  if (compareVersions(node.version, firstHop) <= 0) return { version: firstHop };
  const beyond = compareVersions(node.version, input.targetVersion);
  if (beyond > 0) return { skip: `It runs ${node.version}; going back to ${input.targetVersion} is not supported.` };
  return { skip: `It runs ${node.version} already${beyond < 0 ? " and waits for the next hop" : ""}.` };
}

function triage(facts: PlanFacts, input: PlanInput, firstHop: string | null): { planned: Planned[]; skipped: Skip[] } {
  const planned: Planned[] = [];
  const skipped: Skip[] = facts.unknownNodeIds.map((nodeId) => ({
    nodeId,
    name: nodeId,
    reason: "It is not known any more.",
  }));
  for (const node of facts.nodes) {
    const skip = (reason: string) => skipped.push({ nodeId: node.nodeId, name: node.name, reason });
    const goal = aim(node, input, firstHop);
    const schematicId = node.recordedSchematicId ?? node.runningSchematicId;
    if (node.unreachable !== null) skip(`It cannot be reached: ${node.unreachable}`);
    else if (node.clusterId === null) skip("It belongs to no cluster yet: apply a config first.");
    else if (node.runId !== null) skip("Another run holds it.");
    // One that is may not go down without asking etcd.
    else if (node.role === "unknown") skip("Whether it is a control plane is not known.");
    else if ("skip" in goal) skip(goal.skip);
    else if (schematicId === null) {
      skip(
        "Neither a recorded nor a running schematic is known: an upgrade would strip its extensions. Assign a profile first.",
      );
    } else if (goal.version === node.version && schematicId === node.runningSchematicId) {
      const waits = input.targetVersion !== null && goal.version !== input.targetVersion;
      skip(`It runs ${node.version} with this schematic already${waits ? " and waits for the next hop" : ""}.`);
    } else {
      const document = node.recordedSchematicId ? node.recordedDocument : node.runningDocument;
      planned.push({ node, target: { version: goal.version, schematicId, document } });
    }
  }
  return { planned, skipped };
}

/** Canary, then workers, then control planes; by name within each. */
function inOrder(planned: Planned[], policy: UpgradePolicy): Planned[] {
  const rank = ({ node }: Planned) => (node.nodeId === policy.canaryNodeId ? 0 : node.role === "controlplane" ? 2 : 1);
  return [...planned].sort(
    (a, b) => rank(a) - rank(b) || a.node.name.localeCompare(b.node.name, "en", { numeric: true }),
  );
}

/** The hops that the nodes of a plan have before them, and the verdict on the way. */
export function pathOf(
  facts: Pick<PlanFacts, "nodes" | "releases">,
  input: Pick<PlanInput, "targetVersion">,
): { hops: string[]; checks: PlanCheck[] } {
  const check = (state: PlanCheck["state"], detail: string): PlanCheck => ({
    id: "path",
    title: "Version path",
    state,
    detail,
  });
  const versions = facts.nodes.flatMap(({ version, unreachable }) =>
    version && unreachable === null ? [version] : [],
  );
  const lowest = [...versions].sort(compareVersions)[0];
  if (input.targetVersion === null)
    return { hops: [], checks: [check("ok", "Versions stay; only the image changes.")] };
  if (lowest === undefined) return { hops: [input.targetVersion], checks: [] };
  const path = planHops(lowest, input.targetVersion, facts.releases.tags);
  if (!path.ok) return { hops: [], checks: [check("refused", path.reason)] };
  const detail =
    path.hops.length > 1
      ? `Talos is upgraded one minor at a time: ${[lowest, ...path.hops].join(" → ")}. This run makes the first hop.`
      : `${lowest} → ${input.targetVersion} is one hop.`;
  return { hops: path.hops, checks: [check("ok", detail)] };
}

/**
 * What a run would do, why it may not, and what it would change. Pure: every fact, the time included, comes with `facts`.
 * The image of each node is always that of its recorded schematic (of the running one where none is recorded).
 */
export function planUpgrade(facts: PlanFacts, input: PlanInput, installerReference: InstallerReference): UpgradePlan {
  const { policy } = input;
  const path = pathOf(facts, input);
  const pathRefused = path.checks.some(({ state }) => state === "refused");
  const { planned, skipped } = pathRefused
    ? {
        planned: [],
        skipped: facts.nodes.map(({ nodeId, name }) => ({ nodeId, name, reason: path.checks[0]?.detail ?? "" })),
      }
    : triage(facts, input, path.hops[0] ?? null);
  const nodes = inOrder(planned, policy).map(({ node, target }, order): PlanNode => {
    const { version, schematicId } = target;
    const image = installerReference({
      schematicId,
      version,
      platform: node.platform,
      secureBoot: node.secureBoot === true,
    });
    const flow = flowOf(node.version ?? "");
    return {
      nodeId: node.nodeId,
      name: node.name,
      role: node.role,
      fromVersion: node.version ?? "",
      toVersion: version,
      fromSchematicId: node.runningSchematicId,
      toSchematicId: schematicId,
      image,
      flow,
      commands: talosctlLines(node, image, flow, policy),
      changes: describeChanges(node, target),
      checks: checkNode({ node, target, facts, policy }),
      order,
    };
  });
  const checks = [...path.checks, ...checkClusters(nodes, facts, policy)];
  const everything = [...checks, ...nodes.flatMap((node) => node.checks)];
  const plan = {
    targetVersion: input.targetVersion ?? commonVersion(nodes),
    hops: path.hops,
    nodes,
    skipped,
    checks,
    policy,
    refused: nodes.length === 0 || everything.some(({ state }) => state === "refused"),
  };
  return { ...plan, hash: planHash(plan) };
}

/** The release that all nodes of a plan share; `as it is` where each keeps its own. */
const commonVersion = (nodes: readonly PlanNode[]): string => {
  const versions = new Set(nodes.map(({ toVersion }) => toVersion));
  return versions.size === 1 ? ([...versions][0] ?? "") : "as it is";
};
