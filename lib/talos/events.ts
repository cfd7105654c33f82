import { ownEntry } from "@/lib/core/own-entry";
import { checkReply } from "@/lib/talos/call";
import type { Channel } from "@/lib/talos/channel";
import { Code } from "@/lib/talos/gen/common/common";
import * as wire from "@/lib/talos/gen/machine/events";
import { MachineServiceService as machine } from "@/lib/talos/gen/machine/machine";
import { readStage, type TalosStage } from "@/lib/talos/stage";
import { serverStream, type StreamOptions } from "@/lib/talos/stream";
import { cleanText } from "@/lib/talos/text";

export type EventAction = "noop" | "start" | "stop";

type EventPayload =
  | { kind: "hello" }
  | {
      kind: "sequence";
      sequence: string;
      action: EventAction;
      error: { code: "fatal" | "locked" | "canceled"; message: string } | null;
    }
  | { kind: "phase"; phase: string; action: EventAction }
  | { kind: "task"; task: string; action: EventAction }
  | { kind: "service"; service: string; state: string; message: string; healthy: boolean | null }
  | { kind: "machine-status"; stage: TalosStage; ready: boolean; unmetConditions: { name: string; reason: string }[] }
  | { kind: "address"; hostname: string; addresses: string[] }
  | { kind: "config-error"; reason: "load" | "validation"; error: string }
  | { kind: "unknown"; typeUrl: string };

/** One event of a node. `id` is a cursor for `tailId` within one boot; `actorId` is that of the call that caused it. */
export type TalosEvent = EventPayload & { id: string; actorId: string };

export type EventsRequest = {
  /** How many past events come first; -1 = all that the node remembers (1000, lost on reboot). */
  tailEvents?: number;
  /** Continue after this event. */
  tailId?: string;
  /** Only events of this actor. */
  actorId?: string;
};

const short = (text: string) => cleanText(text, { max: 1024 });
const codes: Record<Code, "fatal" | "locked" | "canceled"> = {
  [Code.FATAL]: "fatal",
  [Code.LOCKED]: "locked",
  [Code.CANCELED]: "canceled",
  [Code.UNRECOGNIZED]: "fatal",
};
const serviceStates: Record<wire.ServiceStateEvent_Action, string> = {
  [wire.ServiceStateEvent_Action.INITIALIZED]: "Initialized",
  [wire.ServiceStateEvent_Action.PREPARING]: "Preparing",
  [wire.ServiceStateEvent_Action.WAITING]: "Waiting",
  [wire.ServiceStateEvent_Action.RUNNING]: "Running",
  [wire.ServiceStateEvent_Action.STOPPING]: "Stopping",
  [wire.ServiceStateEvent_Action.FINISHED]: "Finished",
  [wire.ServiceStateEvent_Action.FAILED]: "Failed",
  [wire.ServiceStateEvent_Action.SKIPPED]: "Skipped",
  [wire.ServiceStateEvent_Action.STARTING]: "Starting",
  [wire.ServiceStateEvent_Action.UNRECOGNIZED]: "Unknown",
};

/** The payload of an event by the last part of its type URL, which is `talos/runtime/machine.…`. */
const decoders: Record<string, (bytes: Uint8Array) => EventPayload> = {
  "machine.SequenceEvent"(bytes) {
    const { sequence, action, error } = wire.SequenceEvent.decode(bytes);
    const failure =
      error && (error.message !== "" || error.code !== Code.FATAL || action === wire.SequenceEvent_Action.NOOP);
    return {
      kind: "sequence",
      sequence: short(sequence),
      action:
        action === wire.SequenceEvent_Action.START
          ? "start"
          : action === wire.SequenceEvent_Action.STOP
            ? "stop"
            : "noop",
      error: failure ? { code: codes[error.code] ?? "fatal", message: short(error.message) } : null,
    };
  },
  "machine.PhaseEvent"(bytes) {
    const { phase, action } = wire.PhaseEvent.decode(bytes);
    return { kind: "phase", phase: short(phase), action: action === wire.PhaseEvent_Action.STOP ? "stop" : "start" };
  },
  "machine.TaskEvent"(bytes) {
    const { task, action } = wire.TaskEvent.decode(bytes);
    return { kind: "task", task: short(task), action: action === wire.TaskEvent_Action.STOP ? "stop" : "start" };
  },
  "machine.ServiceStateEvent"(bytes) {
    const { service, action, message, health } = wire.ServiceStateEvent.decode(bytes);
    return {
      kind: "service",
      service: short(service),
      state: serviceStates[action] ?? "Unknown",
      message: short(message),
      healthy: health && !health.unknown ? health.healthy : null,
    };
  },
  "machine.MachineStatusEvent"(bytes) {
    const { stage, status } = wire.MachineStatusEvent.decode(bytes);
    return {
      kind: "machine-status",
      stage: readStage(stage),
      ready: status?.ready ?? false,
      unmetConditions: (status?.unmetConditions ?? []).map(({ name, reason }) => ({
        name: short(name),
        reason: short(reason),
      })),
    };
  },
  "machine.AddressEvent"(bytes) {
    const { hostname, addresses } = wire.AddressEvent.decode(bytes);
    return { kind: "address", hostname: short(hostname), addresses: addresses.map(short) };
  },
  "machine.ConfigLoadErrorEvent": (bytes) => ({
    kind: "config-error",
    reason: "load",
    error: short(wire.ConfigLoadErrorEvent.decode(bytes).error),
  }),
  "machine.ConfigValidationErrorEvent": (bytes) => ({
    kind: "config-error",
    reason: "validation",
    error: short(wire.ConfigValidationErrorEvent.decode(bytes).error),
  }),
};

function payload(data: wire.Event["data"]): EventPayload {
  const typeUrl = data?.typeUrl ?? "";
  if (typeUrl === "") return { kind: "hello" };
  const decode = ownEntry(decoders, typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
  return decode && data ? decode(data.value) : { kind: "unknown", typeUrl: short(typeUrl) };
}

/** The event stream, role `os:reader`. */
export const eventCalls = (channel: Channel) => ({
  /**
   * Follows the node's events. The first is `hello`: from then on nothing is missed until the stream ends. Never ends well: a restart, or a
   * reader too slow for the ring of 1000, is a "rolled-stream".
   */
  events({ tailEvents, tailId, actorId }: EventsRequest = {}, options?: StreamOptions): AsyncIterable<TalosEvent> {
    return serverStream(
      channel,
      {
        method: machine.events,
        request: { tailEvents: tailEvents ?? 0, tailId: tailId ?? "", tailSeconds: 0, withActorId: actorId ?? "" },
        decode(event) {
          checkReply(event, machine.events.path, channel.address.text);
          return [{ ...payload(event.data), id: short(event.id), actorId: short(event.actorId) }];
        },
        endless: true,
      },
      options,
    );
  },
});
