import { z } from "zod";
import { adoptionView } from "./adoption/schema";
import { failedVolume, passing } from "./boot-watch/schema";
import { gpuCourse, gpuDevice, gpuProof } from "@/lib/gpu/schema";
import { configView } from "./drift/schema";
import { remedy } from "./remedies/schema";

/** Talos' own machine stages (`MachineStatusSpec.stage`), in its words. */
export const machineStages = [
  "unknown",
  "booting",
  "installing",
  "maintenance",
  "running",
  "rebooting",
  "shutting-down",
  "resetting",
  "upgrading",
] as const;
export type MachineStage = (typeof machineStages)[number];

export const nodeRoles = ["controlplane", "worker", "unknown"] as const;
export type NodeRole = (typeof nodeRoles)[number];

/** Can we talk to it? Kept apart from what it does (`stage`). */
export const reachability = z.discriminatedUnion("state", [
  z.object({ state: z.literal("reachable"), sinceMs: z.number() }),
  z.object({ state: z.literal("connecting"), sinceMs: z.number() }),
  z.object({
    state: z.literal("unreachable"),
    sinceMs: z.number(),
    /** One sentence: what failed and why. */
    reason: z.string(),
    /** `TalosError.kind`. */
    kind: z.string(),
    lastSeenMs: z.number().nullable(),
  }),
  z.object({ state: z.literal("never-seen") }),
]);
export type Reachability = z.infer<typeof reachability>;

export const nodeService = z.object({
  id: z.string(),
  state: z.string(),
  healthy: z.boolean().nullable(),
  lastMessage: z.string(),
  lastChangeMs: z.number().nullable(),
});
export type NodeService = z.infer<typeof nodeService>;

export const extensionFact = z.object({ name: z.string(), version: z.string() });

/** One sample of the counters; rates are per second over the last interval. Null = the node does not say. */
export const nodeCounters = z.object({
  atMs: z.number(),
  cpuPercent: z.number().nullable(),
  memoryUsedBytes: z.number().nullable(),
  memoryTotalBytes: z.number().nullable(),
  networkReceiveBytesPerSecond: z.number().nullable(),
  networkTransmitBytesPerSecond: z.number().nullable(),
  diskReadBytesPerSecond: z.number().nullable(),
  diskWriteBytesPerSecond: z.number().nullable(),
  load1: z.number().nullable(),
});
export type NodeCounters = z.infer<typeof nodeCounters>;

export const nodeDisk = z.object({
  id: z.string(),
  devPath: z.string(),
  sizeBytes: z.number(),
  model: z.string(),
  serial: z.string(),
  transport: z.string(),
  system: z.boolean(),
});

export const nodeLink = z.object({
  name: z.string(),
  hardwareAddress: z.string(),
  up: z.boolean(),
  speedMegabits: z.number().nullable(),
  mtu: z.number(),
  driver: z.string(),
  physical: z.boolean(),
});

export const nodeHardware = z.object({
  manufacturer: z.string(),
  productName: z.string(),
  serialNumber: z.string(),
  uuid: z.string(),
  biosVersion: z.string(),
  processors: z.array(z.object({ name: z.string(), cores: z.number(), threads: z.number() })),
  memoryBytes: z.number().nullable(),
  disks: z.array(nodeDisk),
  pciDevices: z.array(
    z.object({
      id: z.string(),
      class: z.string(),
      vendor: z.string(),
      product: z.string(),
      ids: z.string(),
      driver: z.string(),
    }),
  ),
});

/** A thing that needs a person, derived from the view (`lib/inventory/health.ts`). */
export const attentionKinds = [
  "gpu-not-working",
  "unreachable",
  /** It sent more than any Talos node does, and its connection was dropped. */
  "misbehaving",
  "drift",
  "waiting",
  "not-ready",
  "replaced",
  "etcd",
  "certificate",
  "rolled-back",
  "install",
  "no-config",
  /** It stays too long in a stage that passes, or a volume failed. */
  "held",
] as const;
export const attention = z.object({
  kind: z.enum(attentionKinds),
  tone: z.enum(["bad", "warn", "info"]),
  /** After the node's name: `GTX 1080 Ti ×2: driver does not support this card.` */
  sentence: z.string(),
  detail: z.string(),
  /** The first step that mends it, or why Ichor cannot. */
  remedy,
});
export type Attention = z.infer<typeof attention>;

/**
 * Kubernetes' mark that no pod lands on a node. `ours`: it carries this console's mark, of a run or of an operation by hand; `other`: it
 * carries none. `unknown`: the node does not say.
 */
export const cordonView = z.discriminatedUnion("state", [
  z.object({ state: z.literal("unknown") }),
  z.object({ state: z.literal("none") }),
  z.object({ state: z.literal("ours"), runId: z.string().nullable() }),
  z.object({ state: z.literal("other") }),
]);
export type CordonView = z.infer<typeof cordonView>;

/** The operation that has the node for itself (`guard/holds.ts`): nobody else may disturb it meanwhile. */
export const holdView = z.object({
  operation: z.string(),
  /** In words: `a reboot`. */
  what: z.string(),
  by: z.string(),
  runId: z.string().nullable(),
  /** `calling`: under way. `awaiting`: asked for, and not back yet. `away`: it counts as missing. */
  phase: z.enum(["calling", "awaiting", "away"]),
  sinceMs: z.number(),
  untilMs: z.number(),
});
export type HoldView = z.infer<typeof holdView>;

