import type { Tone } from "@/components/ui/tone";
import type { RunNodeState, RunState, RunStep, RunSummary } from "@/lib/upgrades/schema";
import { runStateText } from "@/lib/upgrades/text";

export type Look = { tone: Tone; transitional?: boolean };

export const runStateLook: Record<RunState, Look> = {
  planned: { tone: "idle" },
  running: { tone: "info", transitional: true },
  paused: { tone: "warn" },
  cancelling: { tone: "warn", transitional: true },
  halted: { tone: "bad" },
  done: { tone: "ok" },
  cancelled: { tone: "idle" },
};

const notUpgraded: ReadonlySet<RunNodeState> = new Set(["failed", "rolled-back", "unknown"]);

/** A run's state in words: what was asked of it is said at once, and a run that lost nodes is not simply done. */
export function runStatus({ state, requested, nodes }: RunSummary): Look & { words: string } {
  const words = runStateText[state];
  if (state === "running" && requested === "pause")
    return { ...runStateLook.running, words: "Running, pauses after this node" };
  if (state === "running" && requested === "cancel")
    return { ...runStateLook.cancelling, words: runStateText.cancelling };
  const lost = nodes.filter((node) => notUpgraded.has(node.state)).length;
  if (state === "done" && lost > 0) return { tone: "warn", words: `Done, ${lost} not upgraded` };
  return { ...runStateLook[state], words };
}

export const runNodeLook: Record<RunNodeState, Look> = {
  queued: { tone: "idle" },
  pulling: { tone: "info", transitional: true },
  pulled: { tone: "idle" },
  installing: { tone: "info", transitional: true },
  draining: { tone: "info", transitional: true },
  rebooting: { tone: "info", transitional: true },
  proving: { tone: "info", transitional: true },
  uncordoning: { tone: "info", transitional: true },
  soaking: { tone: "info", transitional: true },
  done: { tone: "ok" },
  skipped: { tone: "idle" },
  failed: { tone: "bad" },
  "rolled-back": { tone: "bad" },
  unknown: { tone: "warn" },
};

/** Colours of the lanes: work of ours in bronze, what people feel in amber, the node's own in blue, the proof in green. */
export const stepLook: Record<RunStep, string> = {
  preflight: "border-line-strong bg-raised text-muted",
  pull: "border-accent bg-accent-soft text-accent",
  install: "border-accent bg-accent-soft text-accent",
  drain: "border-warn bg-warn-soft text-warn",
  reboot: "border-info bg-info-soft text-info",
  prove: "border-ok bg-ok-soft text-ok",
  uncordon: "border-ok bg-ok-soft text-ok",
  soak: "border-ok bg-ok-soft text-ok",
};
