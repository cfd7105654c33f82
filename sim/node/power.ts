import { sleep } from "@/lib/core/time";
import { beginSequence } from "./begin-sequence";
import { announceStage } from "./readiness";
import {
  leaveSequence,
  restartEvent,
  restartReason,
  runPhases,
  sequenceEvent,
  TaskFailed,
  type During,
  type Restart,
  type SequenceName,
} from "./run-sequence";
import { rebootPhases, shutdownPhases, type Phase } from "./sequences";
import { boot } from "./boot";
import { stopServices } from "./services";
import type { SimNode, Stage } from "./node";

/** A connection that is cut still carries the reply that asked for it. */
const replyGraceMs = 50;

const stages: Readonly<Partial<Record<SequenceName, Stage>>> = {
  reboot: "rebooting",
  shutdown: "shutting down",
  reset: "resetting",
  upgrade: "upgrading",
  stageUpgrade: "upgrading",
  maintenanceUpgrade: "upgrading",
};
/** Sequences whose stage changes once more when the next kernel is loaded. */
const installing: ReadonlySet<SequenceName> = new Set(["install", "upgrade", "stageUpgrade", "maintenanceUpgrade"]);

/**
 * Runs a sequence that ends with the node going down, one way or another. Its API goes away in `stopEverything`, so that nobody
 * sees what comes after. Throws SequenceLocked when another one runs that it cannot take over from, and SequenceCanceled when it
 * makes way for another one itself.
 */
export async function runSequence(
  node: SimNode,
  name: SequenceName,
  phases: readonly Phase[],
  actorId: string,
  { during, takeOver = false }: { during?: During; takeOver?: boolean } = {},
): Promise<void> {
  const signal = beginSequence(node, name, { actorId, takeOver });
  // The one that made way says so first.
  await node.wait(0);
  sequenceEvent(node, name, "start", actorId);
  const stage = stages[name];
  if (stage) announceStage(node, stage);
  const restart: Restart =
    phases.at(-1)?.name === "shutdown" ? "off" : phases.some((phase) => phase.name === "kexec") ? "kexec" : "reboot";
  const work: During = async (phase) => {
    if (name === "install" && phase.name === "install") announceStage(node, "installing");
    if (installing.has(name) && phase.name === "kexec") announceStage(node, "rebooting");
    if (phase.name === "stopServices") stopServices(node, ["kubelet", "etcd", "cri", "trustd"]);
    if (phase.name === "stopEverything") await stopEverything(node);
    if (phase.name === "reboot" || phase.name === "shutdown") restartEvent(node, restart, actorId);
    return during?.(phase);
  };
  try {
    await runPhases(node, phases, actorId, { during: work, signal });
    leaveSequence(node, name, phases.length, restartReason(restart), actorId);
  } catch (error) {
    if (!(error instanceof TaskFailed)) throw error;
    leaveSequence(node, name, error.phase, error.message, actorId, error.canceled);
    if (error.canceled) throw signal.reason;
    announceStage(node, "rebooting");
    await node.wait(failureMs);
  }
}

/** A sequence that failed ends in a restart, too, after a while (internal/app/machined/main.go). */
const failureMs = 10_000;

/** All services end, and with them the API. */
async function stopEverything(node: SimNode): Promise<void> {
  stopServices(
    node,
    node.services.ids().filter((id) => id !== "machined" && id !== "apid"),
  );
  node.stopServing();
  await sleep(replyGraceMs);
  if (node.power === "up") node.setPower("stopping");
}

/** The reboot that a sequence ends in. */
export async function cycle(node: SimNode): Promise<void> {
  const { world } = node;
  await sleep(replyGraceMs);
  node.cluster?.etcd.setRunning(node.name, false);
  node.powerOff();
  if (node.faults.has("never-returns")) return;
  await world.clock.wait(1_000, node.world.stopping);
  await boot(node, { instant: false });
}

export async function reboot(
  node: SimNode,
  mode: "default" | "powercycle" | "force",
  actorId: string,
  takeOver = false,
): Promise<void> {
  await runSequence(node, "reboot", rebootPhases(node.running.release, mode), actorId, { takeOver });
  await cycle(node);
}

export async function shutdown(node: SimNode, force: boolean, actorId: string): Promise<void> {
  await runSequence(node, "shutdown", shutdownPhases(node.running.release, force), actorId, { takeOver: true });
  node.cluster?.etcd.setRunning(node.name, false);
  node.powerOff();
}
