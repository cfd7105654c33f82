import { type ImageSource, imageSourceOf } from "./plan-image";
import type { PlanFacts, PlanNodeFacts } from "./plan-facts";
import { missingParts } from "./plan-repair";
import type { PlanInput, UpgradePlan } from "./schema";
import { compareVersions } from "./release-order";
import { planHops } from "./versions";

/** What a run does to a node, and the releases that follow until it has arrived. */
export type Aim = { node: PlanNodeFacts; hops: readonly string[]; image: ImageSource; repairs: string[] };
type Skip = UpgradePlan["skipped"][number];

/** The releases that a node passes, its own next first; or why it cannot go there. One look per release that runs. */
export function hopsFinder(target: string | null, tags: readonly string[]) {
  const found = new Map<string, readonly string[] | { skip: string }>();
  const find = (version: string): readonly string[] | { skip: string } => {
    if (target === null) return [version];
    const path = planHops(version, target, tags);
    return path.ok ? path.hops : { skip: path.reason };
  };
  return ({ version }: Pick<PlanNodeFacts, "version">): readonly string[] | { skip: string } => {
    if (version === null) return { skip: "Its Talos version is not known." };
    const hops = found.get(version) ?? find(version);
    found.set(version, hops);
    return hops;
  };
}

/** Why a node has no part in a run, whatever its release; null when it may. */
function standsAside(node: PlanNodeFacts): string | null {
  if (node.unreachable !== null) return `It cannot be reached: ${node.unreachable}`;
  if (node.clusterId === null) return "It belongs to no cluster yet: apply a config first.";
  if (node.runId !== null) return "Another run holds it.";
  // One that is may not go down without asking etcd.
  if (node.role === "unknown") return "Whether it is a control plane is not known.";
  if (node.platform === "container") {
    return "It runs in a container: Talos is not upgraded there. Start the container from the newer image.";
  }
  return null;
}

function aimAt(node: PlanNodeFacts, hops: readonly string[], repair: boolean): Aim | { skip: string } {
  const image = imageSourceOf(node);
  if ("skip" in image) return image;
  const runs = node.runningSchematicId;
  // What runs without a schematic already holds what a plain image would bring.
  const same = hops[0] === node.version && (image.from === "plain" || image.schematicId === runs);
  if (!same) return { node, hops, image, repairs: [] };
  const what = image.from === "plain" ? "an image without a schematic" : "this schematic";
  const repairs = image.from === "plain" ? [] : missingParts(node, image.document);
  if (repairs.length === 0) return { skip: `It runs ${node.version} with ${what} already.` };
  return repair
    ? { node, hops, image, repairs }
    : {
        skip: `It runs ${node.version} with this schematic already, but lacks ${repairs.join(", ")}. Choose to repair it, and the same image is installed again.`,
      };
}

/** Parts the nodes that a run touches from those that it leaves out, each with its reason. Pure. */
export function aimsOf(facts: PlanFacts, input: PlanInput): { aims: Aim[]; skipped: Skip[] } {
  const hopsOf = hopsFinder(input.targetVersion, facts.releases.tags);
  const aims: Aim[] = [];
  const skipped: Skip[] = facts.unknownNodeIds.map((nodeId) => ({
    nodeId,
    name: nodeId,
    reason: "It is not known any more.",
  }));
  for (const node of facts.nodes) {
    const skip = (reason: string) => skipped.push({ nodeId: node.nodeId, name: node.name, reason });
    const aside = standsAside(node);
    const hops = hopsOf(node);
    if (aside !== null) skip(aside);
    else if ("skip" in hops) skip(hops.skip);
    else {
      const aim = aimAt(node, hops, input.policy.repair);
      if ("skip" in aim) skip(aim.skip);
      else aims.push(aim);
    }
  }
  return { aims, skipped };
}

/** The longest way that any node has before it: what remains after this run is one run per hop. */
export function longestWay(ways: readonly (readonly string[])[]): readonly string[] {
  return ways.reduce<readonly string[]>(
    (longest, way) =>
      way.length > longest.length ||
      (way.length === longest.length && compareVersions(way[0] ?? "v0.0.0", longest[0] ?? "v0.0.0") < 0)
        ? way
        : longest,
    [],
  );
}
