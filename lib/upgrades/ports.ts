import type { GpuProfile } from "@/lib/gpu/profile-schema";
import type { GpuEvidence } from "@/lib/gpu/proof-evidence";
import type { LiveFrame } from "@/lib/live/frames";
import type { GivenBack, Taken } from "@/lib/kubernetes/cordon";
import type { DrainOutcome, DrainProgress } from "@/lib/kubernetes/drain";
import type { KubernetesNode } from "@/lib/kubernetes/nodes";
import type { ClusterEtcd } from "@/lib/inventory/guard/read-etcd";
import type { MachineStage } from "@/lib/inventory/schema";
import type { RunEvent, SequenceSign } from "./schema";

type LayersEvent = Extract<RunEvent, { kind: "layers" }>;
export type PullLayer = LayersEvent["layers"][number];

/** What a node says of itself now. */
export type NodeReading = {
  version: string;
  bootId: string;
  /** Null where it runs no image of a factory. */
  schematicId: string | null;
  stage: MachineStage;
  ready: boolean;
  unmetConditions: readonly { name: string; reason: string }[];
  nodename: string | null;
};
/** What is read of a node's extensions, cards and their drivers; null = it could not be read. */
export type NodeHardwareReading = Omit<GpuEvidence, "profiles" | "allocatable" | "kernelLog"> & {
  kernelLog: readonly string[] | null;
};

export type PullFrame = { kind: "layer"; layer: PullLayer } | { kind: "pulled"; name: string };
export type SequenceFrame = { id: string; text: string | null; sign: SequenceSign | null };
export type InstallFrame = { kind: "line"; text: string } | { kind: "exit"; code: number };

/**
 * One node as a run needs it; a wrapper of lib/talos. Everything may throw `TalosError`: `precondition` where an installer
 * is at work already, the reconnectable kinds where the node cannot be reached now.
 */
export type NodePort = {
  read(): Promise<NodeReading>;
  readHardware(): Promise<NodeHardwareReading>;
  pull(image: string, signal: AbortSignal): AsyncIterable<PullFrame>;
  /** Ends without an `exit` frame when the stream was lost. */
  install(image: string, signal: AbortSignal): AsyncIterable<InstallFrame>;
  /** Talos ≤ 1.12: installs and reboots in one; returns when the node has accepted it. */
  upgradeLegacy(image: string): Promise<void>;
  reboot(): Promise<void>;
  forfeitEtcdLeadership(): Promise<void>;
  etcdSnapshot(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /**
   * Phases and tasks as they happen, `upgrade: start`, those since the event `after` first: null = from now on, which begins with the
   * place of the event before; empty = the last few. Ends when the node goes away. What is no part of a sequence has no text.
   */
  sequence(signal: AbortSignal, after: string | null): AsyncIterable<SequenceFrame>;
  /** The newest lines of the kernel's console that Talos or its installer wrote, oldest first; null where it cannot be read. */
  console(): Promise<readonly string[] | null>;
  close(): void;
};

export type CordonMark = { by: string; unmarked: boolean };

export type KubernetesPort = {
  node(name: string, signal: AbortSignal): Promise<KubernetesNode | null>;
  /** Cordons it in the name of `by`; a cordon of somebody else is left as it is. `unmarked`: one without a mark counts as ours. */
  cordon(name: string, mark: CordonMark, signal: AbortSignal): Promise<Taken>;
  /** Takes back a cordon that has this mark, and no other. */
  uncordon(name: string, mark: CordonMark, signal: AbortSignal): Promise<GivenBack>;
  drain(
    name: string,
    options: { timeoutMs: number; onProgress: (progress: DrainProgress) => Promise<void>; signal: AbortSignal },
  ): Promise<DrainOutcome>;
  close(): void;
};

export type CallAudit = {
  /** `node.reboot` */
  action: string;
  nodeId: string;
  nodeName: string;
  detail: Record<string, unknown>;
};

export type PlaneToHold = {
  runId: string;
  nodeId: string;
  name: string;
  clusterId: string;
  /** The boot that it is in. */
  bootId: string;
};

/** Everything outside of a run. Tests give it a fleet of their own. */
export type RunnerPorts = {
  openNode(nodeId: string, role: "reader" | "operator" | "admin", signal: AbortSignal): Promise<NodePort>;
  /** @throws AppError where the cluster's Kubernetes API cannot be had. */
  openKubernetes(clusterId: string, signal: AbortSignal): Promise<KubernetesPort>;
  /** etcd as read now; members that were taken away here and are not back are marked, but for the one on `nodeId`. */
  readEtcd(clusterId: string, signal: AbortSignal, nodeId: string): Promise<ClusterEtcd>;
  /**
   * Takes the cluster's one lock for a control plane that is about to go down; asked again, it stays taken. `ok: false`: somebody else
   * has it, in a sentence.
   */
  holdPlane(plane: PlaneToHold): Promise<{ ok: true } | { ok: false; sentence: string }>;
  /** Lets go of it: it was not taken down after all, or is back and proven. */
  releasePlane(plane: Pick<PlaneToHold, "nodeId" | "runId">): Promise<void>;
  clusterOf(nodeId: string): Promise<{ clusterId: string | null; size: number }>;
  /** GPU profiles that are assigned to a node. */
  profilesOf(nodeId: string): Promise<readonly GpuProfile[]>;
  /** Extensions (`siderolabs/…`) of a schematic that we hold; null where we do not. */
  extensionsOfSchematic(schematicId: string): Promise<readonly string[] | null>;
  /** Stores a snapshot of etcd in the data directory and gives its file name and size. */
  saveSnapshot(
    clusterId: string,
    nodeName: string,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<{ file: string; bytes: number }>;
  /** Throws when it cannot be written: then the call is not made. */
  auditIntent(call: CallAudit): Promise<string>;
  auditOutcome(
    intentId: string,
    result: { outcome: "succeeded" | "failed" | "unknown"; durationMs: number; errorCode?: string },
  ): Promise<void>;
  publish(frame: LiveFrame): void;
  /** Unexpected failures, for the log. */
  report(message: string, error: unknown): void;
  nowMs(): number;
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
};
