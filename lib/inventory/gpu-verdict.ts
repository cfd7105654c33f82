import { proveGpu } from "@/lib/gpu/proof-chain";
import type { GpuEvidence } from "@/lib/gpu/proof-evidence";
import { suggestForNode } from "@/lib/gpu/suggest";
import type { NodeFacts } from "./facts";
import type { NodeRecord } from "./node-state";
import type { GpuVerdict } from "./node-view";

const archOf = (facts: NodeFacts): GpuEvidence["arch"] => (facts.architecture === "arm64" ? "arm64" : "amd64");

/** A node's facts and intent in the terms of the proof chain. */
export function evidenceOf(facts: NodeFacts, record: Pick<NodeRecord, "profiles">): GpuEvidence {
  const { evidence, runningSchematicId } = facts;
  return {
    ...evidence,
    talosVersion: facts.talosVersion,
    arch: archOf(facts),
    gpus: facts.gpus,
    profiles: record.profiles,
    runningSchematic:
      runningSchematicId === null
        ? null
        : { id: runningSchematicId, extensions: facts.runningSchematic?.extensions ?? null },
    // A running node always has some extension status, the schematic's own at least; none at all was not read.
    extensions: facts.extensions.length > 0 ? facts.extensions : null,
    modules: facts.kernelModules,
  };
}

/** Proof per GPU, and what profile to assign. Pure. */
export function gpuVerdict(facts: NodeFacts, record: Pick<NodeRecord, "profiles">): GpuVerdict {
  const { gpus } = facts;
  if (gpus.length === 0) return { proofs: [], suggestion: null };
  const evidence = evidenceOf(facts, record);
  const suggestion = suggestForNode(gpus, { talosVersion: facts.talosVersion, arch: evidence.arch });
  const profileId = suggestion?.profileIds[0];
  return {
    proofs: gpus.map((gpu) => proveGpu(gpu, evidence)),
    suggestion: suggestion && profileId !== undefined ? { profileId, reason: suggestion.reason } : null,
  };
}
