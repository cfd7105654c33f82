import { sequenceEvent, runPhases, type SequenceName } from "./run-sequence";
import { rebootPhases, resetPhases, shutdownPhases, type Phase } from "./sequences";
import { boot } from "./boot";
import { stopServices } from "./services";
import type { SimNode } from "./node";

/** Refused because another sequence runs; Talos answers the call and says so in an event. */
export class SequenceLocked extends Error {
  override readonly name = "SequenceLocked";
}

/** A connection that is cut still carries the reply that asked for it. */
const replyGraceMs = 50;

/** Runs a sequence that ends with the node going down. Throws SequenceLocked when one runs already. */
export async function runSequence(
  node: SimNode,
  name: SequenceName,
  phases: readonly Phase[],
  actorId: string,
  during?: (phase: Phase) => Promise<void> | void,
): Promise<void> {
  if (node.sequence !== null) {
    sequenceEvent(node, name, "locked", actorId);
    throw new SequenceLocked(`sequence ${node.sequence} is running`);
  }
  node.sequence = name;
  sequenceEvent(node, name, "start", actorId);
  await runPhases(node, phases, actorId, async (phase) => {
    if (phase.name === "stopServices")
      stopServices(node, ["machined", "apid", "containerd", "udevd", "syslogd", "auditd", "etcd", "trustd"]);
    if (phase.name === "stopEverything") stopServices(node, ["machined", "apid"]);
    if (phase.name === "kexec" || phase.name === "reboot") node.setStage("rebooting", false, [], actorId);
    await during?.(phase);
  });
  sequenceEvent(node, name, "stop", actorId);
}

/** The reboot that a sequence ends in. */
export async function cycle(node: SimNode): Promise<void> {
  const { world } = node;
  await new Promise((resolve) => setTimeout(resolve, replyGraceMs));
  node.cluster?.etcd.setRunning(node.name, false);
  node.powerOff();
  if (node.faults.has("never-returns")) return;
  await world.clock.wait(1_000, node.world.stopping);
  await boot(node, { instant: false });
}

export async function reboot(node: SimNode, mode: "default" | "powercycle" | "force", actorId: string): Promise<void> {
  await node.wait(50);
  if (mode !== "force") node.setStage("rebooting", false, [], actorId);
  await runSequence(node, "reboot", rebootPhases(node.running.release, mode), actorId);
  await cycle(node);
}

export async function shutdown(node: SimNode, force: boolean, actorId: string): Promise<void> {
  node.setStage("shutting down", false, [], actorId);
  await runSequence(node, "shutdown", shutdownPhases(node.running.release, force), actorId);
  node.cluster?.etcd.setRunning(node.name, false);
  node.powerOff();
}

/** Wipes what was installed; the machine comes back in maintenance mode, or stays off. */
export async function reset(
  node: SimNode,
  options: { graceful: boolean; reboot: boolean },
  actorId: string,
): Promise<void> {
  node.setStage("resetting", false, [], actorId);
  await runSequence(node, "reset", resetPhases(options.graceful, options.reboot), actorId, (phase) => {
    if (phase.name === "leave") node.cluster?.etcd.leave(node.name);
  });
  node.cluster?.etcd.setRunning(node.name, false);
  const { running } = node;
  node.disk = { slots: { A: null, B: null }, active: "A", fallback: null, config: null, etcdMemberId: null };
  node.media.release = running.release;
  node.media.schematicId = running.schematicId;
  node.cluster = null;
  if (options.reboot) return cycle(node);
  node.powerOff();
}
