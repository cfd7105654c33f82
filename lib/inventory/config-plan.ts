import { createHash } from "node:crypto";
import { emitGoYaml, emitGoYamlDocuments, type GoYamlInput } from "@/lib/core/go-yaml";
import { AppError } from "@/lib/core/errors";
import { type DiffLine, diffMachineConfigs, summariseDiff } from "@/lib/machine-config/diff";
import type { GpuProfile } from "@/lib/gpu/profile-schema";
import { replacedBy } from "@/lib/gpu/profiles";
import { resolveProfiles } from "@/lib/gpu/resolve";
import {
  documentOfKind,
  encodeMachineConfig,
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
import { validateMachineConfig } from "@/lib/machine-config/validate";
import type { ConfigIssue } from "@/lib/machine-config/validate-schema";
import type { NodeState } from "./node-state";

/** A config that is about to be applied. Secret, except for what `shownPlan` makes of it. */
export type ConfigPlan = {
  before: string;
  after: string;
  hash: string;
  contract: VersionContract;
  issues: ConfigIssue[];
};

export type ShownPlan = {
  /** Both without secrets. */
  before: string;
  after: string;
  diff: DiffLine[];
  summary: string[];
  issues: ConfigIssue[];
  changed: boolean;
  /** Of the whole config: what is applied must be what was shown. */
  hash: string;
};

/** sha256 of a config's documents, so that comments and the way of writing do not count. */
export const configHash = (yaml: string): string =>
  createHash("sha256")
    .update(encodeMachineConfig(parseMachineConfig(yaml)))
    .digest("hex");

/** The patch that has the config install the recorded image; null where the config has no place for it. */
function installPatch(documents: readonly MachineConfigDocument[], image: string | null): string | null {
  if (image === null) return null;
  if (documentOfKind(documents, "UnattendedInstallConfig")) {
    return emitGoYaml({ apiVersion: "v1alpha1", kind: "UnattendedInstallConfig", installer: { image } });
  }
  const install = valueAt(legacyDocument(documents), ["machine", "install"]);
  return isYamlMap(install) ? emitGoYaml({ machine: { install: { image } } }) : null;
}

function namedModules(documents: readonly MachineConfigDocument[]): Set<string> {
  const listed = valueAt(legacyDocument(documents), ["machine", "kernel", "modules"]);
  const names = Array.isArray(listed) ? listed.flatMap((entry) => (isYamlMap(entry) ? [entry.name] : [])) : [];
  return new Set(names.filter((name) => typeof name === "string"));
}

/**
 * The patch that takes out kernel modules of profiles that made way: Talos would go on asking for them, and without their extension they
 * are not there. Null where the config has none. Modules that no profile of these vendors has are left alone.
 */
function droppedModulesPatch(
  documents: readonly MachineConfigDocument[],
  profiles: readonly GpuProfile[],
  kept: readonly string[],
): string | null {
  const former = new Set(replacedBy(profiles).flatMap(({ kernelModules }) => kernelModules.map(({ name }) => name)));
  for (const name of kept) former.delete(name);
  const listed = [...namedModules(documents)].filter((name) => former.has(name));
  const own = documents.flatMap(({ kind, name }) =>
    kind === "KernelModuleConfig" && typeof name === "string" && former.has(name) ? [name] : [],
  );
  const patches: GoYamlInput[] = own.map((name) => ({
    apiVersion: "v1alpha1",
    kind: "KernelModuleConfig",
    name,
    $patch: "delete",
  }));
  const modules = listed.map((name) => ({ name, $patch: "delete" }));
  if (modules.length > 0) patches.unshift({ machine: { kernel: { modules } } });
  return patches.length > 0 ? emitGoYamlDocuments(patches) : null;
}

/**
 * Patches that a node's recorded intent asks for: its profiles' kernel modules and sysctls (those of profiles before them go), and
 * the installer image.
 * @throws AppError `refused` with the reasons when the profiles cannot be resolved for the node.
 */
export function intentPatches(config: string, { facts, record }: NodeState): string[] {
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
    // A module that is listed already would be listed twice: the list appends.
    const known = namedModules(documents);
    const kernelModules = resolved.kernelModules.filter(({ name }) => !known.has(name));
    const patch = profilePatch({ kernelModules, sysctls: resolved.sysctls, contract });
    if (patch !== null) patches.push(patch);
    const kept = resolved.kernelModules.map(({ name }) => name);
    const dropped = droppedModulesPatch(documents, record.profiles, kept);
    if (dropped !== null) patches.push(dropped);
  }
  const image = installPatch(documents, record.installImage);
  if (image !== null) patches.push(image);
  return patches;
}

/** Applies patches to a config and judges the result. @throws AppError `invalid-input` naming the patch that is wrong. */
export function planConfig(before: string, patches: readonly string[], talosVersion: string | null): ConfigPlan {
  const contract = contractOfTalosVersion(talosVersion ?? "");
  const after = patches.length === 0 ? before : applyPatches(before, patches, { contract });
  return {
    before,
    after,
    hash: configHash(after),
    contract,
    issues: validateMachineConfig(parseMachineConfig(after), contract),
  };
}

/** A plan as it may be shown: secrets are `******`, wherever a patch has put them, and one that changes says so. */
export function shownPlan({ before, after, hash, issues }: ConfigPlan): ShownPlan {
  const redact = textRedactor([before]);
  return {
    before: redactMachineConfig(before),
    after: redactMachineConfig(after, before),
    diff: diffMachineConfigs(before, after),
    summary: summariseDiff(before, after),
    // A path begins with the document's kind and name, which a patch may have copied from anywhere.
    issues: issues.map((issue) => ({ ...issue, path: redact(issue.path), message: redact(issue.message) })),
    changed: configHash(before) !== hash,
    hash,
  };
}
