import { Metadata, status, type handleUnaryCall } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { openTalosClient } from "@/lib/talos/client";
import { toDuration } from "@/lib/talos/numbers";
import { isReconnectable } from "@/lib/talos/errors";
import type { LoadAvgResponse } from "@/lib/talos/gen/machine/stats";
import { failureOf } from "@/lib/talos/testing/collect";
import { startPair, type Handlers } from "@/lib/talos/testing/node";

const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

async function pair(handlers: Handlers, options?: Parameters<typeof startPair>[1]) {
  const made = await startPair(handlers, options);
  stops.push(made.stop);
  return made;
}

type LoadAvg = handleUnaryCall<object, LoadAvgResponse>;
const load = (load1: number): LoadAvgResponse => ({ messages: [{ metadata: undefined, load1, load5: 2, load15: 3 }] });
const failing =
  (code: number, details: string): LoadAvg =>
  (_call, reply) =>
    reply({ code, details });

describe("unary calls", () => {
  it("answers with plain values", async () => {
    const { client } = await pair({ machine: { loadAvg: (_call, reply) => reply(null, load(1.5)) } });
    await expect(client.loadAvg()).resolves.toEqual({ load1: 1.5, load5: 2, load15: 3 });
  });

  it("sends `node` metadata through a control plane, never `nodes`, and nothing when it dials directly", async () => {
    const seen: Metadata[] = [];
    const loadAvg: LoadAvg = (call, reply) => (seen.push(call.metadata), reply(null, load(1)));
    await (await pair({ machine: { loadAvg } }, { viaNode: "10.5.0.7" })).client.loadAvg();
    await (await pair({ machine: { loadAvg } })).client.loadAvg();
    expect(seen.map((metadata) => [metadata.get("node"), metadata.get("nodes")])).toEqual([
      [["10.5.0.7"], []],
      [[], []],
    ]);
  });

  it.each([
    [status.PERMISSION_DENIED, "not authorized", "permission-denied", "forbidden"],
    [status.UNIMPLEMENTED, "unknown method", "unimplemented", "unsupported"],
    [status.NOT_FOUND, "no such thing", "not-found", "not-found"],
    [status.ALREADY_EXISTS, "etcd data directory is not empty", "already-exists", "conflict"],
    [status.FAILED_PRECONDITION, "time is not in sync yet", "precondition", "refused"],
    [status.INVALID_ARGUMENT, "bad config", "invalid", "invalid-input"],
    [status.UNKNOWN, "etcd member count(2) is insufficient to maintain quorum", "node-failed", "unavailable"],
    [
      status.UNAVAILABLE,
      "connection error: dial tcp 10.5.0.7:50000: connect: connection refused",
      "unreachable",
      "unavailable",
    ],
    [status.CANCELLED, "context canceled", "rolled-stream", "unavailable"],
  ] as const)("tells status %i (%s) as %s", async (code, details, kind, appCode) => {
    const { client, node } = await pair({ machine: { loadAvg: failing(code, details) } });
    const error = await failureOf(client.loadAvg());
    expect([error.kind, error.code, error.grpcCode]).toEqual([kind, appCode, code]);
    expect(error.method).toBe("/machine.MachineService/LoadAvg");
    expect(error.address).toBe(node.address);
    expect(error.message).toContain(node.address);
    expect(error.details).toBe(details);
    expect(error.message).toMatch(/\.$/);
  });

  it("calls a method that this release does not have unimplemented", async () => {
    const { client } = await pair({ machine: {} });
    expect((await failureOf(client.memory())).kind).toBe("unimplemented");
  });

  it("takes an error in a merged reply for an error", async () => {
    const metadata = { hostname: "10.5.0.9", error: "rpc error: node is down", status: undefined };
    const { client } = await pair({
      machine: { loadAvg: (_call, reply) => reply(null, { messages: [{ metadata, load1: 0, load5: 0, load15: 0 }] }) },
    });
    const error = await failureOf(client.loadAvg());
    expect(error.kind).toBe("node-failed");
    expect(error.message).toContain("10.5.0.9");
    expect(error.message).toContain("node is down");
  });

  it("takes an empty reply for an error", async () => {
    const { client } = await pair({ machine: { loadAvg: (_call, reply) => reply(null, { messages: [] }) } });
    expect((await failureOf(client.loadAvg())).kind).toBe("node-failed");
  });

  it("strips control characters from the node's words", async () => {
    const { client } = await pair({
      machine: { loadAvg: failing(status.INTERNAL, "bad\u001b[31m red\u0007\u202e txt") },
    });
    const error = await failureOf(client.loadAvg());
    expect(error.message).toContain("bad red  txt");
    expect(error.details).toBe("bad red  txt");
  });

  it("fails at its deadline while connected", async () => {
    const { client } = await pair({
      machine: { version: (_call, reply) => reply(null, { messages: [] }), loadAvg: () => undefined },
    });
    await failureOf(client.version());
    const error = await failureOf(client.loadAvg({ deadlineMs: 100 }));
    expect(error.kind).toBe("deadline");
    expect(error.message).toContain("within 0.1 s");
    expect(isReconnectable(error)).toBe(true);
  });

  it("cancels on the node when the signal aborts, and does not call with an aborted one", async () => {
    let calls = 0;
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    let gone = () => {};
    const cancelled = new Promise<void>((resolve) => (gone = resolve));
    const loadAvg: LoadAvg = (call) => {
      calls += 1;
      call.on("cancelled", gone);
      arrived();
    };
    const { client } = await pair({ machine: { loadAvg } });
    const controller = new AbortController();
    const failure = failureOf(client.loadAvg({ signal: controller.signal }));
    await arrival;
    controller.abort();
    expect((await failure).kind).toBe("cancelled");
    await cancelled;
    expect((await failureOf(client.loadAvg({ signal: controller.signal }))).kind).toBe("cancelled");
    expect(calls).toBe(1);
  });

  it("loses its connection mid-call with an outcome that is unknown, and connects again by itself", async () => {
    let first = true;
    const { client, node, server, authority } = await pair({ machine: { reboot: () => node.kill() } });
    const error = await failureOf(client.reboot());
    expect(error.kind).toBe("rolled-stream");
    expect(isReconnectable(error)).toBe(true);
    const { startNode } = await import("@/lib/talos/testing/node");
    const again = await startNode({
      handlers: { machine: { loadAvg: (_call, reply) => reply(null, load((first = false) ? 0 : 4)) } },
      server,
      authority,
      port: node.port,
    });
    stops.push(() => again.kill());
    await expect
      .poll(() => client.loadAvg({ deadlineMs: 5_000 }).catch(() => null), { timeout: 15_000 })
      .toMatchObject({ load1: 4 });
    expect(first).toBe(false);
  });
});

