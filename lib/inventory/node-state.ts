import { isDeepStrictEqual } from "node:util";
import type { GpuProfile } from "@/lib/gpu/profile-schema";
import type { GpuCourse, GpuTelemetry } from "@/lib/gpu/schema";
import { withCourse } from "@/lib/gpu/telemetry";
import { goneAfter } from "./cards/gone";
import { advanceCourse, beginCourse } from "./adoption/course";
import { noEvidence, noFacts, type NodeFacts } from "./facts";
import type { DrainView, HoldView, NodeCounters, NodeRole, Reachability } from "./schema";

/** What we have recorded of a node: identity and intent, from the database. */
export type NodeRecord = {
  id: string;
  clusterId: string | null;
  clusterName: string | null;
  /** `host:port` that we dial; null while only registered ahead. */
  address: string | null;
  machineUuid: string | null;
  macs: string[];
  role: NodeRole;
  /** Name given on registration or adoption. */
  hostname: string | null;
  profiles: GpuProfile[];
  schematicId: string | null;
  schematicRegistered: boolean;
  installImage: string | null;
  /** What is recorded was taken from what ran; nobody has asked for it. */
  asFound: boolean;
  configHash: string | null;
  maintenanceFingerprint: string | null;
};

/** How the last upgrade of a node ended, where Talos booted what it was before. */
export type Fallback = { fromVersion: string; toVersion: string; toSchematicId: string };

export type NodeState = {
  record: NodeRecord;
  reachability: Reachability;
  facts: NodeFacts;
  counters: NodeCounters | null;
  cpuHistory: (number | null)[];
  telemetry: GpuCourse[];
  /** Expiry of the client certificate that we read with. */
  certificateExpiresMs: number | null;
  /** UUID of another machine that answers at this node's address. */
  replacedByUuid: string | null;
  runId: string | null;
  hold: HoldView | null;
  drain: DrainView | null;
  fallback: Fallback | null;
};

export type Reading =
  | { kind: "record"; atMs: number; record: NodeRecord }
  | { kind: "connecting"; atMs: number }
  | {
      kind: "reached";
      atMs: number;
      certificateExpiresMs: number | null;
      /** Of the certificate shown in maintenance mode; null over mTLS. */
      fingerprint: string | null;
    }
  | { kind: "lost"; atMs: number; reason: string; errorKind: string }
  | { kind: "identity"; uuid: string }
  | { kind: "facts"; atMs: number; facts: Partial<NodeFacts> }
  | { kind: "counters"; counters: NodeCounters; cpuHistory: (number | null)[] }
  | { kind: "telemetry"; telemetry: GpuTelemetry[] }
  /** It took its first config. */
  | { kind: "adopted"; atMs: number }
  | { kind: "run"; runId: string | null }
  | { kind: "hold"; hold: HoldView | null }
  | { kind: "drain"; drain: DrainView | null }
  | { kind: "fallback"; fallback: Fallback };

/** Nobody dials a node without an address: one that was read before is away until it is found somewhere. */
function withoutAddress(facts: NodeFacts, sinceMs: number): Reachability {
  if (facts.readAtMs === null) return { state: "never-seen" };
  const reason = "Another machine has its address now, and it was found at no other one.";
  return { state: "unreachable", sinceMs, reason, kind: "no-address", lastSeenMs: facts.readAtMs };
}

/** A node as it stands when the server starts: stored facts with their age, and nobody has dialled yet. */
export function initialNodeState(record: NodeRecord, facts: NodeFacts = noFacts): NodeState {
  return {
    record,
    reachability: record.address === null ? withoutAddress(facts, facts.readAtMs ?? 0) : { state: "never-seen" },
    facts,
    counters: null,
    cpuHistory: [],
    telemetry: [],
    certificateExpiresMs: null,
    replacedByUuid: null,
    runId: null,
    hold: null,
    drain: null,
    fallback: null,
  };
}

function withRecord(state: NodeState, atMs: number, record: NodeRecord): NodeState {
  if (record.address === state.record.address) return { ...state, record };
  // What was found at the old address says nothing of the new one.
  const reachability: Reachability =
    record.address === null ? withoutAddress(state.facts, atMs) : { state: "connecting", sinceMs: atMs };
  return { ...state, record, reachability, telemetry: [], replacedByUuid: null };
}

const sameUuid = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

