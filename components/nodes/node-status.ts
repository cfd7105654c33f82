import { stageWords } from "@/lib/inventory/stage-words";
import type { Attention, MachineStage, NodeView } from "@/lib/inventory/schema";
import type { RunNodeState, RunSummary } from "@/lib/upgrades/schema";
import type { Tone } from "@/components/ui/tone";
import { worstProof } from "./node-gpus";
import { reachReason } from "./reach-reason";

/** Groups that the fleet is counted and filtered by. */
export const statusGroups = ["ready", "attention", "changing", "waiting", "unreachable", "unknown"] as const;
export type StatusGroup = (typeof statusGroups)[number];

export const groupWords: Record<StatusGroup, string> = {
  ready: "Running",
  attention: "Needs attention",
  changing: "Changing",
  waiting: "Waiting for config",
  unreachable: "Unreachable",
  unknown: "Not known",
};
export const groupTones: Record<StatusGroup, Tone> = {
  ready: "ok",
  attention: "warn",
  changing: "info",
  waiting: "idle",
  unreachable: "bad",
  unknown: "idle",
};

/** What may need a person, as a heading. */
export const attentionTitles: Record<Attention["kind"], string> = {
  "gpu-not-working": "GPU not working",
  unreachable: "Unreachable",
  misbehaving: "Misbehaving",
  drift: "Drift",
  waiting: "Waiting",
  "not-ready": "Not ready",
  replaced: "Replaced",
  etcd: "etcd",
  certificate: "Certificate",
  "rolled-back": "Rolled back",
  held: "Held",
  install: "Not installed",
  "no-config": "No config",
};

export type NodeStatus = {
  group: StatusGroup;
  tone: Tone;
  /** `Running, GPU not working` */
  words: string;
  reason: string | null;
  /** On its way by itself. */
  transitional: boolean;
};

type Passing = Exclude<MachineStage, "running" | "maintenance" | "unknown">;
const passingTones: Record<Passing, Tone> = {
  booting: "info",
  installing: "info",
  upgrading: "info",
  rebooting: "info",
  "shutting-down": "warn",
  resetting: "warn",
};
const isPassing = (stage: MachineStage): stage is Passing => stage in passingTones;

/** States of a node in a run during which the node itself is being changed. */
const runWords: Partial<Record<RunNodeState, string>> = {
  pulling: "pulling",
  installing: "installing",
  draining: "draining",
  rebooting: "rebooting",
  proving: "proving",
  uncordoning: "uncordoning",
  soaking: "settling",
};

/** The run's word for a node that it is working on, null where it only waits. */
export function runPhase(nodeId: string, run: RunSummary | undefined): string | null {
  const state = run?.nodes.find((node) => node.nodeId === nodeId)?.state;
  return (state && runWords[state]) ?? null;
}

const attentionWords: Partial<Record<NodeView["attention"][number]["kind"], { words: string; tone: Tone }>> = {
  replaced: { words: "Another machine answers", tone: "bad" },
  etcd: { words: "Running, etcd alarm", tone: "bad" },
  "gpu-not-working": { words: "Running, GPU not working", tone: "bad" },
  "rolled-back": { words: "Running, rolled back", tone: "bad" },
  drift: { words: "Running, drift", tone: "warn" },
  certificate: { words: "Running, certificate ends", tone: "warn" },
};

const settled = (group: StatusGroup, tone: Tone, words: string, reason: string | null = null): NodeStatus => ({
  group,
  tone,
  words,
  reason,
  transitional: false,
});

/** `2 GPUs: driver refuses the card`; null where no GPU has anything broken. */
function gpuReason({ proofs }: NodeView): string | null {
  const worst = worstProof(proofs);
  if (!worst?.brief) return null;
  if (proofs.length === 1) return worst.brief;
  const alike = proofs.filter(({ state, brief }) => state === worst.state && brief === worst.brief).length;
  return `${alike === 1 ? "1 GPU" : `${alike} GPUs`}: ${worst.brief}`;
}

/** The service or volume that holds a boot. */
function holderReason({ passing }: NodeView): string | null {
  const first = passing?.holders.find(({ kind }) => kind !== "condition");
  return first ? `${first.name}: ${first.message}` : null;
}

