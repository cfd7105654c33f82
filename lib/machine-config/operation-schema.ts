import { z } from "zod";
import { clusterInput, machineRole, nodeInput, versionContract } from "@/lib/machine-config/schema";
import { checkedBy, configIssue, runtimeMode } from "@/lib/machine-config/validate-schema";

/** As long as Talos' own limit lets a config be, with room. */
const configText = z.string().max(4 * 1024 * 1024);
const patchTexts = z
  .array(z.string().max(1024 * 1024))
  .max(32)
  .default([]);

export const generateSecretsInput = z.object({ contract: versionContract });
export const generateSecretsOutput = z.object({ bundle: z.string() });

export const previewConfigInput = z.object({
  /** The secrets bundle, YAML of `talosctl gen secrets`. */
  secrets: configText,
  cluster: clusterInput,
  role: machineRole,
  contract: versionContract,
  node: nodeInput.default({}),
  patches: patchTexts,
});
export const previewConfigOutput = z.object({
  /** The whole config, secrets included. */
  config: z.string(),
  /** Its documents: `v1alpha1`, `KernelModuleConfig/nvidia`, in order. */
  documents: z.array(z.string()),
  issues: z.array(configIssue),
});

export const patchConfigInput = z.object({ config: configText, patches: patchTexts, contract: versionContract });
export const patchConfigOutput = z.object({ config: z.string(), summary: z.array(z.string()) });

export const validateConfigInput = z.object({
  config: configText,
  contract: versionContract,
  /** The node's release, such as 1.13.2, where it is known: some rules depend on the patch release. */
  release: z
    .string()
    .regex(/^v?1\.\d{1,3}\.\d{1,3}(?:-[0-9A-Za-z.-]{1,32})?$/, { error: "Give a release such as 1.13.2." })
    .optional(),
  mode: runtimeMode.default("metal"),
});
export const validateConfigOutput = z.object({ valid: z.boolean(), issues: z.array(configIssue), checkedBy });

export const diffLine = z.object({ kind: z.enum(["context", "add", "remove"]), text: z.string() });
export const diffConfigsInput = z.object({ before: configText, after: configText });
export const diffConfigsOutput = z.object({ lines: z.array(diffLine), summary: z.array(z.string()) });
