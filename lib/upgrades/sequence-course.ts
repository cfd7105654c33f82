import type { TalosEvent } from "@/lib/talos/events";
import type { SequenceSign } from "./schema";

/** A sequence that ends in a restart leaves with this "error", which is none (runtime.RebootError). */
const restartError = /unix\.Reboot\(/;

/** What an event of a node says of how an upgrade goes; null where it says nothing of that. */
export function signOf(event: TalosEvent): SequenceSign | null {
  if (event.kind === "phase") return event.action === "start" ? { what: "phase", phase: event.phase } : null;
  if (event.kind !== "sequence") return null;
  const { sequence, action, error } = event;
  if (error === null) return action === "start" ? { what: "started", sequence } : null;
  if (error.code === "locked") return { what: "refused", sequence };
  return restartError.test(error.message) ? null : { what: "failed", sequence, message: error.message };
}

/** How far the upgrade sequence of the older flow came, as far as its events were heard. */
export type SequenceCourse = {
  /** `installer`: it was at work when the last word came; `installed`: the sequence went on after it. */
  at: "not-begun" | "before-installer" | "installer" | "installed";
  phase: string | null;
  /** A task's own words for why the sequence ended; null where it did not fail. */
  failure: string | null;
  /** Another sequence was running: the node took the call, and did nothing (LOCKED). */
  refused: boolean;
};

const fresh = (at: SequenceCourse["at"]): SequenceCourse => ({ at, phase: null, failure: null, refused: false });

/**
 * Reads the signs of one call in order. Pure. Phases are Talos' own (v1alpha1_sequencer.go): the phase `upgrade` runs the installer, and
 * any phase after it says that the installer has succeeded.
 */
export function courseOf(signs: readonly SequenceSign[]): SequenceCourse {
  let course = fresh("not-begun");
  for (const sign of signs) {
    if (sign.what === "started") course = sign.sequence === "upgrade" ? fresh("before-installer") : course;
    else if (sign.what === "phase") {
      if (course.at === "not-begun" || course.failure !== null) continue;
      const past = course.at === "installer" || course.at === "installed";
      course = {
        ...course,
        phase: sign.phase,
        at: sign.phase === "upgrade" ? "installer" : past ? "installed" : course.at,
      };
    } else if (sign.sequence === "upgrade") {
      if (sign.what === "refused") course = { ...course, refused: course.at === "not-begun" };
      else course = { ...course, failure: sign.message };
    }
  }
  return course;
}
