import { waitsForBootstrap } from "../bootstrap";
import type { NodeView } from "../schema";
import type { AdoptionStep } from "./schema";
import type { AdoptionCourse, UnattendedInstall } from "./course";

/** What the steps are told from. */
export type StepsInput = Pick<
  NodeView,
  "stage" | "reachability" | "platform" | "proofs" | "unmetConditions" | "services" | "runningSchematicId"
> & {
  course: AdoptionCourse;
  unattendedInstall: UnattendedInstall | null;
  recordedSchematicId: string | null;
};

type Part = Pick<AdoptionStep, "state" | "detail">;
const done: Part = { state: "done", detail: null };
const waiting: Part = { state: "waiting", detail: null };
const now = (detail: string | null): Part => ({ state: "now", detail });
const failed = (detail: string): Part => ({ state: "failed", detail });

function installStep({ course, unattendedInstall, stage }: StepsInput): Part {
  if (course.installedAtMs !== null) return done;
  if (course.failure !== null) return failed(course.failure.error);
  if (unattendedInstall?.phase === "installing") return now(unattendedInstall.image || null);
  return now(stage === "installing" ? null : "Talos has not begun to install yet.");
}

const offlineSentence = ({ reachability }: StepsInput): string =>
  reachability.state === "reachable"
    ? "It boots."
    : "It does not answer, as a machine that restarts; firmware may take minutes.";

function joinStep(input: StepsInput): Part {
  if (input.course.joinedAtMs !== null) return done;
  if (input.reachability.state !== "reachable") return now(offlineSentence(input));
  if (waitsForBootstrap(input)) {
    return now("etcd waits: for the bootstrap of its cluster (on the cluster's page), or for its place in it.");
  }
  const [first] = input.unmetConditions;
  return now(first ? `${first.name}: ${first.reason}` : null);
}

function proofStep(input: StepsInput): Part {
  const { runningSchematicId: runs, recordedSchematicId: wanted, proofs } = input;
  if (runs !== null && wanted !== null && runs !== wanted) {
    return failed("It runs another schematic than the recorded one.");
  }
  const broken = proofs.find(({ state }) => state === "broken");
  if (broken) return failed(broken.why ?? "A GPU does not work.");
  const open = proofs.find(({ state }) => state === "unproven");
  if (open) return now("Its GPUs are read.");
  const noProfile = proofs.some(({ state }) => state === "no-profile");
  return { state: "done", detail: noProfile ? "No GPU profile is assigned, so no GPU was proven." : null };
}

/** The steps of an adoption with where it stands, for a page. Pure. */
export function adoptionSteps(input: StepsInput): AdoptionStep[] {
  const { course, platform } = input;
  const joined = course.joinedAtMs !== null;
  const steps: [AdoptionStep["id"], string, () => Part][] = [["config", "Config taken", () => done]];
  if (platform !== "container") {
    steps.push(["install", "Installing", () => (joined ? done : installStep(input))]);
    steps.push([
      "reboot",
      "Rebooting",
      () => (joined || course.rebootedAtMs !== null ? done : now(offlineSentence(input))),
    ]);
  }
  steps.push(["join", "Joined", () => joinStep(input)], ["proof", "Proven", () => proofStep(input)]);
  let open = false;
  return steps.map(([id, title, tell]) => {
    const part = open ? waiting : tell();
    if (part.state !== "done") open = true;
    return { id, title, ...part };
  });
}
