import "server-only";
import { offThread } from "@/lib/core/off-thread/pool";
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
import { generateSecretsBundle, writeSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import { diffTask, patchTask, previewTask, validateTask } from "@/lib/machine-config/tasks";
import { defineOperation } from "@/lib/operation/define-operation";

/** A new cluster's secrets: given once, never stored. */
export const generateSecrets = defineOperation({
  name: "secrets.generate",
  role: "admin",
  kind: "reveal",
  sensitive: "secrets",
  cost: "expensive",
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
  cost: "expensive",
  summary:
    "Makes a node's machine config from a secrets bundle, options and patches, and checks it. Nothing is stored.",
  input: previewConfigInput,
  output: previewConfigOutput,
  auditDetail: ({ contract }) => ({ contract }),
  run: (_ctx, input) => offThread(previewTask, input),
});

/** Patches on a config that the caller has. */
export const patchMachineConfig = defineOperation({
  name: "machine-config.patch",
  role: "operator",
  kind: "compute",
  unaudited: "It works on the caller's own text.",
  cost: "expensive",
  summary:
    "Applies strategic merge patches and JSON patches to a machine config by the rules of Talos. Nothing is stored.",
  input: patchConfigInput,
  output: patchConfigOutput,
  run: (_ctx, input) => offThread(patchTask, input),
});

/** Would a node of the release take this config? */
export const checkMachineConfig = defineOperation({
  name: "machine-config.validate",
  role: "operator",
  kind: "compute",
  unaudited: "It works on the caller's own text.",
  cost: "expensive",
  summary:
    "Checks a machine config by the fields and the rules of a Talos release, and says by which. The node itself has the last word.",
  input: validateConfigInput,
  output: validateConfigOutput,
  run: (_ctx, input) => offThread(validateTask, input),
});

/** What differs between two configs, without secrets. */
export const compareMachineConfigs = defineOperation({
  name: "machine-config.diff",
  role: "operator",
  kind: "compute",
  unaudited: "It works on the caller's own texts.",
  cost: "expensive",
  summary: "Compares two machine configs as values; secrets are never in the answer.",
  input: diffConfigsInput,
  output: diffConfigsOutput,
  run: (_ctx, input) => offThread(diffTask, input),
});
