import { remedyOfCondition } from "./remedies/condition-remedy";
import { installAttention, isAdopting, waitingAttention } from "./adoption/attention";
import { heldAttention } from "./boot-watch/attention";
import { passingStages } from "./boot-watch/schema";
import type { GpuDevice, GpuProof } from "@/lib/gpu/schema";
import { remedyWhenAway } from "./remedies/away-remedy";
import { isChange, remedyOfProof } from "./remedies/gpu-remedy";
import type { Remedy } from "./remedies/schema";
import type { Fallback } from "./node-state";
import type { Attention, MachineStage, NodeView } from "./schema";
import { stageWords } from "./stage-words";

const dayMs = 24 * 3_600_000;

/** Everything that attention is derived from; a whole view without its own attention. */
export type HealthInput = Omit<NodeView, "attention"> & {
  replacedByUuid: string | null;
  fallback: Fallback | null;
};

const isPassing = (stage: MachineStage): boolean => (passingStages as readonly string[]).includes(stage);

/** Reachability and stage in one phrase, `Unreachable (was Running)`; unreachable replaces the stage. */
export function statusSentence(view: Pick<NodeView, "reachability" | "stage" | "ready" | "unmetConditions">): string {
  switch (view.reachability.state) {
    case "never-seen":
      return "Never seen";
    case "connecting":
      return view.stage === "unknown" ? "Connecting" : `Connecting (was ${stageWords[view.stage]})`;
    case "unreachable": {
      const word = view.reachability.kind === "misbehaving" ? "Misbehaving" : "Unreachable";
      return view.stage === "unknown" ? word : `${word} (was ${stageWords[view.stage]})`;
    }
    case "reachable":
      if (view.stage !== "running" || view.ready) return stageWords[view.stage];
      return `Running, not ready: ${conditionCount(view.unmetConditions.length)}`;
  }
}

const conditionCount = (count: number): string => (count === 1 ? "1 condition" : `${count} conditions`);

/** `GTX 1080 Ti ×2`. */
function cardNames(gpus: readonly GpuDevice[]): string {
  const counts = new Map<string, number>();
  for (const { model } of gpus) counts.set(model, (counts.get(model) ?? 0) + 1);
  return [...counts].map(([model, count]) => (count === 1 ? model : `${model} ×${count}`)).join(", ");
}

function gpuAttention(view: HealthInput): Attention[] {
  const { proofs } = view;
  const gpus = [...view.gpus, ...view.goneGpus];
  const groups = new Map<string, { proof: GpuProof; remedy: Remedy; gpus: GpuDevice[] }>();
  for (const proof of proofs) {
    const remedy = remedyOfProof(proof, view);
    const gpu = gpus.find(({ pciAddress }) => pciAddress === proof.pciAddress);
    if (!gpu || !remedy || (proof.state !== "broken" && proof.state !== "no-profile")) continue;
    const key = `${proof.state} ${proof.why ?? ""}`;
    const group = groups.get(key) ?? { proof, remedy, gpus: [] };
    group.gpus.push(gpu);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ proof, remedy, gpus: cards }) => {
    const why = proof.why ?? (proof.state === "no-profile" ? "No GPU profile is assigned." : "The GPU does not work.");
    return {
      kind: "gpu-not-working",
      tone: proof.state === "broken" ? "bad" : "warn",
      sentence: `${cardNames(cards)}: ${why}`,
      detail: remedy.sentence,
      remedy,
    };
  });
}

function certificateAttention({ certificateExpiresMs: expiresMs, clusterId }: HealthInput, nowMs: number): Attention[] {
  // Reader certificates are short-lived and renewed by themselves; one that nears its end could not be renewed.
  if (expiresMs === null || expiresMs - nowMs > 1 * dayMs) return [];
  const expired = expiresMs <= nowMs;
  const sentence = "Import a fresh talosconfig of the cluster, or its secrets, so that Ichor can renew it.";
  return [
    {
      kind: "certificate",
      tone: expired ? "bad" : "warn",
      sentence: expired ? "The client certificate has expired." : "The client certificate expires within a day.",
      detail: sentence,
      remedy: clusterId === null ? { kind: "by-hand", sentence } : { kind: "renew-credentials", clusterId, sentence },
    },
  ];
}

/** The last upgrade fell back, and what it wanted does not run since. */
function fallbackAttention({ fallback, runId, talosVersion, runningSchematicId }: HealthInput): Attention[] {
  if (fallback === null || runId !== null || talosVersion === null) return [];
  const { toVersion, toSchematicId, fromVersion } = fallback;
  if (talosVersion === toVersion && (runningSchematicId ?? toSchematicId) === toSchematicId) return [];
  // Changed since by other means: then its last run tells nothing of it.
  if (talosVersion !== fromVersion) return [];
  const wanted = fromVersion === toVersion ? "its new schematic" : toVersion;
  const sentence =
    "Find out first why it did not boot: the run's log has what the node said. Another attempt overwrites the image that works.";
  return [
    {
      kind: "rolled-back",
      tone: "bad",
      sentence: `The upgrade to ${wanted} did not boot: Talos fell back to ${fromVersion}${fromVersion === toVersion ? " with the old one" : ""}.`,
      detail: sentence,
      remedy: { kind: fromVersion === toVersion ? "upgrade" : "upgrade-talos", sentence },
    },
  ];
}

