import {
  PhaseEvent,
  PhaseEvent_Action,
  RestartEvent,
  SequenceEvent,
  SequenceEvent_Action,
  TaskEvent,
  TaskEvent_Action,
} from "@/lib/talos/gen/machine/events";
import { Code } from "@/lib/talos/gen/common/common";
import { PowerLoss } from "../clock";
import type { Phase } from "./sequences";
import type { SimNode } from "./node";

export type SequenceName =
  | "initialize"
  | "boot"
  | "install"
  | "reboot"
  | "shutdown"
  | "reset"
  | "upgrade"
  | "stageUpgrade"
  | "maintenanceUpgrade";

/** What becomes of a sequence: `locked` = refused because another one runs; failed or canceled with the reason. */
export type SequenceOutcome = "start" | "stop" | "locked" | { failed: string; canceled: boolean };

const actions = { start: SequenceEvent_Action.START, stop: SequenceEvent_Action.STOP };

/** Publishes it as Talos does: a refusal names no actor, and a failure comes after the end (v1alpha1_controller.go). */
export function sequenceEvent(node: SimNode, sequence: SequenceName, what: SequenceOutcome, actorId: string): void {
  const error =
    what === "locked"
      ? { code: Code.LOCKED, message: "sequence not started: locked", details: [] }
      : typeof what === "object"
        ? {
            code: what.canceled ? Code.CANCELED : Code.FATAL,
            message: `sequence failed: ${what.failed}`,
            details: [],
          }
        : undefined;
  const action = what === "start" || what === "stop" ? actions[what] : SequenceEvent_Action.NOOP;
  const payload = SequenceEvent.encode({ sequence, action, error }).finish();
  node.events.publish("SequenceEvent", payload, what === "locked" ? "" : actorId);
  if (what === "start") node.kmsg(`[talos] ${sequence} sequence: started`, "user", "warning");
  if (what === "stop") node.kmsg(`[talos] ${sequence} sequence: done`, "user", "warning");
}

/** Does the work of a phase's task; the reason why it failed, or nothing. */
export type During = (phase: Phase) => Promise<string | null | void> | string | null | void;

/** A task that could not do its work, in the phase of this number, or whose sequence made way for another one. */
export class TaskFailed extends Error {
  override readonly name = "TaskFailed";
  constructor(
    readonly phase: number,
    message: string,
    readonly canceled: boolean,
  ) {
    super(message);
  }
}

/** Nothing more comes of a sequence that made way for another one. */
export class SequenceCanceled extends PowerLoss {
  override readonly name = "SequenceCanceled";
}

/** Linux' commands, which the last task of a sequence names. */
const restartCommands = { reboot: 0x1234567n, kexec: 0x45584543n, off: 0x4321fedcn } as const;
export type Restart = keyof typeof restartCommands;

/** How machined leaves a sequence: with an error, which for a restart is none (runtime.RebootError). */
export const restartReason = (how: Restart): string => `unix.Reboot(${restartCommands[how].toString(16)})`;

export function restartEvent(node: SimNode, how: Restart, actorId: string): void {
  node.events.publish("RestartEvent", RestartEvent.encode({ cmd: restartCommands[how] }).finish(), actorId);
}

/** A sequence's end with an error: first the end, then why. */
export function leaveSequence(
  node: SimNode,
  sequence: SequenceName,
  phase: number,
  reason: string,
  actorId: string,
  canceled = false,
): void {
  sequenceEvent(node, sequence, "stop", actorId);
  const failed = `error running phase ${phase} in ${sequence} sequence: task 1/1: failed, ${reason}`;
  sequenceEvent(node, sequence, { failed, canceled }, actorId);
}

/** A task that is of no phase. */
export function taskEvent(node: SimNode, task: string, what: "start" | "stop"): void {
  const action = what === "start" ? TaskEvent_Action.START : TaskEvent_Action.STOP;
  node.events.publish("TaskEvent", TaskEvent.encode({ task, action }).finish(), "");
}

/** Waits in fleet time; ends with the signal's reason, too. */
export const waitOr = (node: SimNode, durationMs: number, signal: AbortSignal): Promise<void> =>
  node.world.clock.wait(durationMs, AbortSignal.any([node.life.signal, signal]));

/**
 * Lives through phases, one task each; `during` does what the task is there for, and may give a reason why it failed. An abort of
 * `signal` ends the phase that runs. Throws TaskFailed.
 */
export async function runPhases(
  node: SimNode,
  phases: readonly Phase[],
  actorId: string,
  { during, signal }: { during?: During; signal?: AbortSignal } = {},
): Promise<void> {
  const phaseEvent = (phase: string, action: PhaseEvent_Action) =>
    node.events.publish("PhaseEvent", PhaseEvent.encode({ phase, action }).finish(), actorId);
  const ownTaskEvent = (task: string, action: TaskEvent_Action) =>
    node.events.publish("TaskEvent", TaskEvent.encode({ task, action }).finish(), actorId);
  const live = async (phase: Phase): Promise<string | null> => {
    const reason = (await during?.(phase)) ?? null;
    if (phase.durationMs > 0) await (signal ? waitOr(node, phase.durationMs, signal) : node.wait(phase.durationMs));
    return reason;
  };
  for (const [index, phase] of phases.entries()) {
    phaseEvent(phase.name, PhaseEvent_Action.START);
    node.kmsg(`[talos] phase ${phase.name} (${index + 1}/${phases.length}): 1 tasks(s)`, "user", "warning");
    ownTaskEvent(phase.task, TaskEvent_Action.START);
    node.kmsg(`[talos] task ${phase.task} (1/1): starting`, "user", "warning");
    const reason = await live(phase).catch((error: unknown) => {
      if (error instanceof SequenceCanceled) return "context canceled";
      throw error;
    });
    ownTaskEvent(phase.task, TaskEvent_Action.STOP);
    node.kmsg(`[talos] task ${phase.task} (1/1): ${reason === null ? "done" : `failed: ${reason}`}`, "user", "warning");
    phaseEvent(phase.name, PhaseEvent_Action.STOP);
    if (reason !== null) throw new TaskFailed(index + 1, reason, signal?.aborted === true);
  }
}
