import type { Tone } from "@/components/ui/tone";
import type { RunNodeState, RunState, RunStep } from "@/lib/upgrades/schema";

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
