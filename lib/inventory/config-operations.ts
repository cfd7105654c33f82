import "server-only";
import { z } from "zod";
import { diskSelector, machineRole } from "@/lib/machine-config/schema";
import { checkedBy, configIssue } from "@/lib/machine-config/validate-schema";
import { defineOperation } from "@/lib/operation/define-operation";
import { adoptMachine, previewAdoption } from "./adopt-commands";
import { applyConfig, downloadConfig, dryRunConfig, previewConfig } from "./config-commands";
import { nodeTarget, overridden } from "./node-operations";
import { clusterId, confirmCluster, nodeId } from "./operation-schema";

const patches = z
  .array(z.string().max(512 * 1024))
  .max(20)
  .default([]);
const change = z.object({
  nodeId,
  patches,
  /** With what the node's GPU profile and recorded installer image ask for. */
  withIntent: z.boolean().default(true),
  /** A change that is staged for the next boot: the patches go on top of it, or it is dropped. */
  staged: z.enum(["keep", "drop"]).default("keep"),
});
const mode = z.enum(["auto", "no-reboot", "staged", "try"]);
const shownMode = z.enum(["auto", "no-reboot", "staged", "try", "reboot"]);
const hash = z.string().regex(/^[0-9a-f]{64}$/, "The hash of a preview is 64 hex digits.");
export const shown = z.object({
  before: z.string(),
  after: z.string(),
  diff: z.array(z.object({ kind: z.enum(["context", "add", "remove"]), text: z.string() })),
  summary: z.array(z.string()),
  issues: z.array(configIssue),
  staged: z.object({ sinceMs: z.number().nullable(), summary: z.array(z.string()), dropped: z.boolean() }).nullable(),
  checkedBy,
  changed: z.boolean(),
  hash: z.string(),
});
const nodeWords = { mode: shownMode, details: z.string(), warnings: z.array(z.string()) };

export const nodePreviewConfig = defineOperation({
  name: "node.preview-config",
  role: "operator",
  kind: "reveal",
  cost: "expensive",
  summary: "What a change of a node's machine config would change, without secrets.",
  input: change,
  output: shown,
  target: nodeTarget,
  run: previewConfig,
});

export const nodeDryRunConfig = defineOperation({
  name: "node.dry-run-config",
  // What the node answers quotes the config, and tells a right guess of a secret from a wrong one.
  role: "admin",
  kind: "reveal",
  cost: "expensive",
  summary: "Has the node judge a change of its machine config, and do nothing.",
  input: change.extend({ mode: mode.default("auto") }),
  output: z.object(nodeWords),
  target: nodeTarget,
  auditDetail: (input) => ({ mode: input.mode }),
  run: dryRunConfig,
});

export const nodeApplyConfig = defineOperation({
  name: "node.apply-config",
  role: "admin",
  kind: "change",
  summary: "Applies a change of a node's machine config that was previewed, and reads it back.",
  input: change.extend({
    mode: mode.default("auto"),
    /** The preview's: nothing else is applied than what was shown. */
    hash,
    tryTimeoutMs: z.number().int().min(10_000).max(3_600_000).optional(),
    confirmCluster,
  }),
  output: z.object({
    name: z.string(),
    ...nodeWords,
    proof: z.enum(["proven", "after-reboot", "temporary", "unknown"]),
  }),
  target: nodeTarget,
  auditDetail: (input) => ({
    mode: input.mode,
    hash: input.hash,
    patches: input.patches.length,
    withIntent: input.withIntent,
    staged: input.staged,
    ...overridden(input.confirmCluster),
  }),
  run: applyConfig,
});

export const nodeDownloadConfig = defineOperation({
  name: "node.download-config",
  role: "admin",
  kind: "change",
  sensitive: "secrets",
  summary: "The whole running machine config of a node. The answer is secret.",
  input: z.object({ nodeId }),
  output: z.object({ fileName: z.string(), content: z.string() }),
  target: nodeTarget,
  run: (ctx, input) => downloadConfig(ctx, input.nodeId),
});

const adoption = z.object({
  nodeId,
  clusterId,
  role: machineRole,
  hostname: z
    .string()
    .trim()
    .regex(/^[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,61}[a-zA-Z0-9])?$/, "A hostname has letters, digits, hyphens and dots."),
  installDisk: z
    .string()
    .regex(/^\/dev\/\S+$/, "Give a path such as /dev/sda.")
    .optional(),
  diskSelector: diskSelector.optional(),
  patches,
});

export const machinePreviewAdoption = defineOperation({
  name: "machine.preview-adoption",
  role: "admin",
  kind: "reveal",
  cost: "expensive",
  summary: "The config that a waiting machine would get, without secrets.",
  input: adoption,
  output: shown,
  target: nodeTarget,
  run: previewAdoption,
});

export const machineAdopt = defineOperation({
  name: "machine.adopt",
  role: "admin",
  kind: "change",
  summary: "Gives a machine in maintenance mode its first config, pinned to the certificate that was confirmed.",
  input: adoption.extend({
    hash,
    /** base64(sha256(SPKI)) of its certificate, as its console shows it. */
    fingerprint: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, "A fingerprint is 44 characters of base64."),
    dryRun: z.boolean().default(false),
  }),
  output: z.object({ name: z.string(), ...nodeWords, dryRun: z.boolean() }),
  target: nodeTarget,
  auditDetail: (input) => ({
    clusterId: input.clusterId,
    role: input.role,
    hostname: input.hostname,
    hash: input.hash,
    dryRun: input.dryRun,
  }),
  run: adoptMachine,
});
