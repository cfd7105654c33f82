import type { z } from "zod";
import { defineTask } from "@/lib/core/off-thread/task";
import { diffMachineConfigs, summariseDiff } from "@/lib/machine-config/diff";
import { documentId, documentLabel, encodeMachineConfig } from "@/lib/machine-config/documents";
import { generateMachineConfig } from "@/lib/machine-config/generate";
import type {
  diffConfigsInput,
  patchConfigInput,
  previewConfigInput,
  validateConfigInput,
} from "@/lib/machine-config/operation-schema";
import { applyPatches, applyPatchesToDocuments } from "@/lib/machine-config/patch";
import { parseSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import { checkedBy, validateConfigText, validateMachineConfig } from "@/lib/machine-config/validate";

/** A bundle as `parseSecretsBundle` reads it. */
export const readBundle = defineTask("secrets.read", parseSecretsBundle);

export const previewTask = defineTask(
  "machine-config.preview",
  ({ secrets, patches, ...options }: z.output<typeof previewConfigInput>) => {
    const generated = generateMachineConfig({ bundle: parseSecretsBundle(secrets), ...options });
    const documents = applyPatchesToDocuments(generated, patches, options);
    return {
      config: encodeMachineConfig(documents),
      documents: documents.map((document) => documentLabel(documentId(document))),
      issues: validateMachineConfig(documents, options.contract),
    };
  },
);

export const patchTask = defineTask(
  "machine-config.patch",
  ({ config, patches, contract }: z.output<typeof patchConfigInput>) => {
    const patched = applyPatches(config, patches, { contract });
    return { config: patched, summary: summariseDiff(config, patched) };
  },
);

export const validateTask = defineTask(
  "machine-config.validate",
  ({ config, ...options }: z.output<typeof validateConfigInput>) => {
    const issues = validateConfigText(config, options);
    return { valid: issues.every((issue) => issue.severity !== "error"), issues, checkedBy: checkedBy(options) };
  },
);

export const diffTask = defineTask("machine-config.diff", ({ before, after }: z.output<typeof diffConfigsInput>) => ({
  lines: diffMachineConfigs(before, after),
  summary: summariseDiff(before, after),
}));