function replacedAttention(view: HealthInput): Attention {
  const detail = `Its UUID is ${view.replacedByUuid}; this node's is ${view.hardware?.uuid ?? "another"}. Remove the node and add the new machine if it was replaced on purpose.`;
  return {
    kind: "replaced",
    tone: "bad",
    sentence: `Another machine answers at ${view.address}.`,
    detail,
    remedy: { kind: "replace-machine", sentence: detail },
  };
}

function etcdAttention({ etcd }: HealthInput): Attention[] {
  const sentence =
    "Reads and writes of the cluster may fail, and Ichor does not clear etcd's alarms: see etcd's log, make room, then use talosctl etcd alarm disarm.";
  return (etcd?.errors ?? []).map((error) => ({
    kind: "etcd",
    tone: "bad",
    sentence: `etcd: ${error}`,
    detail: sentence,
    remedy: { kind: "by-hand", sentence },
  }));
}

function readinessAttention(view: HealthInput): Attention[] {
  if (view.stage !== "running" || view.ready) return [];
  const detail = view.unmetConditions.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  const etcdFailed = view.services.some(({ id, state }) => id === "etcd" && state === "Failed");
  return [
    {
      kind: "not-ready",
      tone: "warn",
      sentence: `${statusSentence(view)}.`,
      detail,
      remedy: etcdFailed
        ? {
            kind: "by-hand",
            sentence:
              "Ichor does not repair etcd members. Its log says why it fails; a member that was removed joins again once its EPHEMERAL partition is wiped, while the other control planes are healthy.",
          }
        : (remedyOfCondition(view.unmetConditions) ?? {
            kind: "open-services",
            sentence: "Look at the service that the condition names, and at its log.",
          }),
    },
  ];
}

function driftAttention({ drift, config, runId, runningSchematicId, intent }: HealthInput): Attention[] {
  const [sentence, ...rest] = drift;
  if (sentence === undefined || runId !== null) return [];
  const image = runningSchematicId !== null && intent.schematicId !== null && runningSchematicId !== intent.schematicId;
  const loses = config.state === "known" && config.loses.length > 0;
  return [
    {
      kind: "drift",
      tone: loses ? "warn" : "info",
      sentence,
      detail: rest.join(" "),
      remedy:
        image && intent.asFound
          ? { kind: "record-running", sentence: "Record what runs, or upgrade the node into what is recorded." }
          : image
            ? { kind: "upgrade", sentence: "Upgrade the node into its recorded schematic: one install and a reboot." }
            : intent.installImage === null
              ? {
                  kind: "by-hand",
                  sentence:
                    "Nothing is recorded for it: name an image with its extensions in the config, or assign a profile.",
                }
              : { kind: "apply-config", sentence: "Apply the recorded installer image to the node's config." },
    },
  ];
}

/** One row per cause: what a change of the image will mend is not said again as drift, nor beside an upgrade that fell back. */
function oncePerCause(found: readonly Attention[]): Attention[] {
  const fellBack = found.some(({ kind }) => kind === "rolled-back");
  const changes = found.some(({ kind, remedy }) => kind === "gpu-not-working" && isChange(remedy));
  return found.filter(({ kind, remedy }) => {
    if (kind === "drift") return !fellBack && !changes;
    return kind !== "gpu-not-working" || !fellBack || !isChange(remedy);
  });
}

/** What needs a person, worst first, each with what mends it. Nothing is derived from facts that are stale, except that they are. */
export function attentionOf(
  view: HealthInput,
  { nowMs, renewable }: { nowMs: number; renewable: boolean },
): Attention[] {
  const { reachability, stage } = view;
  const adopting = isAdopting(view, nowMs);
  // What belongs to a node that works says nothing of one without a config, or one that gets its first.
  const inService = stage !== "maintenance" && !adopting;
  if (view.replacedByUuid !== null) return [replacedAttention(view)];
  const certificate = renewable ? [] : certificateAttention(view, nowMs);
  if (reachability.state === "unreachable") {
    const misbehaves = reachability.kind === "misbehaving";
    if (!misbehaves && ((isPassing(stage) && view.runId !== null) || adopting)) return [];
    const remedy = remedyWhenAway(reachability.kind, view.clusterId);
    const kind = misbehaves ? "misbehaving" : "unreachable";
    return [
      { kind, tone: "bad", sentence: `${statusSentence(view)}.`, detail: reachability.reason, remedy },
      ...certificate,
    ];
  }
  if (reachability.state !== "reachable") return [];
  const settled = !isPassing(stage);
  // Until it is installed, the steps of its adoption say where it is.
  const installed = view.adoption?.steps.find(({ id }) => id === "install")?.state === "done";
  const watched = stage !== "maintenance" && (!adopting || installed) && view.runId === null;
  return oncePerCause([
    ...installAttention(view),
    ...(watched ? heldAttention(view, nowMs) : []),
    ...etcdAttention(view),
    ...(settled && inService ? [...fallbackAttention(view), ...gpuAttention(view)] : []),
    ...(inService ? [...readinessAttention(view), ...driftAttention(view)] : []),
    ...waitingAttention(view, cardNames(view.gpus), nowMs),
    ...certificate,
  ]);
}
