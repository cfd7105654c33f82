import { z } from "zod";

/** Phases of `UnattendedInstallStatuses.runtime.talos.dev` (Talos v1.14.1 `pkg/machinery/resources/runtime/unattended_install_status.go`). */
export const unattendedPhases = ["pending", "installing", "installed", "waiting-for-reboot", "failed"] as const;

export const unattendedInstall = z.object({
  phase: z.enum(unattendedPhases),
  image: z.string(),
  error: z.string(),
});
export type UnattendedInstall = z.infer<typeof unattendedInstall>;

const moment = z.number().nullable();

/** How far a machine has come since it took its first config. Times are when it was seen here; null = not yet. */
export const adoptionCourse = z.object({
  startedAtMs: z.number(),
  /** The boot in maintenance mode; null where the release does not tell. */
  bootId: z.string().nullable(),
  /** It has been seen in the stage `installing`: then leaving that stage means that it has. */
  installing: z.boolean(),
  /** The last failure of the installation. Talos shows one for seconds only and then tries again, so that it has to be kept. */
  failure: z.object({ image: z.string(), error: z.string() }).nullable().default(null),
  installedAtMs: moment,
  rebootedAtMs: moment,
  /** Running and ready by Talos' own word: from then on it is a node like any other. */
  joinedAtMs: moment,
});
export type AdoptionCourse = z.infer<typeof adoptionCourse>;

export const beginCourse = (startedAtMs: number, bootId: string | null): AdoptionCourse => ({
  startedAtMs,
  bootId,
  installing: false,
  failure: null,
  installedAtMs: null,
  rebootedAtMs: null,
  joinedAtMs: null,
});

/** What of a node's facts tells how far it is. */
export type CourseFacts = {
  stage: string;
  ready: boolean;
  bootId: string | null;
  platform: string | null;
  unattendedInstall: UnattendedInstall | null;
};

/** Is an installation under way, after which the machine boots anew? In a container there is none. */
function installs({ installing }: AdoptionCourse, { platform, unattendedInstall: install }: CourseFacts): boolean {
  if (platform === "container") return false;
  return installing || (install !== null && install.phase !== "installed");
}

function isInstalled(course: AdoptionCourse, facts: CourseFacts, rebooted: boolean): boolean {
  const phase = facts.unattendedInstall?.phase;
  if (rebooted || phase === "installed" || phase === "waiting-for-reboot") return true;
  return course.installing && (facts.stage === "rebooting" || facts.stage === "booting" || facts.stage === "running");
}

/** What is known to stand against the installation; another image is another attempt. */
function failureOf(
  { failure }: AdoptionCourse,
  { unattendedInstall: install }: CourseFacts,
): AdoptionCourse["failure"] {
  if (install === null) return failure;
  if (install.error !== "") return { image: install.image, error: install.error };
  return failure !== null && failure.image === install.image ? failure : null;
}

/**
 * The course after another reading of the node. Pure, and never goes back: a node that was seen ready has joined, whatever
 * becomes of it later. Up to 1.13 the stage tells of the installation; since 1.14 it is done beside the boot, and the stage
 * stays `booting`.
 */
export function advanceCourse(course: AdoptionCourse, facts: CourseFacts, atMs: number): AdoptionCourse {
  if (course.joinedAtMs !== null || facts.stage === "maintenance" || facts.stage === "unknown") return course;
  const joined = facts.stage === "running" && facts.ready;
  const otherBoot = course.bootId !== null && facts.bootId !== null && facts.bootId !== course.bootId;
  const goesOn = facts.stage === "booting" || facts.stage === "running";
  // Without a boot ID (before 1.14), the boot after an installation is the one that follows it.
  const blind = course.bootId === null && course.installedAtMs !== null && goesOn;
  const rebooted = course.rebootedAtMs !== null || otherBoot || blind;
  const next: AdoptionCourse = {
    ...course,
    installing: course.installing || facts.stage === "installing",
    failure: failureOf(course, facts),
    installedAtMs: course.installedAtMs ?? (isInstalled(course, facts, rebooted) ? atMs : null),
    rebootedAtMs: course.rebootedAtMs ?? (rebooted ? atMs : null),
    joinedAtMs: joined && (rebooted || !installs(course, facts)) ? atMs : null,
  };
  return JSON.stringify(next) === JSON.stringify(course) ? course : next;
}
