import { status, type ServerWritableStream } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { nodeCaps } from "@/lib/core/bounds/input-caps";
import { openTalosClient } from "@/lib/talos/client";
import { EventType, type WatchResponse } from "@/lib/talos/gen/cosi/resource/state";
import { startPair } from "@/lib/talos/testing/node";
import type { LifePorts } from "./life-ports";
import { initialNodeState, reduceNode } from "./node-state";
import { createPenalty, watchNode } from "./node-watch";
import { testRecord } from "./testing";

/** Watches with ever new ids, on each type. */
function pour(call: ServerWritableStream<never, WatchResponse>): void {
  let at = 0;
  const metadata = {
    ...{
      namespace: "n",
      type: "T",
      version: "1",
      owner: "c",
      phase: "running",
      created: undefined,
      updated: undefined,
    },
    ...{ finalizers: [], labels: {}, annotations: {} },
  };
  const next = (): WatchResponse => {
    const resource = {
      metadata: { ...metadata, id: `id-${at++}` },
      spec: { protoSpec: Buffer.alloc(0), yamlSpec: "{}" },
    };
    const eventType = at === 1 ? EventType.BOOTSTRAPPED : EventType.CREATED;
    return { event: [{ eventType, resource, old: undefined, error: "", bookmark: Buffer.alloc(0) }] };
  };
  const pump = () => {
    while (!call.cancelled) if (!call.write(next())) return void call.once("drain", pump);
  };
  pump();
}

test("a node whose watches never end is shown as misbehaving, left alone, and dialled again later", async () => {
  const notFound = { code: status.NOT_FOUND, details: "no such thing" };
  const { node, credentials, stop } = await startPair({
    state: {
      get: (_call, reply) => reply(notFound),
      list: (call) => void call.end(),
      watch: (call) => pour(call as never),
    },
  });
  let state = initialNodeState(testRecord({ address: node.address }));
  const told: string[] = [];
  const ports: LifePorts = {
    nodeId: "node_1",
    state: () => state,
    apply: (reading) => {
      state = reduceNode(state, reading);
      if (reading.kind === "lost" || reading.kind === "reached") told.push(reading.kind);
    },
    onCounters: () => undefined,
    kubernetes: () => Promise.resolve(null),
    readConfig: () => Promise.resolve({}),
    recordAsFound: () => Promise.resolve(),
    openForTelemetry: null,
    now: Date.now,
  };
  const end = new AbortController();
  const waits: number[] = [];
  const dialled = () => ({
    client: openTalosClient({ address: node.address, credentials }),
    ...({ mode: "mtls", via: "direct", certificateExpiresMs: null, fingerprint: null } as const),
  });
  await watchNode({
    ports,
    dial: () => Promise.resolve(dialled()),
    gate: () => Promise.resolve(() => undefined),
    signal: end.signal,
    capMs: 1,
    pause: (durationMs) => {
      waits.push(durationMs);
      if (waits.length === 2) end.abort();
      return Promise.resolve();
    },
  });
  stop();
  expect(told).toEqual(["reached", "lost", "reached", "lost"]);
  expect(state.reachability).toMatchObject({ state: "unreachable", kind: "misbehaving" });
  expect(state.reachability.state === "unreachable" && state.reachability.reason).toMatch(
    /misbehaves: it sent more than/,
  );
  expect(waits[0]).toBeGreaterThanOrEqual(nodeCaps.firstPenaltyMs / 2);
  expect(waits[1]).toBeGreaterThanOrEqual(nodeCaps.firstPenaltyMs);
});

test("waits double up to their cap, and begin anew after a while of good behaviour", () => {
  let nowMs = 0;
  const penalty = createPenalty(
    () => nowMs,
    () => 1,
  );
  const minutes = Array.from({ length: 6 }, () => penalty() / 60_000);
  expect(minutes).toEqual([1, 2, 4, 8, 15, 15]);
  nowMs += nodeCaps.longestPenaltyMs + nodeCaps.forgivenAfterMs + 1;
  expect(penalty()).toBe(60_000);
});
