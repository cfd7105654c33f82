import { z } from "zod";
import { gpuDevice } from "@/lib/gpu/schema";
import { nodeView } from "./schema";

/** What was found of one GPU's driver; absent parts are null where the node could not be asked. */
export const gpuEvidenceFacts = z.object({
  /** Kernel driver bound to each PCI address, from `/sys/bus/pci/drivers`; null = could not be read. */
  boundDrivers: z.record(z.string(), z.string()).nullable(),
  /** Paths below `/dev` that belong to GPUs. */
  deviceNodes: z.array(z.string()).nullable(),
  /** File names in `/run/cdi`. */
  cdiFiles: z.array(z.string()).nullable(),
  /** Kubernetes allocatable GPU resources, `nvidia.com/gpu` → count. */
  allocatable: z.record(z.string(), z.number()).nullable(),
  /** Why `allocatable` is null. */
  allocatableReason: z.string().nullable(),
  /** Kernel log lines that speak of a GPU driver, newest last. */
  kernelLines: z.array(z.string()),
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
    diagnostics: true,
    hardware: true,
    links: true,
    etcd: true,
  })
  .extend({
    hostname: z.string().nullable(),
    gpus: z.array(gpuDevice),
    evidence: gpuEvidenceFacts,
    /** Cluster that the node says it is in (`cluster.Info`). */
    talosClusterId: z.string().nullable(),
    /** Install image in the node's own config, where an admin's step has read it. */
    configuredInstallImage: z.string().nullable(),
    readAtMs: z.number().nullable(),
  });
export type NodeFacts = z.infer<typeof nodeFacts>;

/** What `Node.facts` holds: tolerant of rows written by an older or newer Ichor. */
export const storedFacts = nodeFacts.partial();

export const noEvidence: GpuEvidenceFacts = {
  boundDrivers: null,
  deviceNodes: null,
  cdiFiles: null,
  allocatable: null,
  allocatableReason: null,
  kernelLines: [],
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
  diagnostics: [],
  hardware: null,
  links: [],
  etcd: null,
  hostname: null,
  gpus: [],
  evidence: noEvidence,
  talosClusterId: null,
  configuredInstallImage: null,
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
