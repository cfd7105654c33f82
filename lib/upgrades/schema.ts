import { z } from "zod";
import { appErrorCodes } from "@/lib/core/errors";
import { cardComparison } from "@/lib/gpu/chain-schema";
import { runSteps } from "./run-steps";

export type { RunStep } from "./run-steps";

const operationFailure = z.object({
  code: z.enum(appErrorCodes),
  message: z.string(),
  hint: z.string().optional(),
  fields: z.record(z.string(), z.string()).optional(),
  details: z.string().optional(),
  requestId: z.string().optional(),
});

/** One node of a run. */
export const runNodeStates = [
  "queued",
  "pulling",
  "pulled",
  "installing",
  "draining",
  "rebooting",
  "proving",
  "uncordoning",
  "soaking",
  "done",
  "skipped",
  "failed",
  "rolled-back",
  "unknown",
] as const;
export type RunNodeState = (typeof runNodeStates)[number];

export const runStates = ["planned", "running", "paused", "cancelling", "halted", "done", "cancelled"] as const;
export type RunState = (typeof runStates)[number];

export const upgradePolicy = z.object({
  /** Stop at the first failed node. */
  haltOnFailure: z.boolean().default(true),
  drainTimeoutMs: z
    .number()
    .int()
    .positive()
    .default(15 * 60_000),
  pullStallMs: z.number().int().positive().default(90_000),
  returnTimeoutMs: z
    .number()
    .int()
    .positive()
    .default(30 * 60_000),
  /** Longest that a node which installs or restarts may say nothing, make no progress and stay in its boot. */
  stallMs: z
    .number()
    .int()
    .positive()
    .default(10 * 60_000),
  soakMs: z.number().int().nonnegative().default(30_000),
  /** Name of the node to go first. */
  canaryNodeId: z.string().nullable().default(null),
  /** An explicit choice where running, recorded and install image disagree. */
  acceptDrift: z.boolean().default(false),
  /** Take an etcd snapshot before a control plane is touched. */
  etcdSnapshot: z.boolean().default(true),
  /** `skip` is an explicit choice: pods are then cut off by the reboot. */
  drain: z.enum(["evict", "skip"]).default("evict"),
  /** Install the same image again on nodes that lack a part of it. Without it such a node has nothing to do. */
  repair: z.boolean().default(false),
});
export type UpgradePolicy = z.infer<typeof upgradePolicy>;

/** What a person asks for: nodes, and the release they should run; null keeps each node's own (only the schematic changes). */
export const planInput = z.object({
  nodeIds: z.array(z.string().min(1).max(64)).min(1).max(1000),
  targetVersion: z
    .string()
    .regex(/^v1\.\d{1,3}\.\d{1,3}(-[0-9A-Za-z.-]{1,40})?$/, "must look like v1.13.4")
    .nullable(),
  policy: upgradePolicy.prefault({}),
});
export type PlanInput = z.infer<typeof planInput>;

/** A plan that is asked for: `fresh` asks nodes, clusters and the factory again, whatever was heard a moment ago. */
export const planRequest = planInput.extend({ fresh: z.boolean().default(false) });

/** A run starts only from the plan that the person has seen. */
export const startInput = planInput.extend({ planHash: z.string().regex(/^[0-9a-f]{64}$/) });
export type StartInput = z.infer<typeof startInput>;

export const planCheck = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(["ok", "warning", "refused"]),
  detail: z.string(),
});
export type PlanCheck = z.infer<typeof planCheck>;

/** What a node's turn does to others. */
export const planEffect = z.object({
  /** Pods that the drain evicts, or that the restart cuts off where it is skipped; not known with the reason. */
  pods: z.discriminatedUnion("known", [
    z.object({ known: z.literal(true), count: z.number().int(), names: z.array(z.string()) }),
    z.object({ known: z.literal(false), reason: z.string() }),
  ]),
  /** From its turn until it is proven, by earlier runs; null = none has been yet. */
  minutes: z.number().nullable(),
});
export type PlanEffect = z.infer<typeof planEffect>;

export const planNode = z.object({
  nodeId: z.string(),
  name: z.string(),
  role: z.enum(["controlplane", "worker", "unknown"]),
  fromVersion: z.string(),
  toVersion: z.string(),
  /** Releases that it passes on its way to the target, `toVersion` first; the run makes the first. Empty in runs of old. */
  hops: z.array(z.string()).default([]),
  fromSchematicId: z.string().nullable(),
  toSchematicId: z.string(),
  image: z.string(),
  flow: z.enum(["lifecycle", "legacy"]),
  /** Parts of its image that it lacks, and that installing the same image again is to bring back. */
  repairs: z.array(z.string()).default([]),
  effect: planEffect.nullable().default(null),
  /** `talosctl` lines that do the same, in order. */
  commands: z.array(z.string()),
  /** What would change or be lost: sentences. */
  changes: z.array(z.string()),
  checks: z.array(planCheck),
  order: z.number().int(),
});
export type PlanNode = z.infer<typeof planNode>;