function withFacts(state: NodeState, atMs: number, facts: Partial<NodeFacts>): NodeState {
  const before = state.facts;
  const rebooted = facts.bootId != null && before.bootId !== null && facts.bootId !== before.bootId;
  // What was read of the kernel belongs to one boot: after the next one it is not known until it is read again.
  const forgotten = {
    kernelModules: null,
    evidence: { ...noEvidence, nvSwitch: before.evidence.nvSwitch },
    etcd: null,
    // A boot takes what was staged.
    config: before.config?.staged ? null : before.config,
    unattendedInstall: null,
    failedVolumes: [],
    bootedAtMs: null,
    servicesSinceMs: null,
  };
  const kept = rebooted ? { ...before, ...forgotten } : before;
  const began = (facts.stage !== undefined && facts.stage !== before.stage) || (rebooted && facts.stage !== undefined);
  const next = {
    ...kept,
    stageSinceMs: began ? atMs : (kept.stageSinceMs ?? atMs),
    gpusGone: goneAfter(
      { gpus: before.gpus, gone: before.gpusGone },
      // Before 1.14 no boot has an ID: there a boot begins with its stage.
      { gpus: facts.gpus, newBoot: rebooted || (before.bootId === null && began && facts.stage === "booting") },
    ),
    ...facts,
    readAtMs: Math.max(atMs, before.readAtMs ?? 0),
  };
  const adoption = next.adoption && advanceCourse(next.adoption, next, atMs);
  return { ...state, facts: { ...next, adoption } };
}

/**
 * The state after a reading. Pure: time comes with the reading. While another machine answers at the address (its SMBIOS
 * UUID differs), readings of facts are refused, so that the node's own last facts stay.
 */
export function reduceNode(state: NodeState, reading: Reading): NodeState {
  switch (reading.kind) {
    case "record":
      return withRecord(state, reading.atMs, reading.record);
    case "connecting":
      // A node that is known to be away stays so until it answers; each try is no news.
      if (state.reachability.state === "unreachable" || state.reachability.state === "connecting") return state;
      return { ...state, reachability: { state: "connecting", sinceMs: reading.atMs } };
    case "reached": {
      const { certificateExpiresMs, fingerprint: maintenanceFingerprint } = reading;
      const record =
        state.record.maintenanceFingerprint === maintenanceFingerprint
          ? state.record
          : { ...state.record, maintenanceFingerprint };
      const since = state.reachability.state === "reachable" ? state.reachability.sinceMs : reading.atMs;
      return { ...state, record, certificateExpiresMs, reachability: { state: "reachable", sinceMs: since } };
    }
    case "lost": {
      const sinceMs = state.reachability.state === "unreachable" ? state.reachability.sinceMs : reading.atMs;
      const lastSeenMs = state.facts.readAtMs;
      const { reason, errorKind: kind } = reading;
      // A load that was is no load that is; facts settle, this does not.
      return { ...state, telemetry: [], reachability: { state: "unreachable", sinceMs, reason, kind, lastSeenMs } };
    }
    case "identity": {
      const known = state.record.machineUuid;
      if (known === null) return { ...state, record: { ...state.record, machineUuid: reading.uuid.toLowerCase() } };
      return { ...state, replacedByUuid: sameUuid(known, reading.uuid) ? null : reading.uuid };
    }
    case "facts":
      return state.replacedByUuid === null ? withFacts(state, reading.atMs, reading.facts) : state;
    case "counters":
      if (state.replacedByUuid !== null) return state;
      return { ...state, counters: reading.counters, cpuHistory: reading.cpuHistory };
    case "telemetry":
      if (state.replacedByUuid !== null) return state;
      return { ...state, telemetry: withCourse(state.telemetry, reading.telemetry) };
    case "adopted":
      return { ...state, facts: { ...state.facts, adoption: beginCourse(reading.atMs, state.facts.bootId) } };
    case "run":
      // A new run is a new attempt: how the last one ended counts no more.
      return { ...state, runId: reading.runId, fallback: reading.runId === null ? state.fallback : null };
    case "hold":
      return isDeepStrictEqual(state.hold, reading.hold) ? state : { ...state, hold: reading.hold };
    case "drain":
      return isDeepStrictEqual(state.drain, reading.drain) ? state : { ...state, drain: reading.drain };
    case "fallback":
      return { ...state, fallback: reading.fallback };
  }
}