/** A drain that is under way, by a run or by hand. */
export const drainView = z.object({
  /** Pods that have to leave, and how many have. */
  total: z.number(),
  gone: z.number(),
  /** What is in the way, budgets by name, one sentence each. */
  blockers: z.array(z.string()),
});
export type DrainView = z.infer<typeof drainView>;

/**
 * All that the browser knows of a node. What is intent stands in `intent`; everything else was read from the node at
 * `readAtMs`. `null` = not known.
 */
export const nodeView = z.object({
  id: z.string(),
  clusterId: z.string().nullable(),
  clusterName: z.string().nullable(),
  /** Hostname; else the address. */
  name: z.string(),
  /** `host:port` that we dial. */
  address: z.string(),
  role: z.enum(nodeRoles),
  reachability,
  stage: z.enum(machineStages),
  ready: z.boolean(),
  unmetConditions: z.array(z.object({ name: z.string(), reason: z.string() })),
  /** Time of the newest reading of anything below; null = never read. */
  readAtMs: z.number().nullable(),
  talosVersion: z.string().nullable(),
  kubernetesVersion: z.string().nullable(),
  architecture: z.string().nullable(),
  platform: z.string().nullable(),
  bootId: z.string().nullable(),
  nodename: z.string().nullable(),
  addresses: z.array(z.string()),
  secureBoot: z.boolean().nullable(),
  kernelCmdline: z.string().nullable(),
  /** What runs: the schematic that the node says it booted. */
  runningSchematicId: z.string().nullable(),
  extensions: z.array(extensionFact),
  kernelModules: z.array(z.string()).nullable(),
  services: z.array(nodeService),
  /** Volumes that Talos could not bring up, with its own words. */
  failedVolumes: z.array(failedVolume),
  diagnostics: z.array(z.object({ id: z.string(), message: z.string(), details: z.array(z.string()) })),
  hardware: nodeHardware.nullable(),
  links: z.array(nodeLink),
  gpus: z.array(gpuDevice),
  /** Cards of the boot before that are not on the bus any more; `proofs` holds theirs, too. */
  goneGpus: z.array(gpuDevice),
  proofs: z.array(gpuProof),
  telemetry: z.array(gpuCourse),
  counters: nodeCounters.nullable(),
  /** CPU percent of the last ten minutes, oldest first, for the sparkline. */
  cpuHistory: z.array(z.number().nullable()),
  etcd: z
    .object({
      memberId: z.string(),
      leader: z.boolean(),
      learner: z.boolean(),
      members: z.number(),
      dbSizeBytes: z.number(),
      errors: z.array(z.string()),
    })
    .nullable(),
  intent: z.object({
    /** As registered, before the machine was seen. */
    hostname: z.string().nullable(),
    profileIds: z.array(z.string()),
    profileNames: z.array(z.string()),
    schematicId: z.string().nullable(),
    schematicRegistered: z.boolean(),
    installImage: z.string().nullable(),
    /** Taken from what ran, at the import or since; nobody has asked for it. */
    asFound: z.boolean(),
    configHash: z.string().nullable(),
  }),
  /** Suggested built-in profiles, the first of them alone, and why; null without GPUs. */
  suggestion: z.object({ profileId: z.string(), profileIds: z.array(z.string()), reason: z.string() }).nullable(),
  /** Profiles to assign together so that the cards which ask for one get it; empty where none does. */
  assignment: z.array(z.string()),
  /** Maintenance mode: the fingerprint of the certificate shown and pinned. */
  maintenanceFingerprint: z.string().nullable(),
  certificateExpiresMs: z.number().nullable(),
  /** running ≠ recorded ≠ install image, one sentence each. */
  drift: z.array(z.string()),
  /** The node's own machine config: what it would install, who wrote it, and what is staged for the next boot. */
  config: configView,
  /** The stage that is to pass by itself, how long it lasts and what holds it; null in any other. */
  passing: passing.nullable(),
  attention: z.array(attention),
  /** How far a machine that took its first config here has come; null once that is over. */
  adoption: adoptionView.nullable(),
  cordon: cordonView,
  /** The unfinished upgrade run that holds it. */
  runId: z.string().nullable(),
  hold: holdView.nullable(),
  drain: drainView.nullable(),
});
export type NodeView = z.infer<typeof nodeView>;

export const clusterView = z.object({
  id: z.string(),
  name: z.string(),
  endpoint: z.string(),
  controlPlanes: z.number(),
  workers: z.number(),
  /** Talos `cluster.Info` id where known. */
  talosClusterId: z.string().nullable(),
  contract: z.string().nullable(),
  kubernetesVersion: z.string().nullable(),
  /** Where its secrets came from; `none` = only a client certificate is held. */
  secrets: z.enum(["generated", "imported", "none"]),
  credentialRole: z.string(),
  credentialExpiresMs: z.number().nullable(),
  bootstrapped: z.boolean().nullable(),
  createdAtMs: z.number(),
});
export type ClusterView = z.infer<typeof clusterView>;

/** Something that answered a scan and is not simply a machine that waits for a config. */
export const scanAnswer = z.object({
  address: z.string(),
  what: z.enum(["known", "configured", "not-talos", "no-tls", "odd-clock", "unread"]),
  /** The node that it is here as, if any. */
  nodeId: z.string().nullable(),
  sentence: z.string(),
});
export type ScanAnswer = z.infer<typeof scanAnswer>;