/** What keeps a node from being ready, the first of it. */
function unmetReason({ unmetConditions: [first] }: NodeView): string | null {
  return first ? `${first.name}: ${first.reason}` : null;
}

function runningStatus(node: NodeView): NodeStatus {
  for (const kind of ["replaced", "etcd", "gpu-not-working", "rolled-back"] as const) {
    const found = node.attention.find((item) => item.kind === kind);
    const look = found && attentionWords[kind];
    if (!look) continue;
    const noProfile = kind === "gpu-not-working" && found.tone !== "bad";
    return settled(
      "attention",
      noProfile ? "warn" : look.tone,
      noProfile ? "Running, no GPU profile" : look.words,
      (kind === "gpu-not-working" && gpuReason(node)) || found.sentence,
    );
  }
  if (!node.ready) return settled("attention", "warn", "Running, not ready", unmetReason(node));
  for (const kind of ["drift", "certificate"] as const) {
    const found = node.attention.find((item) => item.kind === kind);
    const look = found && attentionWords[kind];
    if (look) return settled("attention", look.tone, look.words, found.sentence);
  }
  return settled("ready", "ok", "Running");
}

/**
 * The group that a node is counted, filtered and sorted by. `inWork` says that a run is at work on the node now: then it
 * changes, whatever else is to be said of it.
 */
export function statusGroup(node: NodeView, inWork: boolean): StatusGroup {
  const { state } = node.reachability;
  return inWork && (state === "reachable" || state === "unreachable") ? "changing" : nodeStatus(node).group;
}

/** Whether a node does its work, by Talos' own word; it may need a person all the same. */
export const isReady = ({ reachability, stage, ready }: NodeView): boolean =>
  reachability.state === "reachable" && stage === "running" && ready;

/** The nodes that a run is at work on now, by id. */
export const nodesInWork = (nodes: readonly NodeView[], runs: readonly RunSummary[]): ReadonlySet<string> =>
  new Set(
    nodes
      .filter(
        ({ id, runId }) =>
          runId !== null &&
          runPhase(
            id,
            runs.find((run) => run.id === runId),
          ) !== null,
      )
      .map(({ id }) => id),
  );

/** What a node is, in words, with tone and reason: reachability first, then a run that works on it, then its stage. */
export function nodeStatus(node: NodeView, run?: RunSummary): NodeStatus {
  const { reachability, stage } = node;
  const phase = runPhase(node.id, run);
  switch (reachability.state) {
    case "never-seen":
      return settled("unknown", "idle", "Never seen", "registered ahead");
    case "connecting":
      return { ...settled("unknown", "idle", "Connecting"), transitional: true };
    case "unreachable": {
      if (phase)
        return { ...settled("changing", "info", `Upgrading · ${phase}`, reachability.reason), transitional: true };
      const was = stage === "unknown" ? "" : ` (was ${stageWords[stage]})`;
      const word = reachability.kind === "misbehaving" ? "Misbehaving" : "Unreachable";
      return settled("unreachable", "bad", `${word}${was}`, reachReason(reachability.reason));
    }
    case "reachable":
      if (phase) return { ...settled("changing", "info", `Upgrading · ${phase}`), transitional: true };
      if (isPassing(stage)) {
        const install = node.attention.find(({ kind }) => kind === "install");
        if (install) return settled("attention", "bad", "Not installed", install.sentence);
        const held = node.attention.find(({ kind, tone }) => kind === "held" && tone === "bad");
        if (held) return settled("attention", "bad", `${stageWords[stage]}, held`, held.sentence);
        // A boot may wait for long: a control plane's for the bootstrap of its cluster, NVIDIA's toolkit for a driver.
        const reason = stage === "booting" ? (holderReason(node) ?? unmetReason(node)) : null;
        return { ...settled("changing", passingTones[stage], stageWords[stage], reason), transitional: true };
      }
      if (stage === "maintenance") {
        return node.attention.some(({ kind }) => kind === "no-config")
          ? settled("attention", "warn", "No config any more", "maintenance mode")
          : settled("waiting", "idle", "Waiting for config", "maintenance mode");
      }
      return stage === "running" ? runningStatus(node) : settled("unknown", "idle", "Unknown");
  }
}
