import "server-only";
import { diffMachineConfigs, summariseDiff } from "@/lib/machine-config/diff";
import { documentId, documentLabel, encodeMachineConfig } from "@/lib/machine-config/documents";
import { generateMachineConfig } from "@/lib/machine-config/generate";
import {
  diffConfigsInput,
  diffConfigsOutput,
  generateSecretsInput,
  generateSecretsOutput,
  patchConfigInput,
  patchConfigOutput,
  previewConfigInput,
  previewConfigOutput,
  validateConfigInput,
  validateConfigOutput,
} from "@/lib/machine-config/operation-schema";
import { applyPatches, applyPatchesToDocuments } from "@/lib/machine-config/patch";
import { generateSecretsBundle, parseSecretsBundle, writeSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import { checkedBy, validateConfigText, validateMachineConfig } from "@/lib/machine-config/validate";
import { defineOperation } from "@/lib/operation/define-operation";

/** A new cluster's secrets: given once, never stored. */
export const generateSecrets = defineOperation({
  name: "secrets.generate",
  role: "admin",
  kind: "reveal",
  sensitive: "secrets",
  summary: "Makes the secrets of a new cluster, as talosctl gen secrets does. They are given once and not kept.",
  input: generateSecretsInput,
  output: generateSecretsOutput,
  auditDetail: ({ contract }) => ({ contract }),
  run: async (_ctx, { contract }) => ({
    bundle: writeSecretsBundle(await generateSecretsBundle({ contract, nowMs: Date.now() })),
  }),
});

/** A node's whole config from secrets, options and patches. For admins, since it takes and gives the cluster's keys. */
export const previewMachineConfig = defineOperation({
  name: "machine-config.preview",
  role: "admin",
  kind: "reveal",
  summary:
    "Makes a node's machine config from a secrets bundle, options and patches, and checks it. Nothing is stored.",
  input: previewConfigInput,
  output: previewConfigOutput,
  auditDetail: ({ contract }) => ({ contract }),
  run: async (_ctx, { secrets, patches, ...options }) => {
    const generated = generateMachineConfig({ bundle: parseSecretsBundle(secrets), ...options });
    const documents = applyPatchesToDocuments(generated, patches, options);
    return {
      config: encodeMachineConfig(documents),
      documents: documents.map((document) => documentLabel(documentId(document))),
      issues: validateMachineConfig(documents, options.contract),
    };
  },
});

/** Patches on a config that the caller has. */
export const patchMachineConfig = defineOperation({
  name: "machine-config.patch",
  role: "operator",
  kind: "compute",
  unaudited: "It works on the caller's own text.",
  summary:
    "Applies strategic merge patches and JSON patches to a machine config by the rules of Talos. Nothing is stored.",
  input: patchConfigInput,
  output: patchConfigOutput,
  run: async (_ctx, { config, patches, contract }) => {
    const patched = applyPatches(config, patches, { contract });
    return { config: patched, summary: summariseDiff(config, patched) };
  },
});

/** Would a node of the release take this config? */
export const checkMachineConfig = defineOperation({
  name: "machine-config.validate",
  role: "operator",
  kind: "compute",
  unaudited: "It works on the caller's own text.",
  summary:
    "Checks a machine config by the fields and the rules of a Talos release, and says by which. The node itself has the last word.",
  input: validateConfigInput,
  output: validateConfigOutput,
  run: async (_ctx, { config, ...options }) => {
    const issues = validateConfigText(config, options);
    return { valid: issues.every((issue) => issue.severity !== "error"), issues, checkedBy: checkedBy(options) };
  },
});

/** What differs between two configs, without secrets. */
export const compareMachineConfigs = defineOperation({
  name: "machine-config.diff",
  role: "operator",
  kind: "compute",
  unaudited: "It works on the caller's own texts.",
  summary: "Compares two machine configs as values; secrets are never in the answer.",
  input: diffConfigsInput,
  output: diffConfigsOutput,
  run: async (_ctx, { before, after }) => ({
    lines: diffMachineConfigs(before, after),
    summary: summariseDiff(before, after),
  }),
});
