import type { ServerWritableStream } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, test } from "vitest";
import { nodeCaps } from "@/lib/core/bounds/input-caps";
import { openTalosClient, type TalosClient } from "@/lib/talos/client";
import { EventType, type Event, type Resource, type WatchResponse } from "@/lib/talos/gen/cosi/resource/state";
import type { NodeRates } from "@/lib/talos/limits/connection-limits";
import { resourceDefs } from "@/lib/talos/resources";
import { collect, failureOf } from "@/lib/talos/testing/collect";
import { startPair, type Handlers } from "@/lib/talos/testing/node";

const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

/** Low ones, of which nothing comes back: on a busy machine a flood is slower than what the real ones allow. */
const rates: NodeRates = {
  ...{ bytesPerSecond: 1, bytesAtOnce: 16 * 1024 * 1024, messagesPerSecond: 1, messagesAtOnce: 3_000 },
  ...{ nodesPerSecond: 1, nodesAtOnce: 200_000, socketBytesPerSecond: 1, socketBytesAtOnce: 64 * 1024 * 1024 },
};

async function hostile(handlers: Handlers, allowed = rates) {
  const pair = await startPair(handlers, { rates: allowed });
  stops.push(pair.stop);
  return pair;
}

const spec = (id: string, yamlSpec = "state: live\n"): Resource => ({
  metadata: {
    ...{ namespace: "runtime", type: "T", id, version: "1", owner: "c", phase: "running" },
    ...{ created: undefined, updated: undefined, finalizers: [], labels: {}, annotations: {} },
  },
  spec: { protoSpec: Buffer.alloc(0), yamlSpec },
});
const created = (resource: Resource): Event => ({
  ...{ eventType: EventType.CREATED, resource, old: undefined, error: "", bookmark: Buffer.alloc(0) },
});

type Endless = { sent: () => number; cancelled: Promise<void> };

/** Writes as fast as it is taken, until the call is cancelled. */
function pour<Message>(call: ServerWritableStream<never, Message>, next: (index: number) => Message): Endless {
  let sent = 0;
  const pump = () => {
    while (!call.cancelled) {
      if (!call.write(next(sent++))) return void call.once("drain", pump);
      if (sent % 64 === 0) return void setImmediate(pump);
    }
  };
  pump();
  return { sent: () => sent, cancelled: new Promise((resolve) => call.once("cancelled", () => resolve())) };
}

/** Reads a stream to its failure; says how many items came. */
async function drain(stream: AsyncIterable<unknown>): Promise<{ items: number; error: Error & { kind?: string } }> {
  let items = 0;
  const error = await failureOf(
    (async () => {
      for await (const _ of stream) items += 1;
    })(),
  );
  return { items, error };
}

const watched = (client: TalosClient) => client.watch(resourceDefs.kernelModuleStatus);
const filler = "x".repeat(20_000);