export const upgradePlan = z.object({
  targetVersion: z.string(),
  /** Adjacent minors, latest patch of each, that lead the node there that is furthest behind; one hop is one run. */
  hops: z.array(z.string()),
  nodes: z.array(planNode),
  skipped: z.array(z.object({ nodeId: z.string(), name: z.string(), reason: z.string() })),
  checks: z.array(planCheck),
  policy: upgradePolicy,
  /** sha256 of the plan's content; a run starts only from the plan that was shown. */
  hash: z.string(),
  refused: z.boolean(),
});
export type UpgradePlan = z.infer<typeof upgradePlan>;

/** One line of the answer while a plan is made: so many nodes have answered; then the plan, or why there is none. */
export const planFrame = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("progress"), answered: z.number().int(), of: z.number().int() }),
  z.object({ kind: z.literal("plan"), plan: upgradePlan }),
  z.object({ kind: z.literal("failed"), error: operationFailure }),
]);
export type PlanFrame = z.infer<typeof planFrame>;

export const pullLayer = z.object({
  id: z.string(),
  status: z.enum(["downloading", "downloaded", "extracting", "extracted", "already-exists"]),
  offsetBytes: z.number(),
  totalBytes: z.number(),
});
export const drainPod = z.object({
  name: z.string(),
  state: z.enum(["waiting-budget", "ending", "gone", "skipped"]),
  detail: z.string(),
});

/** What a sequence of the node did, as far as it decides how an upgrade ended (`sequence-course.ts`). */
export const sequenceSign = z.discriminatedUnion("what", [
  z.object({ what: z.literal("started"), sequence: z.string() }),
  z.object({ what: z.literal("phase"), phase: z.string() }),
  z.object({ what: z.literal("failed"), sequence: z.string(), message: z.string() }),
  z.object({ what: z.literal("refused"), sequence: z.string() }),
]);
export type SequenceSign = z.infer<typeof sequenceSign>;

const at = { seq: z.number().int(), runId: z.string(), atMs: z.number(), nodeId: z.string().nullable() };

/** One log, many views: page, timeline and audit of a run derive from these. */
export const runEvent = z.discriminatedUnion("kind", [
  z.object({ ...at, kind: z.literal("run-state"), state: z.enum(runStates), reason: z.string() }),
  z.object({ ...at, kind: z.literal("node-state"), state: z.enum(runNodeStates), reason: z.string() }),
  z.object({ ...at, kind: z.literal("step-started"), step: z.enum(runSteps) }),
  z.object({ ...at, kind: z.literal("step-finished"), step: z.enum(runSteps), ok: z.boolean(), detail: z.string() }),
  z.object({ ...at, kind: z.literal("call-intent"), call: z.string(), detail: z.string() }),
  z.object({
    ...at,
    kind: z.literal("call-outcome"),
    call: z.string(),
    outcome: z.enum(["succeeded", "failed", "unknown"]),
    detail: z.string(),
  }),
  z.object({ ...at, kind: z.literal("layers"), layers: z.array(pullLayer) }),
  z.object({ ...at, kind: z.literal("installer-line"), text: z.string() }),
  z.object({ ...at, kind: z.literal("installer-exit"), code: z.number().int() }),
  z.object({ ...at, kind: z.literal("sequence"), text: z.string(), sign: sequenceSign.optional() }),
  z.object({ ...at, kind: z.literal("drain"), total: z.number(), gone: z.number(), pods: z.array(drainPod) }),
  z.object({
    ...at,
    kind: z.literal("proof"),
    checks: z.array(planCheck),
    /** Each GPU's proof chain before the run and now; older logs have none. */
    gpus: z.array(cardComparison).default([]),
    /** The boot that it was read in. */
    bootId: z.string().nullable().default(null),
  }),
  z.object({ ...at, kind: z.literal("note"), text: z.string() }),
]);
export type RunEvent = z.infer<typeof runEvent>;
/** An event before the log gave it its number. */
export type RunEventBody = RunEvent extends infer E
  ? E extends RunEvent
    ? Omit<E, "seq" | "runId" | "atMs">
    : never
  : never;

export const runNodeSummary = z.object({
  nodeId: z.string(),
  name: z.string(),
  order: z.number().int(),
  state: z.enum(runNodeStates),
  reason: z.string(),
  fromVersion: z.string(),
  toVersion: z.string(),
  startedAtMs: z.number().nullable(),
  finishedAtMs: z.number().nullable(),
  /** This run's cordon is on it. */
  cordoned: z.boolean().optional(),
});
export const runSummary = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(runStates),
  reason: z.string(),
  targetVersion: z.string(),
  startedBy: z.string(),
  createdAtMs: z.number(),
  finishedAtMs: z.number().nullable(),
  nodes: z.array(runNodeSummary),
  /** A wish that the runner has not met yet. */
  requested: z.enum(["pause", "resume", "cancel", "retry"]).nullable(),
  lastSeq: z.number().int(),
});
export type RunSummary = z.infer<typeof runSummary>;

/** A run as its page shows it. */
export const runDetail = runSummary.extend({ plan: upgradePlan });
export type RunDetail = z.infer<typeof runDetail>;
