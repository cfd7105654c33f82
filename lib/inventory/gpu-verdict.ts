import { proveGpu } from "@/lib/gpu/proof-chain";
import type { GpuEvidence } from "@/lib/gpu/proof-evidence";
import type { GpuProfile } from "@/lib/gpu/profile-schema";
import { builtInProfile } from "@/lib/gpu/profiles";
import type { GpuProof } from "@/lib/gpu/schema";
import { suggestForNode } from "@/lib/gpu/suggest";
import { waitingServices } from "./boot-watch/waiting";
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
    waiting: waitingServices(facts.services),
  };
}

/** What the broken cards ask for, beside the profiles of the other vendors: an assignment replaces all that was assigned before. */
function assignmentOf(proofs: readonly GpuProof[], assigned: readonly GpuProfile[]): string[] {
  const wanted = proofs.flatMap(({ remedy }) =>
    remedy?.action.kind === "assign-profile" ? remedy.action.profileId : [],
  );
  const vendors = new Set(wanted.map((id) => builtInProfile(id)?.vendor));
  const kept = assigned.filter(({ vendor }) => vendor !== "none" && !vendors.has(vendor)).map(({ id }) => id);
  return wanted.length === 0 ? [] : [...new Set([...wanted, ...kept])];
}

/** Proof per GPU, and what profile to assign. Pure. */
export function gpuVerdict(facts: NodeFacts, record: Pick<NodeRecord, "profiles">): GpuVerdict {
  const { gpus } = facts;
  const goneGpus = facts.gpusGone.map(({ gpu }) => gpu);
  if (gpus.length + goneGpus.length === 0) return { proofs: [], suggestion: null, assignment: [], goneGpus };
  const evidence = evidenceOf(facts, record);
  const suggestion = suggestForNode(gpus, { talosVersion: facts.talosVersion, arch: evidence.arch });
  const profileId = suggestion?.profileIds[0];
  const proofs = [...gpus, ...goneGpus].map((gpu) => proveGpu(gpu, evidence));
  return {
    goneGpus,
    proofs,
    suggestion: suggestion && profileId !== undefined ? { profileId, ...suggestion } : null,
    assignment: assignmentOf(proofs, record.profiles),
  };
}
