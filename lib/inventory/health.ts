import type { GpuDevice, GpuProof } from "@/lib/gpu/schema";
import type { Fallback } from "./node-state";
import type { Attention, MachineStage, NodeView } from "./schema";

const dayMs = 24 * 3_600_000;

/** Everything that attention is derived from; a whole view without its own attention. */
export type HealthInput = Omit<NodeView, "attention"> & {
  replacedByUuid: string | null;
  fallback: Fallback | null;
};

export const stageWords: Record<MachineStage, string> = {
  unknown: "Unknown",
  booting: "Booting",
  installing: "Installing",
  maintenance: "Maintenance",
  running: "Running",
  rebooting: "Rebooting",
  "shutting-down": "Shutting down",
  resetting: "Resetting",
  upgrading: "Upgrading",
};

/** Stages that pass by themselves: no attention while one lasts. */
const passing = new Set<MachineStage>([
  "booting",
  "installing",
  "rebooting",
  "shutting-down",
  "resetting",
  "upgrading",
]);

/** Reachability and stage in one phrase, `Unreachable (was Running)`; unreachable replaces the stage. */
export function statusSentence(view: Pick<NodeView, "reachability" | "stage" | "ready" | "unmetConditions">): string {
  switch (view.reachability.state) {
    case "never-seen":
      return "Never seen";
    case "connecting":
      return view.stage === "unknown" ? "Connecting" : `Connecting (was ${stageWords[view.stage]})`;
    case "unreachable":
      return view.stage === "unknown" ? "Unreachable" : `Unreachable (was ${stageWords[view.stage]})`;
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

function gpuAttention(gpus: readonly GpuDevice[], proofs: readonly GpuProof[]): Attention[] {
  const groups = new Map<string, { proof: GpuProof; gpus: GpuDevice[] }>();
  for (const proof of proofs) {
    if (proof.state !== "broken" && proof.state !== "no-profile") continue;
    const gpu = gpus.find(({ pciAddress }) => pciAddress === proof.pciAddress);
    if (!gpu) continue;
    const key = `${proof.state} ${proof.why ?? ""}`;
    const group = groups.get(key) ?? { proof, gpus: [] };
    group.gpus.push(gpu);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ proof, gpus: cards }) => {
    const why = proof.why ?? (proof.state === "no-profile" ? "No GPU profile is assigned." : "The GPU does not work.");
    return {
      kind: "gpu-not-working",
      tone: proof.state === "broken" ? "bad" : "warn",
      sentence: `${cardNames(cards)}: ${why}`,
      detail: proof.remedy?.sentence ?? "",
    };
  });
}

function certificateAttention(expiresMs: number | null, nowMs: number): Attention[] {
  // Reader certificates are short-lived and renewed by themselves; one that nears its end could not be renewed.
  if (expiresMs === null || expiresMs - nowMs > 1 * dayMs) return [];
  const expired = expiresMs <= nowMs;
  return [
    {
      kind: "certificate",
      tone: expired ? "bad" : "warn",
      sentence: expired ? "The client certificate has expired." : "The client certificate expires within a day.",
      detail: "Import a fresh talosconfig of the cluster, or its secrets, so that Ichor can renew it.",
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
  return [
    {
      kind: "rolled-back",
      tone: "bad",
      sentence: `The upgrade to ${wanted} did not boot: Talos fell back to ${fromVersion}${fromVersion === toVersion ? " with the old one" : ""}.`,
      detail: "The run's log has what the node said. Another attempt overwrites the image that works.",
    },
  ];
}

/** What needs a person, worst first. Nothing is derived from facts that are stale, except that they are. */
export function attentionOf(
  view: HealthInput,
  { nowMs, renewable }: { nowMs: number; renewable: boolean },
): Attention[] {
  const { reachability, stage } = view;
  if (view.replacedByUuid !== null) {
    return [
      {
        kind: "replaced",
        tone: "bad",
        sentence: `Another machine answers at ${view.address}.`,
        detail: `Its UUID is ${view.replacedByUuid}; this node's is ${view.hardware?.uuid ?? "another"}. Remove the node and add the new machine if it was replaced on purpose.`,
      },
    ];
  }
  if (reachability.state === "unreachable") {
    if (passing.has(stage) && view.runId !== null) return [];
    return [
      { kind: "unreachable", tone: "bad", sentence: `${statusSentence(view)}.`, detail: reachability.reason },
      ...(renewable ? [] : certificateAttention(view.certificateExpiresMs, nowMs)),
    ];
  }
  if (reachability.state !== "reachable") return [];

  const found: Attention[] = [];
  for (const error of view.etcd?.errors ?? []) {
    found.push({
      kind: "etcd",
      tone: "bad",
      sentence: `etcd: ${error}`,
      detail: "Reads and writes of the cluster may fail.",
    });
  }
  if (!passing.has(stage)) found.push(...fallbackAttention(view));
  if (!passing.has(stage) && stage !== "maintenance") found.push(...gpuAttention(view.gpus, view.proofs));
  if (stage === "running" && !view.ready) {
    const conditions = view.unmetConditions.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
    found.push({ kind: "not-ready", tone: "warn", sentence: `${statusSentence(view)}.`, detail: conditions });
  }
  if (view.drift.length > 0 && view.runId === null) {
    found.push({ kind: "drift", tone: "info", sentence: view.drift[0] ?? "", detail: view.drift.slice(1).join(" ") });
  }
  if (stage === "maintenance") {
    const cards = view.gpus.length > 0 ? ` It has ${cardNames(view.gpus)}.` : "";
    found.push({
      kind: "waiting",
      tone: "info",
      sentence: "Waiting in maintenance mode for a config.",
      detail: `Adopt it into a cluster.${cards}`,
    });
  }
  if (!renewable) found.push(...certificateAttention(view.certificateExpiresMs, nowMs));
  return found;
}