describe("a node that sends without end", () => {
  test("ids: it is named, dropped, and its stream is cancelled on it", async () => {
    let endless: Endless | undefined;
    const { client, node } = await hostile({
      state: {
        watch: (call) =>
          (endless = pour(call as never, (at): WatchResponse => ({ event: [created(spec(`id-${at}`))] }))),
        get: (_call, reply) => reply(null, { resource: spec("x") }),
      },
    });
    const { items, error } = await drain(watched(client));
    expect(error.kind).toBe("misbehaving");
    expect(error.message).toBe(
      `${node.address} misbehaves: it sent more than 2,048 KernelModuleStatuses.runtime.talos.dev. Its connection was dropped.`,
    );
    expect(items).toBeLessThanOrEqual(nodeCaps.idsPerType + 1);
    await endless?.cancelled;
    // The connection is gone for all other calls too, with the same reason.
    expect((await failureOf(client.get(resourceDefs.machineStatus))).message).toBe(error.message);
  });

  test("changes of one id: the rate of messages is bounded", async () => {
    const { client } = await hostile({
      state: { watch: (call) => void pour(call as never, (): WatchResponse => ({ event: [created(spec("one"))] })) },
    });
    const { items, error } = await drain(watched(client));
    expect(error.message).toContain("it sent more than 3,000 messages at once and 1 a second");
    // One comes back each second.
    expect(items).toBeLessThan(rates.messagesAtOnce * 1.2);
  });

  test("small changes, fewer than messages are allowed: what they cost is bounded", async () => {
    // As many a second as its messages may be; 16 and its values each are more than the values may.
    const { client } = await hostile(
      {
        state: { watch: (call) => void pour(call as never, (): WatchResponse => ({ event: [created(spec("one"))] })) },
      },
      { ...rates, nodesAtOnce: 16_000 },
    );
    const { items, error } = await drain(watched(client));
    expect(error.kind).toBe("misbehaving");
    expect(error.message).toContain("it sent more than 16,000 YAML values at once and 1 a second");
    expect(items).toBeLessThan(16_000 / nodeCaps.nodesPerChange + 2);
  });

  test("resources that go, with nothing but labels", async () => {
    const gone = { ...created(spec("one")), eventType: EventType.DESTROYED };
    if (gone.resource?.metadata)
      gone.resource.metadata.labels = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`l${at}`, "x"]));
    const { client } = await hostile(
      {
        state: { watch: (call) => void pour(call as never, (): WatchResponse => ({ event: [gone] })) },
      },
      { ...rates, nodesAtOnce: 16_000 },
    );
    const { items, error } = await drain(watched(client));
    expect(error.message).toContain("YAML values");
    expect(items).toBeLessThan(16_000 / 100);
  });

  test("specs that are large together: what is held is bounded", async () => {
    const { client } = await hostile({
      state: {
        watch: (call) =>
          void pour(call as never, (at): WatchResponse => ({
            event: [created(spec(`id-${at}`, `name: ${filler}\n`))],
          })),
      },
    });
    const { items, error } = await drain(watched(client));
    expect(error.message).toContain("it sent resources of more than 4 MiB in all");
    expect(items).toBeLessThan(nodeCaps.heldBytes / filler.length + 2);
  });

  test("a list", async () => {
    const { client } = await hostile({
      state: { list: (call) => void pour(call as never, (at) => ({ resource: spec(`id-${at}`) })) },
    });
    const error = await failureOf(client.listResources(resourceDefs.loadedKernelModule));
    expect(error.message).toContain("more than 2,048 LoadedKernelModules.runtime.talos.dev");
  });

  test("events", async () => {
    const event = { metadata: undefined, data: undefined, id: "a".repeat(1_000), actorId: "" };
    const { client } = await hostile({ machine: { events: (call) => void pour(call as never, () => event) } });
    const { error } = await drain(client.events());
    expect(error.kind).toBe("misbehaving");
    expect(error.message).toContain("more than 3,000 messages at once");
  });

  test("the kernel log, read for ourselves; whoever reads it as a person holds the node back and is told", async () => {
    const line = { metadata: undefined, bytes: Buffer.from("kern: info: [2026-01-01T00:00:00Z]: NVRM: flood") };
    const { client, node, credentials } = await hostile({
      machine: { dmesg: (call) => void pour(call as never, () => line) },
    });
    const { error } = await drain(client.dmesg({ follow: true, tail: false }));
    expect(error.kind).toBe("misbehaving");
    const reader = openTalosClient({ address: node.address, credentials, rates });
    stops.push(() => reader.close());
    let read = 0;
    for await (const text of reader.dmesg({ follow: true, tail: false }, { heldBack: true })) {
      read += 1;
      if (text.startsWith("[Ichor holds the node back")) break;
    }
    expect(read).toBeGreaterThan(1_000);
    expect((await failureOf(reader.version())).kind).toBe("unimplemented");
  });

  test("lines in one message: the first are read, and a line says how many are not", async () => {
    const frame = { metadata: undefined, bytes: Buffer.alloc(500_000, "\n") };
    const { client } = await hostile({ machine: { logs: (call) => (call.write(frame), call.end()) } });
    const lines = await collect(client.logs({ id: "kubelet", follow: false, tailLines: -1 }));
    expect(lines).toHaveLength(nodeCaps.linesPerMessage + 1);
    expect(lines.at(-1)).toBe("[Ichor left out 495904 lines: the node sent more at once than can be shown]");
  });
});

