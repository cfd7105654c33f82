import { driverBranch, driverVersionText } from "@/lib/gpu/driver-branches";
import { currentExtensionName } from "@/lib/gpu/extension-catalogue";
import { parseTalosRelease } from "@/lib/gpu/talos-release";
import { diffSchematics } from "@/lib/schematic/diff";
import { extensionsOf } from "@/lib/schematic/document";
import type { NodeTarget } from "./plan-checks";
import type { PlanNodeFacts } from "./plan-facts";
import { kubernetesRange } from "./versions";

export type NvidiaDriver = { kind: "nvidia"; flavour: "open" | "proprietary"; channel: "production" | "lts" };

/** The NVIDIA driver that a list of extensions brings; null without one. */
export function nvidiaDriverOf(extensions: readonly string[]): NvidiaDriver | null {
  for (const name of extensions.map(currentExtensionName)) {
    const match = /^siderolabs\/(nvidia-open-gpu-kernel-modules|nonfree-kmod-nvidia)-(lts|production)$/.exec(name);
    if (match) {
      const flavour = match[1]?.startsWith("nonfree") ? "proprietary" : "open";
      return { kind: "nvidia", flavour, channel: match[2] === "lts" ? "lts" : "production" };
    }
  }
  return null;
}

function driverChange(node: PlanNodeFacts, target: NodeTarget): string[] {
  const before = node.runningDocument && nvidiaDriverOf(extensionsOf(node.runningDocument));
  const after = target.document && nvidiaDriverOf(extensionsOf(target.document));
  const old = before && node.version ? driverBranch(node.version, before.channel) : null;
  const next = after ? driverBranch(target.version, after.channel) : null;
  if (!next) return before && !after ? ["The NVIDIA driver goes away."] : [];
  if (!old || !before) return [`NVIDIA driver ${driverVersionText(next)} comes in.`];
  if (old.branch === next.branch) return [`The NVIDIA driver stays on branch ${next.branch}.`];
  return [`NVIDIA driver branch ${old.branch} becomes ${next.branch}.`];
}

/** Steps that a release asks of people, by the minor that they lead to (release notes "Upgrade notes"). */
function migrations(node: PlanNodeFacts, target: NodeTarget): string[] {
  const from = parseTalosRelease(node.version ?? "")?.minor ?? 0;
  const to = parseTalosRelease(target.version)?.minor ?? 0;
  const crosses = (minor: number) => from < minor && to >= minor;
  const sentences: string[] = [];
  if (crosses(13) && target.document && nvidiaDriverOf(extensionsOf(target.document))) {
    sentences.push(
      "NVIDIA on Talos 1.13 is served by the GPU operator: uninstall the nvidia-device-plugin chart and delete the RuntimeClass nvidia first, then install gpu-operator 26.3.1 or later with driver and toolkit disabled.",
    );
  }
  if (crosses(14)) {
    sentences.push(
      "Talos 1.14 moves machine.install, machine.kernel.modules and machine.sysctls to documents of their own; the old fields still work, but a config that sets both is refused.",
      "Talos 1.14 serves etcd's metrics and health on port 2383 in place of 2379.",
    );
  }
  return sentences;
}

/** A node without a schematic gets one that holds the same. */
function plainChange({ document }: NodeTarget): string[] {
  const names = document ? extensionsOf(document) : [];
  return [
    names.length === 0
      ? "It runs an image without a schematic, and gets the factory's schematic without extensions, which holds the same."
      : `It runs an image without a schematic, and gets a schematic with the same extensions: ${names.join(", ")}.`,
    "Kernel arguments that somebody built into its own installer image are not carried over.",
  ];
}

/** What an upgrade of one node would change or lose, one sentence each. Pure. */
export function describeChanges(node: PlanNodeFacts, target: NodeTarget, repairs: readonly string[] = []): string[] {
  const changes: string[] = [];
  const from = node.version ?? "an unknown version";
  if (from !== target.version) changes.push(`Talos ${from} becomes ${target.version}.`);
  if (repairs.length > 0) changes.push(`The same image is installed again, to bring back ${repairs.join(", ")}.`);
  if (target.from === "plain") changes.push(...plainChange(target));
  if (node.runningDocument && target.document) {
    const diff = diffSchematics(node.runningDocument, target.document);
    if (diff.sentence !== "Nothing changes.") changes.push(diff.sentence);
    else if (from !== target.version && extensionsOf(target.document).length > 0) {
      changes.push(`Its ${extensionsOf(target.document).length} extensions stay, in the builds for ${target.version}.`);
    }
  } else if (node.runningSchematicId !== target.schematicId && target.from !== "plain") {
    changes.push("The image changes to the recorded schematic; what runs now cannot be compared with it.");
  }
  changes.push(...driverChange(node, target), ...migrations(node, target));
  const minor = parseTalosRelease(target.version)?.minor;
  if (minor !== undefined && minor !== parseTalosRelease(from)?.minor) {
    const { min, max } = kubernetesRange(minor);
    changes.push(`Kubernetes may then be 1.${min} to 1.${max}.`);
  }
  return changes;
}
