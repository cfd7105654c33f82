import type { ServerWritableStream } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { openTalosClient, type TalosClient } from "@/lib/talos/client";
import type { Data } from "@/lib/talos/gen/common/common";
import type { LogsRequest } from "@/lib/talos/gen/machine/files";
import { collect, failureOf } from "@/lib/talos/testing/collect";
import { startPair } from "@/lib/talos/testing/node";
import { startRelay } from "@/lib/talos/testing/tcp-relay";

const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

type LogsCall = ServerWritableStream<LogsRequest, Data>;
const frame = (bytes: string | Uint8Array): Data => ({ metadata: undefined, bytes: Buffer.from(bytes) });
const kubelet = { id: "kubelet", follow: true, tailLines: -1 };

/** A node that sends two lines and then leaves the stream open; `calls` are its ends. */
async function logNode(serve: (call: LogsCall) => void = (call) => void call.write(frame("one\ntwo\n"))) {
  const calls: LogsCall[] = [];
  const pair = await startPair({ machine: { logs: (call) => (calls.push(call), serve(call)) } });
  stops.push(pair.stop);
  return { ...pair, calls };
}

/** The same behind a relay that can break the connection. */
async function relayedLogNode() {
  const node = await logNode();
  const relay = await startRelay(node.node.port);
  const client = openTalosClient({ address: relay.address, credentials: node.credentials });
  stops.push(() => (client.close(), relay.stop()));
  return { ...node, relay, client };
}

/** Waits until the connection is up, so that a short time limit measures the stream alone. */
const connected = (client: TalosClient) => failureOf(client.version());

const cancelledOn = (call: LogsCall | undefined) =>
  new Promise<void>((resolve) => (call?.cancelled ? resolve() : call?.on("cancelled", () => resolve())));

