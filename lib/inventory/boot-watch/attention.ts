import { type GpuRemedyFacts, remedyOfProof } from "../remedies/gpu-remedy";
import type { Remedy } from "../remedies/schema";
import type { Attention, NodeView } from "../schema";
import type { Holder, Passing, PassingStage } from "./schema";

type Subject = Pick<NodeView, "passing" | "stage" | "failedVolumes" | "proofs"> & GpuRemedyFacts;

const inWords: Record<PassingStage, string> = {
  booting: "Booting",
  installing: "Installing",
  rebooting: "Rebooting",
  "shutting-down": "Shutting down",
  resetting: "Resetting",
  upgrading: "Upgrading",
};

/** `6 min`, `1 h 10 min`. */
export function minutesText(durationMs: number): string {
  const minutes = Math.max(1, Math.floor(durationMs / 60_000));
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const withStop = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** `ext-nvidia-persistenced: Waiting for file "…" to exist`. */
export function holderText({ kind, name, message }: Holder): string {
  if (kind === "volume") return `volume ${name} failed${message ? `: ${message}` : ""}`;
  return message ? `${name}: ${message}` : name;
}

/** What holds a node in its stage, as one sentence. */
export function heldSentence({ stage, holders }: Pick<Passing, "stage" | "holders">): string {
  if (holders.length === 0) {
    return stage === "booting"
      ? "No service or condition is named that holds it."
      : "Talos names nothing that holds it.";
  }
  const told = holders.slice(0, 3).map(holderText).join("; ");
  const more = holders.length > 3 ? `; and ${holders.length - 3} more` : "";
  return `Held by ${withStop(`${told}${more}`)}`;
}

function remedyOf({ stage, holders }: Passing, view: Subject): Remedy {
  const { proofs } = view;
  const broken = proofs.find(({ state }) => state === "broken");
  const waits = holders.find(({ kind }) => kind === "service");
  if (holders.some(({ kind }) => kind === "volume")) return volumeRemedy;
  const mends = waits?.name.startsWith("ext-nvidia-") && broken ? remedyOfProof(broken, view) : null;
  if (mends) return { ...mends, sentence: `${broken?.why ?? ""} ${mends.sentence}`.trim() };
  if (waits?.name === "etcd") {
    return {
      kind: "open-services",
      sentence:
        "etcd has not come up: it waits for the cluster's bootstrap, or for the other control planes. See its log.",
    };
  }
  if (waits) return { kind: "open-services", sentence: `See what ${waits.name} waits for, and its log.` };
  return stage === "booting"
    ? { kind: "open-services", sentence: "Look at the services, and at the log of machined." }
    : { kind: "open-kernel-log", sentence: "Look at the kernel log: Talos writes there what its sequence does." };
}

const volumeRemedy: Remedy = {
  kind: "by-hand",
  sentence:
    "Ichor does not change disks. See what Talos says of the volume, then mend the disk or the volume's config.",
};

/** A volume that Talos could not bring up: told at once, since it does not pass. */
function volumes({ failedVolumes, stage }: Subject): Attention[] {
  return failedVolumes.map(({ id, error }) => ({
    kind: "held",
    tone: "bad",
    sentence: `Volume ${id} failed: ${withStop(error || "Talos does not say why")}${stage === "booting" ? " It holds the boot." : ""}`,
    detail: volumeRemedy.sentence,
    remedy: volumeRemedy,
  }));
}

/** A stage that does not pass as it should, with what holds it and what Talos will do. */
export function heldAttention(view: Subject, nowMs: number): Attention[] {
  const { passing } = view;
  const failed = volumes(view);
  if (failed.length > 0) return failed;
  if (passing === null || passing.late === "no") return [];
  const remedy = remedyOf(passing, view);
  const overdue = passing.late === "overdue";
  const leftMs = passing.rebootsAtMs === null ? null : passing.rebootsAtMs - nowMs;
  const ends =
    leftMs === null
      ? ""
      : leftMs > 0
        ? ` Talos reboots it in about ${minutesText(leftMs)}.`
        : " Talos is due to reboot it.";
  return [
    {
      kind: "held",
      tone: overdue ? "bad" : "info",
      sentence: `${inWords[passing.stage]} for ${minutesText(nowMs - passing.sinceMs)}. ${heldSentence(passing)}`,
      detail: `${remedy.sentence}${overdue ? ends : ""}`,
      remedy,
    },
  ];
}