const bombs: [string, string, RegExp][] = [
  ["a huge spec", `a: ${"x".repeat(70_000)}\n`, /a spec of \S+ with 70004 characters, more than 65536/],
  ["many keys", Array.from({ length: 6_000 }, (_, at) => `k${at}: 1\n`).join(""), /YAML values, more than 4096/],
  ["the same key", "{" + "a: 1,".repeat(6_000) + "}", /YAML values, more than 4096/],
  ["closing brackets", "} ".repeat(30_000), /YAML values, more than 4096/],
  ["depth", "[".repeat(2_000), /more than 64 YAML levels/],
  [
    "blanks in depth",
    Array.from({ length: 300 }, (_, at) => `${" ".repeat(at)}a:`).join("\n"),
    /more than 64 YAML levels/,
  ],
];

describe("YAML that is made to cost", () => {
  test.each(bombs)("%s is refused before it is parsed, and the node is named", async (_, yaml, sentence) => {
    const { client } = await hostile({ state: { get: (_call, reply) => reply(null, { resource: spec("x", yaml) }) } });
    const error = await failureOf(client.get(resourceDefs.machineStatus));
    expect(error.kind).toBe("misbehaving");
    expect(error.message).toMatch(sentence);
  });

  test.each([
    ["aliases", "a: &a [x, x]\nb: [*a, *a, *a]\n"],
    ["a few equal keys", "stage: 1\nstage: 2\n"],
    ["garbage", "a: [\n"],
  ])("%s cannot be read", async (_, yaml) => {
    const { client } = await hostile({ state: { get: (_call, reply) => reply(null, { resource: spec("x", yaml) }) } });
    expect((await failureOf(client.get(resourceDefs.machineStatus))).kind).toBe("node-failed");
  });
});

describe("messages that are made to cost", () => {
  it("refuses more fields than any has", async () => {
    const service = { id: "", state: "", events: undefined, health: undefined };
    const messages = [{ metadata: undefined, services: Array.from({ length: 200_000 }, () => service) }];
    const { client } = await hostile({ machine: { serviceList: (_call, reply) => reply(null, { messages }) } });
    const error = await failureOf(client.serviceList());
    expect(error.message).toContain("it sent a message with more than 100000 fields");
  });

  it("refuses longer lists than any node has", async () => {
    const service = { id: "a", state: "Running", events: undefined, health: undefined };
    const messages = [{ metadata: undefined, services: Array.from({ length: 600 }, () => service) }];
    const { client } = await hostile({ machine: { serviceList: (_call, reply) => reply(null, { messages }) } });
    expect((await failureOf(client.serviceList())).message).toContain("it sent more than 512 services");
  });
});

describe("a node that is slow", () => {
  it("is away at its deadline when it is silent, and others are read meanwhile", async () => {
    const silent = await hostile({ state: { get: () => undefined, watch: () => undefined } });
    const other = await hostile({
      state: { get: (_call, reply) => reply(null, { resource: spec("machine", "stage: running\n") }) },
    });
    const failure = failureOf(silent.client.get(resourceDefs.machineStatus, undefined, { deadlineMs: 1_500 }));
    expect((await other.client.get(resourceDefs.machineStatus)).spec.stage).toBe("running");
    expect(["deadline", "unreachable"]).toContain((await failure).kind);
  });
});

/** Is the other node answered while the first one floods? */
test("other nodes are untouched by one that floods", async () => {
  const bad = await hostile({
    state: {
      watch: (call) => void pour(call as never, (at): WatchResponse => ({ event: [created(spec(`id-${at % 9}`))] })),
    },
  });
  const good = await hostile({
    state: { get: (_call, reply) => reply(null, { resource: spec("machine", "stage: running\n") }) },
  });
  const flood = drain(watched(bad.client));
  for (let round = 0; round < 5; round++) {
    expect((await good.client.get(resourceDefs.machineStatus)).spec.stage).toBe("running");
  }
  expect((await flood).error.kind).toBe("misbehaving");
  expect((await good.client.get(resourceDefs.machineStatus)).spec.stage).toBe("running");
});
