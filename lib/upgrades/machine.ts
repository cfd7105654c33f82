import type { RunNodeState, RunStep } from "./schema";

/**
 * One node of a run. The two flows differ in order: since 1.13 the installer runs before the drain and reboots nothing;
 * the older call installs and reboots in one, so that the drain has to come first.
 */
export type NodeFlow = "lifecycle" | "legacy";

export const nodeEvents = [
  "pull-started",
  "pulled",
  "turn",
  "installed",
  "drained",
  "returned",
  "proved",
  "uncordoned",
  "soaked",
  /** It runs the target already: nothing to do. */
  "already-there",
  /** It came back on its old version or schematic. */
  "rolled-back",
  /** What happened cannot be told; a person has to look. */
  "lost",
  "failed",
  /** A person asks for another attempt. */
  "retry",
] as const;
export type NodeEvent = (typeof nodeEvents)[number];

type Row = Partial<Record<NodeEvent, RunNodeState>>;

const anyFailure: Row = { failed: "failed", lost: "unknown" };
const afterReboot: Row = { ...anyFailure, "rolled-back": "rolled-back" };

const common = {
  // A node that was left in the middle may have reached its target, or fallen back, before it is taken up again; one that
  // reached it waits for its turn to be proven.
  queued: { "pull-started": "pulling", "already-there": "skipped", returned: "pulled", ...afterReboot },
  pulling: { pulled: "pulled", "already-there": "skipped", returned: "pulled", ...afterReboot },
  proving: { proved: "uncordoning", ...afterReboot },
  uncordoning: { uncordoned: "soaking", ...anyFailure },
  soaking: { soaked: "done", ...afterReboot },
  done: {},
  skipped: {},
  failed: { retry: "queued" },
  // Never again on that node and target: a second attempt would overwrite the slot that works.
  "rolled-back": {},
  unknown: { retry: "queued" },
} satisfies Partial<Record<RunNodeState, Row>>;

const tables: Record<NodeFlow, Record<RunNodeState, Row>> = {
  lifecycle: {
    ...common,
    pulled: { turn: "installing", "already-there": "skipped", returned: "proving", ...afterReboot },
    installing: { installed: "draining", returned: "proving", ...afterReboot },
    draining: { drained: "rebooting", returned: "proving", ...afterReboot },
    rebooting: { returned: "proving", ...afterReboot },
  },
  legacy: {
    ...common,
    pulled: { turn: "draining", "already-there": "skipped", returned: "proving", ...afterReboot },
    draining: { drained: "installing", returned: "proving", ...afterReboot },
    installing: { installed: "rebooting", returned: "proving", ...afterReboot },
    rebooting: { returned: "proving", ...afterReboot },
  },
};

/** The node's next state; null where the event cannot happen in this one. */
export const nextNodeState = (flow: NodeFlow, state: RunNodeState, event: NodeEvent): RunNodeState | null =>
  tables[flow][state][event] ?? null;

/** What each state means to the run. */
export const nodePhase: Record<RunNodeState, "waiting" | "active" | "ended-well" | "ended-badly"> = {
  queued: "waiting",
  pulling: "waiting",
  pulled: "waiting",
  installing: "active",
  draining: "active",
  rebooting: "active",
  proving: "active",
  uncordoning: "active",
  soaking: "active",
  done: "ended-well",
  skipped: "ended-well",
  failed: "ended-badly",
  "rolled-back": "ended-badly",
  unknown: "ended-badly",
};

/** The step that a state is working on, for the timeline. */
export const stepOfState: Partial<Record<RunNodeState, RunStep>> = {
  queued: "preflight",
  pulling: "pull",
  installing: "install",
  draining: "drain",
  rebooting: "reboot",
  proving: "prove",
  uncordoning: "uncordon",
  soaking: "soak",
};

/** Stands for the exit code of an installer that was cut off, by a loss of power or with the sequence that ran it. */
export const neverEnded = -1;

/** Exit codes with which the installer refuses the image itself: another attempt would end the same way. */
export const refusedForGood = (exit: number | null): boolean => exit === 2 || exit === 3;

/**
 * May the installer be started on this node? The installer writes the slot that is not running, so a repetition is harmless
 * in the boot in which it began, and ruinous in a later one, where the slot that works would be overwritten
 * (siderolabs/omni#1552). `exit` null = its end was never seen (the stream was lost).
 */
export function mayInstall(
  earlier: { bootId: string; exit: number | null } | null,
  bootId: string,
  askedAgain: boolean,
): { kind: "start" } | { kind: "adopt" } | { kind: "installed" } | { kind: "refused"; reason: string } {
  if (!earlier) return { kind: "start" };
  if (earlier.bootId !== bootId) {
    return {
      kind: "refused",
      reason: "The node has restarted since the installer ran: a second attempt could overwrite the slot that works.",
    };
  }
  if (earlier.exit === null) return { kind: "adopt" };
  if (earlier.exit === 0) return { kind: "installed" };
  if (refusedForGood(earlier.exit)) {
    return {
      kind: "refused",
      reason: "The installer has refused this image for good; another attempt would end the same way.",
    };
  }
  return askedAgain
    ? { kind: "start" }
    : { kind: "refused", reason: `The installer ended with ${earlier.exit} before.` };
}