describe("large messages", () => {
  const mebi = 1024 * 1024;

  const read = (bytes: number): Handlers => ({
    machine: {
      read: (call) => {
        call.write({ metadata: undefined, bytes: Buffer.alloc(bytes) });
        call.end();
      },
    },
  });

  it("sends almost 32 MiB", { timeout: 120_000 }, async () => {
    let received = 0;
    const { client } = await pair({
      machine: {
        applyConfiguration: (call, reply) => {
          received = call.request.data.byteLength;
          reply(null, { messages: [{ metadata: undefined, warnings: [], mode: 2, modeDetails: "" }] });
        },
      },
    });
    const applied = await client.applyConfiguration(
      { config: Buffer.alloc(31 * mebi), mode: "auto" },
      { deadlineMs: 110_000 },
    );
    expect([received, applied.mode]).toEqual([31 * mebi, "no-reboot"]);
  });

  it("receives more in a step than over a connection that is kept, and what is larger is a misbehaviour", async () => {
    const { client, node, credentials } = await pair(read(2 * mebi));
    const step = openTalosClient({ address: node.address, credentials, step: true });
    stops.push(() => step.close());
    expect((await step.read("/big")).byteLength).toBe(2 * mebi);
    const error = await failureOf(client.read("/big"));
    expect([error.kind, error.code]).toEqual(["misbehaving", "refused"]);
    expect(error.message).toContain("it sent a larger message than Read ever has");
    expect((await failureOf(client.loadAvg())).kind).toBe("misbehaving");
  });

  it("tells a message over the limit apart", async () => {
    const { client } = await pair({ machine: { applyConfiguration: (_call, reply) => reply(null, { messages: [] }) } });
    const error = await failureOf(client.applyConfiguration({ config: Buffer.alloc(33 * mebi), mode: "auto" }));
    expect(error.kind).toBe("too-large");
  });
});

describe("toDuration", () => {
  it("splits milliseconds", () => {
    expect(toDuration(90_500)).toEqual({ seconds: 90n, nanos: 500_000_000 });
  });
});