describe("server streams", () => {
  it("puts lines and UTF-8 together again, wherever the frames were cut", async () => {
    const bytes = Buffer.from("größe 1\n温度 2\r\n\u001b[31mrot\u001b[0m\nlast");
    const { client, calls } = await logNode((call) => {
      for (const byte of bytes) call.write(frame(Uint8Array.of(byte)));
      call.end();
    });
    await expect(collect(client.logs(kubelet))).resolves.toEqual(["größe 1", "温度 2", "rot", "last"]);
    expect(calls[0]?.request).toMatchObject({ namespace: "system", id: "kubelet", tailLines: -1, follow: true });
  });

  it("starts nothing before it is read", async () => {
    const { client, calls } = await logNode();
    client.logs(kubelet);
    await client.version().catch(() => null);
    expect(calls).toEqual([]);
  });

  it("cancels on the node when the reader leaves the loop", async () => {
    const { client, calls } = await logNode();
    for await (const line of client.logs(kubelet)) {
      expect(line).toBe("one");
      break;
    }
    await cancelledOn(calls[0]);
  });

  it("cancels on the node and ends a waiting read when the iterator is returned", async () => {
    const { client, calls } = await logNode();
    const lines = client.logs(kubelet)[Symbol.asyncIterator]();
    await lines.next();
    await lines.next();
    const waiting = lines.next();
    await lines.return?.();
    await expect(waiting).resolves.toEqual({ done: true, value: undefined });
    await cancelledOn(calls[0]);
  });

  it("fails with `cancelled` and cancels on the node when the signal aborts", async () => {
    const { client, calls } = await logNode();
    const controller = new AbortController();
    const lines = client.logs(kubelet, { signal: controller.signal })[Symbol.asyncIterator]();
    await lines.next();
    await lines.next();
    const failure = failureOf(lines.next());
    controller.abort(new Error("the page was left"));
    const error = await failure;
    expect(error.kind).toBe("cancelled");
    expect(error.cause).toMatchObject({ message: "the page was left" });
    await cancelledOn(calls[0]);
    await expect(lines.next()).resolves.toEqual({ done: true, value: undefined });
  });

  it("reads what came before the node was killed, then tells the broken stream", async () => {
    const { client, node } = await logNode();
    const lines = client.logs(kubelet)[Symbol.asyncIterator]();
    await expect(lines.next()).resolves.toEqual({ done: false, value: "one" });
    await expect(lines.next()).resolves.toEqual({ done: false, value: "two" });
    node.kill();
    const error = await failureOf(lines.next());
    expect(error.kind).toBe("rolled-stream");
  });

  it("tells a TCP reset mid-stream as a broken stream", async () => {
    const { client, relay } = await relayedLogNode();
    const lines = client.logs(kubelet)[Symbol.asyncIterator]();
    await lines.next();
    await lines.next();
    relay.reset();
    expect((await failureOf(lines.next())).kind).toBe("rolled-stream");
  });

  it("notices a connection on which nothing moves any more", async () => {
    const { client, relay } = await relayedLogNode();
    await connected(client);
    const lines = client.logs(kubelet, { inactivityMs: 1_500 })[Symbol.asyncIterator]();
    await lines.next();
    await lines.next();
    relay.stall();
    const error = await failureOf(lines.next());
    expect(error.kind).toBe("deadline");
    expect(error.message).toContain("sent nothing for 1.5 s during Logs");
  });

  it("ends at its deadline although lines keep coming", async () => {
    const timers: NodeJS.Timeout[] = [];
    const { client } = await logNode((call) => timers.push(setInterval(() => call.write(frame("tick\n")), 5)));
    stops.push(() => timers.forEach((timer) => clearInterval(timer)));
    await connected(client);
    expect((await failureOf(collect(client.logs(kubelet, { deadlineMs: 200 })))).kind).toBe("deadline");
  });

  it("holds the node back when the reader is slow, and loses nothing", async () => {
    const total = 2_000;
    const chunk = "x".repeat(4_096);
    let written = 0;
    const { client } = await logNode((call) => {
      const pump = () => {
        while (written < total) {
          written += 1;
          if (!call.write(frame(`${chunk}\n`))) return void call.once("drain", pump);
        }
        call.end();
      };
      pump();
    });
    const lines = client.logs(kubelet)[Symbol.asyncIterator]();
    await lines.next();
    // Round trips on the same connection: time enough for the node to send all, were it not held back.
    for (let i = 0; i < 50; i++) await client.version().catch(() => null);
    expect(written).toBeLessThan(total);
    let read = 1;
    while (!(await lines.next()).done) read += 1;
    expect(read).toBe(total);
  });

  it("takes an error inside a frame for an error", async () => {
    const metadata = { hostname: "10.5.0.9", error: "container not found", status: undefined };
    const { client } = await logNode((call) => void call.write({ metadata, bytes: Buffer.alloc(0) }));
    const error = await failureOf(collect(client.logs(kubelet)));
    expect(error.kind).toBe("node-failed");
    expect(error.message).toContain("container not found");
  });

  it("ends what is in flight when the client is closed, and makes no new calls", async () => {
    const { client, calls } = await logNode();
    const lines = client.logs(kubelet)[Symbol.asyncIterator]();
    await lines.next();
    await lines.next();
    const failure = failureOf(lines.next());
    client.close();
    expect((await failure).kind).toBe("cancelled");
    await cancelledOn(calls[0]);
    expect((await failureOf(client.version())).kind).toBe("cancelled");
    expect((await failureOf(collect(client.logs(kubelet)))).kind).toBe("cancelled");
    expect(calls).toHaveLength(1);
  });

  it("asks for pods' containers through CRI", async () => {
    const { client, calls } = await logNode((call) => call.end());
    await collect(client.logs({ id: "x", namespace: "k8s.io", follow: false, tailLines: 5 }));
    expect(calls[0]?.request).toMatchObject({ namespace: "k8s.io", driver: 1, tailLines: 5 });
  });
});
