import {
  PhaseEvent,
  PhaseEvent_Action,
  SequenceEvent,
  SequenceEvent_Action,
  TaskEvent,
  TaskEvent_Action,
} from "@/lib/talos/gen/machine/events";
import { Code } from "@/lib/talos/gen/common/common";
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

/** Publishes a sequence's start, end, refusal (another one runs) or failure. */
export function sequenceEvent(
  node: SimNode,
  sequence: SequenceName,
  what: "start" | "stop" | "locked" | "failed",
  actorId: string,
): void {
  const failure =
    what === "locked"
      ? { code: Code.LOCKED, message: "sequence locked", details: [] }
      : what === "failed"
        ? { code: Code.FATAL, message: `sequence ${sequence} failed`, details: [] }
        : undefined;
  const action =
    what === "start"
      ? SequenceEvent_Action.START
      : what === "stop"
        ? SequenceEvent_Action.STOP
        : SequenceEvent_Action.NOOP;
  node.events.publish("SequenceEvent", SequenceEvent.encode({ sequence, action, error: failure }).finish(), actorId);
  if (what === "start") node.kmsg(`[talos] ${sequence} sequence: started`, "user", "warning");
  if (what === "stop") node.kmsg(`[talos] ${sequence} sequence: done`, "user", "warning");
}

/** Lives through phases, one task each; `during` does what the task is there for. */
export async function runPhases(
  node: SimNode,
  phases: readonly Phase[],
  actorId: string,
  during?: (phase: Phase) => Promise<void> | void,
): Promise<void> {
  for (const [index, phase] of phases.entries()) {
    node.events.publish(
      "PhaseEvent",
      PhaseEvent.encode({ phase: phase.name, action: PhaseEvent_Action.START }).finish(),
      actorId,
    );
    node.kmsg(`[talos] phase ${phase.name} (${index + 1}/${phases.length}): 1 tasks(s)`, "user", "warning");
    node.events.publish(
      "TaskEvent",
      TaskEvent.encode({ task: phase.task, action: TaskEvent_Action.START }).finish(),
      actorId,
    );
    node.kmsg(`[talos] task ${phase.task} (1/1): starting`, "user", "warning");
    await during?.(phase);
    await node.wait(phase.durationMs);
    node.events.publish(
      "TaskEvent",
      TaskEvent.encode({ task: phase.task, action: TaskEvent_Action.STOP }).finish(),
      actorId,
    );
    node.kmsg(`[talos] task ${phase.task} (1/1): done`, "user", "warning");
    node.events.publish(
      "PhaseEvent",
      PhaseEvent.encode({ phase: phase.name, action: PhaseEvent_Action.STOP }).finish(),
      actorId,
    );
  }
}
