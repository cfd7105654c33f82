import type { GpuDevice } from "@/lib/gpu/schema";
import type { ConfigView } from "@/lib/inventory/drift/schema";
import type { EtcdState } from "@/lib/inventory/guard/quorum";
import type { SchematicDocument } from "@/lib/schematic/document";
import type { PlanNode } from "./schema";

/** What the plan has to know of one node; `null` = not known. Gathered by `preflight.ts`, judged by `plan.ts`. */
export type PlanNodeFacts = {
  nodeId: string;
  name: string;
  /** `host:port` */
  address: string;
  role: PlanNode["role"];
  clusterId: string | null;
  /** Null when it answers; else the sentence why it does not. */
  unreachable: string | null;
  version: string | null;
  kubernetesVersion: string | null;
  architecture: string | null;
  platform: string | null;
  secureBoot: boolean | null;
  runningSchematicId: string | null;
  recordedSchematicId: string | null;
  /** Schematic that the install image in the machine config names. */
  installSchematicId: string | null;
  /** What is known of the node's own config. */
  config: ConfigView;
  runningDocument: SchematicDocument | null;
  recordedDocument: SchematicDocument | null;
  profileNames: readonly string[];
  /** What is recorded was taken from what ran; nobody has asked for it. */
  asFound: boolean;
  extensions: readonly { name: string; version: string }[];
  /** Extensions of a node that answered that its image has no schematic; null where it has one, or could not be asked. */
  plainExtensions: readonly string[] | null;
  /** Modules that the machine config asks for. */
  configuredModules: readonly string[] | null;
  loadedModules: readonly string[] | null;
  /** What releases on its way would refuse of its config, by release; null = its config could not be read. */
  configIssues: ReadonlyMap<string, readonly string[]> | null;
  gpus: readonly GpuDevice[];
  etcdMemberId: string | null;
  certificateExpiresMs: number | null;
  /** Its clock is in step with its time server, or was told not to be. */
  timeSynced: boolean | null;
  /** An unfinished run that holds it. */
  runId: string | null;
  /** Name of its Kubernetes node. */
  nodename: string | null;
};

/** Can the factory of the settings build images of a schematic? */
export type AtFactory =
  | "known"
  /** It does not have it; its document is held here, so that it is registered when the run starts. */
  | "to-register"
  /** Neither it nor we have the document. */
  | "unknown"
  /** It could not be asked now; it has registered it before. */
  | "known-before"
  /** It could not be asked, and has never registered it. */
  | "waiting"
  /** It could not be asked, and we have no document that could be registered. */
  | "not-asked";

/** Pods that a drain evicts, `namespace/name`, by Kubernetes node. */
export type ClusterPods = { ok: true; byNode: ReadonlyMap<string, readonly string[]> } | { ok: false; reason: string };

export type PlanFacts = {
  nodes: readonly PlanNodeFacts[];
  /** Nodes that were asked for and are not known any more. */
  unknownNodeIds: readonly string[];
  /** Releases that exist, by the factory's list, or by the built-in catalogue when it cannot be asked. */
  releases: { tags: readonly string[]; source: "factory" | "catalogue" };
  /** Official extensions per release that the plan leads to. */
  offered: ReadonlyMap<string, readonly string[]>;
  /** By schematic; absent = not asked. */
  atFactory: ReadonlyMap<string, AtFactory>;
  /** By cluster. */
  pods: ReadonlyMap<string, ClusterPods>;
  /** From its turn to its proof, by earlier runs. */
  tookMs: { byNode: ReadonlyMap<string, number>; byFlow: Readonly<Partial<Record<PlanNode["flow"], number>>> };
  etcd: ReadonlyMap<string, { ok: true; state: EtcdState } | { ok: false; reason: string }>;
  kubernetes: ReadonlyMap<string, { ok: true } | { ok: false; reason: string }>;
  /** Nodes that each cluster has in the inventory. */
  clusterSizes: ReadonlyMap<string, number>;
  /** Unfinished runs by cluster. */
  otherRuns: ReadonlyMap<string, { id: string; title: string }>;
  nowMs: number;
};

/** The factory's installer image for a schematic, release and platform, `factory.talos.dev/metal-installer/…`. */
export type InstallerReference = (input: {
  schematicId: string;
  version: string;
  platform: string | null;
  secureBoot: boolean;
}) => string;
