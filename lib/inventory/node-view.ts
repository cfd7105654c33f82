import { shownCommandLine } from "@/lib/gpu/meaning/kernel-args";
import type { GpuProof } from "@/lib/gpu/schema";
import { telemetryOfAll, type TelemetryState } from "@/lib/gpu/telemetry";
import { configViewOf, driftOf } from "./drift/drift";
import { adoptionSteps } from "./adoption/steps";
import { passingOf } from "./boot-watch/watch";
import type { NodeFacts } from "./facts";
import { attentionOf } from "./health";
import type { NodeRecord, NodeState } from "./node-state";
import type { NodeView } from "./schema";
import { shownWords } from "./shown-words";

/** What lib/gpu makes of a node's facts and intent. */
export type GpuVerdict = {
  proofs: GpuProof[];
  suggestion: NodeView["suggestion"];
  /** Cards of the boot before that are not on the bus any more; each has a proof that says so. */
  goneGpus: NodeView["goneGpus"];
  /** Profiles to assign together so that every card has one that drives it; empty where nothing is to be assigned. */
  assignment: string[];
};

export type ViewOptions = {
  nowMs: number;
  /** Can Ichor renew the client certificate of this node's cluster by itself? */
  renewable: boolean;
  /** Are the loads of GPUs read? */
  gpuTelemetry: boolean;
  gpu: GpuVerdict;
};

function telemetryState({ record, reachability }: NodeState, on: boolean): TelemetryState {
  if (!on) return "off";
  if (record.clusterId === null) return "no-cluster";
  return reachability.state === "reachable" ? "awaited" : "unreachable";
}

const toldAfterJoiningMs = 15 * 60_000;

const nameOf = (record: NodeRecord, facts: NodeFacts): string =>
  facts.hostname ?? record.hostname ?? record.address?.replace(/:50000$/, "") ?? "unnamed machine";

/** Where an adoption stands; told until a while after the machine has joined. */
function adoptionOf({ facts, record, reachability }: NodeState, { proofs }: GpuVerdict, nowMs: number) {
  const { adoption: course } = facts;
  if (course === null || record.clusterId === null) return null;
  const steps = adoptionSteps({ ...facts, course, reachability, proofs, recordedSchematicId: record.schematicId });
  if (course.joinedAtMs !== null && nowMs - course.joinedAtMs > toldAfterJoiningMs) return null;
  return { startedAtMs: course.startedAtMs, joined: course.joinedAtMs !== null, steps };
}

/** The state of a node as the browser sees it. Pure. */
export function nodeViewOf(state: NodeState, { nowMs, renewable, gpuTelemetry, gpu }: ViewOptions): NodeView {
  const { record, facts, reachability } = state;
  const { hostname: _hostname, evidence: _evidence, talosClusterId: _cluster, ...read } = facts;
  const { config: _config, configUnread: _unread, runningSchematic: _schematic, ...other } = read;
  const { unattendedInstall: _install, adoption: _course, stageSinceMs: _stage, ...left } = other;
  const { bootedAtMs: _booted, servicesSinceMs: _services, gpusGone: _gpus, ...shown } = left;
  const withoutAttention = {
    ...shown,
    kernelCmdline: facts.kernelCmdline === null ? null : shownCommandLine(facts.kernelCmdline),
    // Counters are read most often of all.
    readAtMs: state.counters ? Math.max(facts.readAtMs ?? 0, state.counters.atMs) : facts.readAtMs,
    id: record.id,
    clusterId: record.clusterId,
    clusterName: record.clusterName,
    name: nameOf(record, facts),
    address: record.address ?? "",
    role: facts.role === "unknown" ? record.role : facts.role,
    reachability,
    ...shownWords(facts, gpu.proofs),
    goneGpus: gpu.goneGpus,
    suggestion: gpu.suggestion,
    assignment: gpu.assignment,
    telemetry: telemetryOfAll(facts.gpus, state.telemetry, telemetryState(state, gpuTelemetry)),
    counters: state.counters,
    cpuHistory: state.cpuHistory,
    intent: {
      hostname: record.hostname,
      profileIds: record.profiles.map(({ id }) => id),
      profileNames: record.profiles.map(({ name }) => name),
      schematicId: record.schematicId,
      schematicRegistered: record.schematicRegistered,
      installImage: record.installImage,
      asFound: record.asFound,
      configHash: record.configHash,
    },
    maintenanceFingerprint: record.maintenanceFingerprint,
    certificateExpiresMs: state.certificateExpiresMs,
    drift: driftOf(facts, record),
    config: configViewOf(facts, record),
    runId: state.runId,
    hold: state.hold,
    drain: state.drain,
    adoption: adoptionOf(state, gpu, nowMs),
    passing: passingOf(facts, nowMs),
  };
  const health = { ...withoutAttention, replacedByUuid: state.replacedByUuid, fallback: state.fallback };
  return { ...withoutAttention, attention: attentionOf(health, { nowMs, renewable }) };
}
