import { z } from "zod";
import { gpuDevice } from "@/lib/gpu/schema";
import { goneCard } from "./cards/gone";
import { configReading } from "./drift/schema";
import { adoptionCourse, unattendedInstall } from "./adoption/course";
import { nodeView } from "./schema";

const names = z.array(z.string());

/** What was read of a node's GPU drivers, in the terms of lib/gpu's proof chain; null = it could not be read. */
export const gpuEvidenceFacts = z.object({
  nvSwitch: z.boolean(),
  /** Modules that the machine config asks for. */
  configModules: names.nullable().default(null),
  /** PCI address → driver bound to it. */
  boundDrivers: z.record(z.string(), z.string()).nullable(),
  deviceFiles: names.nullable(),
  /** PCI address → its DRM nodes. */
  drmNodes: z.record(z.string(), names).nullable(),
  cdiFiles: names.nullable(),
  /** Allocatable resources of the Kubernetes node, `nvidia.com/gpu` → `2`. */
  allocatable: z.record(z.string(), z.string()).nullable(),
  /** Kernel log lines of GPU drivers since boot, oldest first. */
  kernelLog: names,
});
export type GpuEvidenceFacts = z.infer<typeof gpuEvidenceFacts>;

/** All that is read from a node and settles: kept in the database, so that a restart does not start from nothing. */
export const nodeFacts = nodeView
  .pick({
    role: true,
    stage: true,
    ready: true,
    unmetConditions: true,
    talosVersion: true,
    kubernetesVersion: true,
    architecture: true,
    platform: true,
    bootId: true,
    nodename: true,
    addresses: true,
    secureBoot: true,
    kernelCmdline: true,
    runningSchematicId: true,
    extensions: true,
    kernelModules: true,
    services: true,
    failedVolumes: true,
    diagnostics: true,
    hardware: true,
    links: true,
    etcd: true,
    cordon: true,
  })
  .extend({
    /** When its stage began, as seen here. */
    stageSinceMs: z.number().nullable(),
    /** By the node's own clock: when it booted, and when it began to wait for its services. */
    bootedAtMs: z.number().nullable(),
    servicesSinceMs: z.number().nullable(),
    hostname: z.string().nullable(),
    gpus: z.array(gpuDevice),
    /** Cards that were on the bus and are no more. */
    gpusGone: z.array(goneCard),
    evidence: gpuEvidenceFacts,
    /** The schematic that runs, where the node carries its document. */
    runningSchematic: z.object({ text: z.string(), extensions: names, kernelArgs: names }).nullable(),
    /** Cluster that the node says it is in (`cluster.Info`). */
    talosClusterId: z.string().nullable(),
    /** The node's own config, where an admin's step has read it. */
    config: configReading.nullable(),
    /** Why it could not be read; null where it was, or was not tried yet. */
    configUnread: z.string().nullable(),
    /** The installation of a first config since 1.14; null where the node tells of none. */
    unattendedInstall: unattendedInstall.nullable(),
    /** How far it has come since its first config; null for nodes that were not adopted here. */
    adoption: adoptionCourse.nullable(),
    readAtMs: z.number().nullable(),
  });
export type NodeFacts = z.infer<typeof nodeFacts>;

/** What `Node.facts` holds: tolerant of rows written by an older or newer Ichor. */
export const storedFacts = nodeFacts.partial();

export const noEvidence: GpuEvidenceFacts = {
  nvSwitch: false,
  configModules: null,
  boundDrivers: null,
  deviceFiles: null,
  drmNodes: null,
  cdiFiles: null,
  allocatable: null,
  kernelLog: [],
};

/** A node of which nothing has been read. */
export const noFacts: NodeFacts = {
  role: "unknown",
  stage: "unknown",
  ready: false,
  unmetConditions: [],
  talosVersion: null,
  kubernetesVersion: null,
  architecture: null,
  platform: null,
  bootId: null,
  nodename: null,
  addresses: [],
  secureBoot: null,
  kernelCmdline: null,
  runningSchematicId: null,
  extensions: [],
  kernelModules: null,
  services: [],
  failedVolumes: [],
  stageSinceMs: null,
  bootedAtMs: null,
  servicesSinceMs: null,
  diagnostics: [],
  hardware: null,
  links: [],
  etcd: null,
  cordon: { state: "unknown" },
  hostname: null,
  gpus: [],
  gpusGone: [],
  evidence: noEvidence,
  runningSchematic: null,
  talosClusterId: null,
  config: null,
  configUnread: null,
  unattendedInstall: null,
  adoption: null,
  readAtMs: null,
};

/** Facts from the database; what does not parse is dropped, since the node itself will say it again. */
export function factsFromStored(json: string): NodeFacts {
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch {
    return noFacts;
  }
  const parsed = storedFacts.safeParse(raw);
  return parsed.success ? { ...noFacts, ...parsed.data } : noFacts;
}
