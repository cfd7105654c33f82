import type { Attention, NodeView } from "../schema";

/** An adoption that goes well is over by then, slow firmware and a slow mirror included; until then its steps say where it is. */
const graceMs = 30 * 60_000;
/** A machine that just took its config is in maintenance mode for some seconds more. */
const configTakenMs = 2 * 60_000;

type Subject = Pick<NodeView, "adoption" | "stage" | "clusterId" | "clusterName">;

/** Is the machine still on its way to be a node? Then what a node in service would be blamed for says nothing of it. */
export const isAdopting = ({ adoption }: Pick<NodeView, "adoption">, nowMs: number): boolean =>
  adoption !== null && !adoption.joined && nowMs - adoption.startedAtMs < graceMs;

/** A first config whose installation does not go on: nothing else on the node tells of it. */
export function installAttention({ adoption }: Subject): Attention[] {
  const failure = adoption?.steps.find(({ id, state }) => id === "install" && state === "failed");
  if (!failure) return [];
  const sentence =
    "Talos tries it again and again. Apply a config with an installer image and a disk that it can use, or reset the machine.";
  return [
    {
      kind: "install",
      tone: "bad",
      sentence: `Talos is not installed: ${(failure.detail ?? "the installer failed").replace(/\.$/, "")}.`,
      detail: sentence,
      remedy: { kind: "apply-config", sentence },
    },
  ];
}

/**
 * A machine in maintenance mode: one that waits for its first config, or one that had a config and has none any more. `cards`
 * names its GPUs.
 */
export function waitingAttention(view: Subject, cards: string, nowMs: number): Attention[] {
  const { stage, adoption, clusterId, clusterName } = view;
  if (stage !== "maintenance") return [];
  if (adoption !== null && !adoption.joined && nowMs - adoption.startedAtMs < configTakenMs) return [];
  if (clusterId !== null) {
    return [
      {
        kind: "no-config",
        tone: "warn",
        sentence: "It has no config any more and waits in maintenance mode.",
        detail: "It was reset, or its disk was wiped or replaced.",
        remedy: { kind: "adopt", sentence: `Adopt it into ${clusterName ?? "its cluster"} again, or remove it.` },
      },
    ];
  }
  return [
    {
      kind: "waiting",
      tone: "info",
      sentence: "Waiting in maintenance mode for a config.",
      detail: `Adopt it into a cluster.${cards === "" ? "" : ` It has ${cards}.`}`,
      remedy: { kind: "adopt", sentence: "Adopt it into a cluster: its first config is made and sent." },
    },
  ];
}
