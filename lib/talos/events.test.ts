import { afterEach, describe, expect, it } from "vitest";
import { Code } from "@/lib/talos/gen/common/common";
import * as wire from "@/lib/talos/gen/machine/events";
import { collect, failureOf } from "@/lib/talos/testing/collect";
import { startPair } from "@/lib/talos/testing/node";
import type { TalosEvent } from "@/lib/talos/events";

const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

const event = (typeUrl: string, value: Uint8Array, id = "e1"): wire.Event => ({
  metadata: undefined,
  data: { typeUrl: typeUrl && `talos/runtime/machine.${typeUrl}`, value: Buffer.from(value) },
  id,
  actorId: "actor-1",
});
const hello = event("", Buffer.alloc(0), "");

async function eventsOf(sent: wire.Event[], request = {}) {
  let asked: wire.EventsRequest | undefined;
  const { client, stop } = await startPair({
    machine: {
      events: (call) => {
        asked = call.request;
        sent.forEach((each) => call.write(each));
      },
    },
  });
  stops.push(stop);
  const seen: TalosEvent[] = [];
  for await (const each of client.events(request)) if (seen.push(each) === sent.length) break;
  return { seen, asked };
}

describe("events", () => {
  it("decodes each kind", async () => {
    const sequence = {
      sequence: "upgrade",
      action: wire.SequenceEvent_Action.NOOP,
      error: { code: Code.LOCKED, message: "locked", details: [] },
    };
    const { seen } = await eventsOf([
      hello,
      event("SequenceEvent", wire.SequenceEvent.encode(sequence).finish()),
      event(
        "SequenceEvent",
        wire.SequenceEvent.encode({ ...sequence, action: wire.SequenceEvent_Action.START, error: undefined }).finish(),
      ),
      event("PhaseEvent", wire.PhaseEvent.encode({ phase: "drain", action: wire.PhaseEvent_Action.STOP }).finish()),
      event(
        "TaskEvent",
        wire.TaskEvent.encode({ task: "cordonAndDrainNode", action: wire.TaskEvent_Action.START }).finish(),
      ),
      event(
        "ServiceStateEvent",
        wire.ServiceStateEvent.encode({
          service: "kubelet",
          action: wire.ServiceStateEvent_Action.RUNNING,
          message: "ok",
          health: { unknown: false, healthy: true, lastMessage: "", lastChange: undefined },
        }).finish(),
      ),
      event(
        "MachineStatusEvent",
        wire.MachineStatusEvent.encode({
          stage: wire.MachineStatusEvent_MachineStage.SHUTTING_DOWN,
          status: { ready: false, unmetConditions: [{ name: "time", reason: "not in sync" }] },
        }).finish(),
      ),
      event("AddressEvent", wire.AddressEvent.encode({ hostname: "n1", addresses: ["10.5.0.2"] }).finish()),
      event("ConfigValidationErrorEvent", wire.ConfigValidationErrorEvent.encode({ error: "bad" }).finish()),
      event("SomethingNewEvent", Buffer.from([8, 1])),
    ]);
    expect(seen.map(({ id, actorId, ...payload }) => (expect([id, actorId]).toHaveLength(2), payload))).toEqual([
      { kind: "hello" },
      { kind: "sequence", sequence: "upgrade", action: "noop", error: { code: "locked", message: "locked" } },
      { kind: "sequence", sequence: "upgrade", action: "start", error: null },
      { kind: "phase", phase: "drain", action: "stop" },
      { kind: "task", task: "cordonAndDrainNode", action: "start" },
      { kind: "service", service: "kubelet", state: "Running", message: "ok", healthy: true },
      {
        kind: "machine-status",
        stage: "shutting-down",
        ready: false,
        unmetConditions: [{ name: "time", reason: "not in sync" }],
      },
      { kind: "address", hostname: "n1", addresses: ["10.5.0.2"] },
      { kind: "config-error", reason: "validation", error: "bad" },
      { kind: "unknown", typeUrl: "talos/runtime/machine.SomethingNewEvent" },
    ]);
    expect(seen[1]).toMatchObject({ id: "e1", actorId: "actor-1" });
  });

  it("asks for the past, a cursor and an actor", async () => {
    expect((await eventsOf([hello], { tailEvents: -1, actorId: "a" })).asked).toMatchObject({
      tailEvents: -1,
      tailId: "",
      withActorId: "a",
    });
    expect((await eventsOf([hello], { tailId: "e7" })).asked).toMatchObject({ tailEvents: 0, tailId: "e7" });
  });

  it("takes the silent end of an overrun reader for a broken stream", async () => {
    const { client, stop } = await startPair({ machine: { events: (call) => (call.write(hello), call.end()) } });
    stops.push(stop);
    const error = await failureOf(collect(client.events()));
    expect(error.kind).toBe("rolled-stream");
    expect(error.message).toContain("the node ended the stream");
  });

  it("fails on a payload that cannot be decoded instead of skipping it", async () => {
    const { client, stop } = await startPair({
      machine: { events: (call) => void call.write(event("PhaseEvent", Buffer.from([10, 200, 1, 1]))) },
    });
    stops.push(stop);
    expect((await failureOf(collect(client.events()))).kind).toBe("node-failed");
  });
});
