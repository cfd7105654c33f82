import type { NodeFacts } from "../facts";
import { type Holder, type Passing, type PassingStage, passingStages } from "./schema";
import { waitingServices } from "./waiting";

const minuteMs = 60_000;

/** From then on a stage is too long: a boot takes a minute or two once the node answers, the others what they have to do. */
export const stageLimitsMs: Record<PassingStage, number> = {
  booting: 5 * minuteMs,
  rebooting: 10 * minuteMs,
  // It drains first, for up to five minutes.
  "shutting-down": 15 * minuteMs,
  installing: 20 * minuteMs,
  // The older upgrade pulls, drains and installs in this stage.
  upgrading: 30 * minuteMs,
  resetting: 30 * minuteMs,
};
/** A boot that a service or condition holds is named so much earlier, without alarm. */
export const slowMs = minuteMs;

/**
 * Talos waits so long for all services to be up or finished, then reboots, into the former image where this one was on trial
 * (`constants.BootTimeout`, `StartAllServices`; the same in v1.9.0 to v1.14.0). It begins when the services are loaded.
 */
export const bootTimeoutMs = 70 * minuteMs;

const isPassingStage = (stage: string): stage is PassingStage => (passingStages as readonly string[]).includes(stage);

type Facts = Pick<
  NodeFacts,
  | "stage"
  | "stageSinceMs"
  | "bootedAtMs"
  | "servicesSinceMs"
  | "services"
  | "unmetConditions"
  | "failedVolumes"
  | "kernelCmdline"
>;

/** Times of a node are by its own clock: one that is in the future, or long before the stage was seen, is not believed. */
function believed(atMs: number | null, earliestMs: number, nowMs: number): number | null {
  return atMs !== null && atMs >= earliestMs && atMs <= nowMs + minuteMs ? atMs : null;
}

/** When the stage began: a boot with the boot itself, where the node tells when that was. */
function sinceOf(facts: Facts, nowMs: number): number {
  const seenMs = facts.stageSinceMs ?? nowMs;
  if (facts.stage !== "booting") return seenMs;
  return Math.min(nowMs, believed(facts.bootedAtMs, nowMs - 24 * 60 * minuteMs, nowMs) ?? seenMs);
}

function holdersOf(facts: Facts): Holder[] {
  const volumes = facts.failedVolumes.map(({ id, error }): Holder => ({ kind: "volume", name: id, message: error }));
  if (facts.stage !== "booting") return volumes;
  const services = waitingServices(facts.services).map(({ id, state, message }): Holder => ({
    kind: "service",
    name: id,
    message: message || state,
  }));
  // A boot waits for its services; conditions say whether the node is ready, and are told where no service is named.
  if (volumes.length > 0 || services.length > 0) return [...volumes, ...services];
  return facts.unmetConditions.map(({ name, reason }) => ({ kind: "condition", name, message: reason }));
}

/** `panic=0`: machined stays where it failed, and nothing reboots by itself (internal/app/machined/main.go). */
const neverReboots = (cmdline: string | null): boolean => /(?:^|\s)panic=0(?:\s|$)/.test(cmdline ?? "");

function rebootsAt(facts: Facts, sinceMs: number): number | null {
  // Before its services are loaded (a volume is awaited), no time runs.
  const loaded = facts.services.some(({ id }) => id === "kubelet");
  if (facts.stage !== "booting" || !loaded || neverReboots(facts.kernelCmdline)) return null;
  const fromMs = facts.servicesSinceMs;
  return (fromMs !== null && fromMs >= sinceMs - minuteMs ? fromMs : sinceMs) + bootTimeoutMs;
}

/** The passing stage that a node is in, how long, what holds it, and how it ends; null in every other stage. Pure. */
export function passingOf(facts: Facts, nowMs: number): Passing | null {
  const { stage } = facts;
  if (!isPassingStage(stage)) return null;
  const sinceMs = sinceOf(facts, nowMs);
  const limitMs = stageLimitsMs[stage];
  const holders = holdersOf(facts);
  const forMs = nowMs - sinceMs;
  // A condition that is not met yet is every boot's; a service that waits for a minute is not.
  const named = stage === "booting" && holders.some(({ kind }) => kind !== "condition");
  const late = forMs >= limitMs ? "overdue" : named && forMs >= slowMs ? "slow" : "no";
  return { stage, sinceMs, limitMs, late, holders, rebootsAtMs: rebootsAt(facts, sinceMs) };
}
