import { emitGoYaml } from "@/lib/core/go-yaml";
import { AppError } from "@/lib/core/errors";
import { diffMachineConfigs, summariseDiff } from "@/lib/machine-config/diff";
import type { DiffLine } from "@/lib/machine-config/diff-lines";
import { resolveProfiles } from "@/lib/gpu/resolve";
import { parseTalosRelease } from "@/lib/gpu/talos-release";
import { parseInstallerImage } from "@/lib/image-factory/asset-urls";
import {
  documentOfKind,
  isYamlMap,
  legacyDocument,
  type MachineConfigDocument,
  parseMachineConfig,
  valueAt,
} from "@/lib/machine-config/documents";
import { applyPatches } from "@/lib/machine-config/patch";
import { profilePatch } from "@/lib/machine-config/profile-patch";
import { redactMachineConfig } from "@/lib/machine-config/redact";
import { textRedactor } from "@/lib/machine-config/redact-text";
import { contractOfTalosVersion, type VersionContract } from "@/lib/machine-config/schema";
import { checkedBy, validateConfigText } from "@/lib/machine-config/validate";
import type { CheckedBy, ConfigIssue } from "@/lib/machine-config/validate-schema";
import { configHash } from "./config-hash";
import { moduleChanges } from "./module-patches";
import type { NodeState } from "./node-state";

/** A config that is about to be applied. Secret, except for what `shownPlan` makes of it. */
export type ConfigPlan = {
  /** What runs. */
  before: string;
  /** What lies on disk for the next boot, where that is another; `dropped`: the change is made without it. */
  staged: (StagedText & { dropped: boolean }) | null;
  after: string;
  hash: string;
  contract: VersionContract;
  issues: ConfigIssue[];
  checkedBy: CheckedBy;
};

export type ShownPlan = {
  /** Both without secrets. */
  before: string;
  after: string;
  diff: DiffLine[];
  summary: string[];
  issues: ConfigIssue[];
  /** A change that waits for the next boot: it is part of this one, or dropped by it. */
  staged: { sinceMs: number | null; summary: string[]; dropped: boolean } | null;
  checkedBy: CheckedBy;
  changed: boolean;
  /** Of the whole config: what is applied must be what was shown. */
  hash: string;
};

/** The patch that has the config install the recorded image; null where the config has no place for it. */
export function installPatch(documents: readonly MachineConfigDocument[], image: string | null): string | null {
  if (image === null) return null;
  const unattended = documentOfKind(documents, "UnattendedInstallConfig");
  if (unattended) {
    // A patch that leaves the disk's expression out would erase it.
    const match = valueAt(unattended, ["provisioning", "diskSelector", "match"]);
    const disk = typeof match === "string" ? { provisioning: { diskSelector: { match } } } : {};
    return emitGoYaml({ apiVersion: "v1alpha1", kind: "UnattendedInstallConfig", installer: { image }, ...disk });
  }
  const install = valueAt(legacyDocument(documents), ["machine", "install"]);
  return isYamlMap(install) ? emitGoYaml({ machine: { install: { image } } }) : null;
}

/**
 * Patches that a node's recorded intent asks for: its profiles' kernel modules and sysctls (those of profiles before them go), and
 * the installer image.
 * @throws AppError `refused` with the reasons when the profiles cannot be resolved for the node.
 */
export function intentPatches(config: string, { facts, record }: Pick<NodeState, "facts" | "record">): string[] {
  const documents = parseMachineConfig(config);
  const contract = contractOfTalosVersion(facts.talosVersion ?? "");
  const patches: string[] = [];
  if (record.profiles.length > 0 && facts.talosVersion !== null) {
    const resolved = resolveProfiles({
      profiles: record.profiles,
      talosVersion: facts.talosVersion,
      arch: facts.architecture === "arm64" ? "arm64" : "amd64",
      gpus: facts.gpus,
      nvSwitch: facts.evidence.nvSwitch,
    });
    if (!resolved.ok) throw new AppError("refused", resolved.refusals.map(({ message }) => message).join(" "));
    const modules = moduleChanges(documents, record.profiles, resolved.kernelModules);
    if (modules.deletion !== null) patches.push(modules.deletion);
    const patch = profilePatch({ kernelModules: modules.added, sysctls: resolved.sysctls, contract });
    if (patch !== null) patches.push(patch);
  }
  const image = installPatch(documents, record.installImage);
  if (image !== null) patches.push(image);
  return patches;
}

/**
 * The release that a first config is written for: the older one of what runs and what the image installs. The machine reads the config
 * in both, and a release refuses documents that came after it.
 */
export function releaseOfFirstConfig(running: string, installImage: string): string {
  const installed = parseInstallerImage(installImage)?.tag;
  const minorOf = (version: string) => parseTalosRelease(version)?.minor ?? Number.POSITIVE_INFINITY;
  return installed !== undefined && minorOf(installed) < minorOf(running) ? installed : running;
}

export type StagedText = { text: string; sinceMs: number | null };

/** What a config has to be for: containers need no disk, machines of a cloud have Talos on theirs already. */
const modeOf = (platform: string | null): CheckedBy["mode"] =>
  platform === "container" ? "container" : platform === null || platform === "metal" ? "metal" : "cloud";

/** Applies patches to a config and judges the result. @throws AppError `invalid-input` naming the patch that is wrong. */
export function planConfig(
  before: string,
  patches: readonly string[],
  talosVersion: string | null,
  platform: string | null = null,
): ConfigPlan {
  const contract = contractOfTalosVersion(talosVersion ?? "");
  const after = patches.length === 0 ? before : applyPatches(before, patches, { contract });
  const options = { contract, release: talosVersion ?? undefined, mode: modeOf(platform) };
  return {
    before,
    staged: null,
    after,
    hash: configHash(after),
    contract,
    issues: validateConfigText(after, options),
    checkedBy: checkedBy(options),
  };
}

const stagedWords = ({ before, staged }: ConfigPlan): ShownPlan["staged"] =>
  staged && { sinceMs: staged.sinceMs, summary: summariseDiff(before, staged.text), dropped: staged.dropped };

/** A plan as it may be shown: secrets are `******`, wherever a patch has put them, and one that changes says so. */
export function shownPlan(plan: ConfigPlan): ShownPlan {
  const { before, after, hash, issues, checkedBy, staged } = plan;
  const redact = textRedactor(staged ? [before, staged.text] : [before]);
  const nextBoot = staged?.text ?? before;
  return {
    before: redactMachineConfig(before),
    after: redactMachineConfig(after, before),
    diff: diffMachineConfigs(before, after),
    summary: [...(staged?.dropped ? ["Drops the change that is staged."] : []), ...summariseDiff(before, after)],
    // A path begins with the document's kind and name, which a patch may have copied from anywhere.
    issues: issues.map((issue) => ({ ...issue, path: redact(issue.path), message: redact(issue.message) })),
    checkedBy,
    staged: stagedWords(plan),
    changed: configHash(before) !== hash || configHash(nextBoot) !== hash,
    hash,
  };
}
