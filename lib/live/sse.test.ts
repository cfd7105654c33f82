import { setMaxListeners } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { afterEach, expect, test, vi } from "vitest";
import { endAllStreams, endStreamsOf, type SseMessage, type SseSource, sseResponse } from "./sse";
import { streamLimits } from "./stream-limits";

const owners = ["user_ada", "token_1"];
const openKey = Symbol.for("ichor.open-streams");
afterEach(() => {
  delete (globalThis as { [openKey]?: unknown })[openKey];
});

/** A source that is fed by hand and says when it was closed. */
function handSource() {
  const queue: (SseMessage[] | null)[] = [];
  let wake: (() => void) | null = null;
  let pulls = 0;
  let markClosed: () => void = () => {};
  const closed = new Promise<void>((resolve) => (markClosed = resolve));
  const source: SseSource = {
    async next() {
      pulls += 1;
      while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return queue.shift() ?? null;
    },
    close() {
      markClosed();
      queue.push(null);
      wake?.();
    },
  };
  const feed = (messages: SseMessage[] | null) => {
    queue.push(messages);
    wake?.();
  };
  return { source, feed, closed, pulls: () => pulls };
}

async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, wanted: string): Promise<string> {
  let text = "";
  while (!text.includes(wanted)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`ended before ${wanted}: ${text}`);
    text += new TextDecoder().decode(value);
  }
  return text;
}
function readerOf(response: Response) {
  if (!response.body) throw new Error("no body");
  return response.body.getReader();
}

test("messages carry their id, and the headers keep proxies from holding them back", async () => {
  const { source, feed } = handSource();
  const response = sseResponse(source, { signal: new AbortController().signal, owners });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  expect(response.headers.get("cache-control")).toContain("no-transform");
  expect(response.headers.get("x-accel-buffering")).toBe("no");
  feed([{ id: "e-1", data: "{}" }, { data: "[]" }]);
  const text = await readUntil(readerOf(response), "[]");
  expect(text).toContain("id: e-1\ndata: {}\n\ndata: []\n\n");
});

test("silence is filled with comments", async () => {
  const { source } = handSource();
  const reader = readerOf(sseResponse(source, { signal: new AbortController().signal, owners, keepAliveMs: 5 }));
  expect(await readUntil(reader, ": still here\n\n")).toContain("retry: 2000");
});

test("the end of the source ends the stream", async () => {
  const { source, feed } = handSource();
  const response = sseResponse(source, { signal: new AbortController().signal, owners });
  feed([{ data: "1" }]);
  feed(null);
  expect(await response.text()).toContain("data: 1");
});

test("cancelling frees the source at once, without waiting for its next message", async () => {
  const { source, closed } = handSource();
  const reader = readerOf(sseResponse(source, { signal: new AbortController().signal, owners }));
  await reader.read();
  await reader.cancel();
  await closed;
});

test("a reader that does not read is not fed", async () => {
  const { source, feed, pulls } = handSource();
  const reader = readerOf(sseResponse(source, { signal: new AbortController().signal, owners }));
  for (let index = 0; index < 100; index += 1) feed([{ data: String(index) }]);
  await readUntil(reader, "data: 0\n");
  expect(pulls()).toBeLessThan(5);
});

test("a shutdown ends open streams with the reason, and later ones at once", async () => {
  const { source, closed } = handSource();
  const open = sseResponse(source, { signal: new AbortController().signal, owners });
  const text = open.text();
  endAllStreams("The server is stopping.");
  expect(await text).toContain('{"type":"done","reason":"The server is stopping."}');
  await closed;
  const late = sseResponse(handSource().source, { signal: new AbortController().signal, owners });
  expect(await late.text()).toContain('"type":"done"');
});

test("a stream has an age, so that a session that has ended does not go on reading", async () => {
  const { source, closed } = handSource();
  const response = sseResponse(source, { signal: new AbortController().signal, owners, maxAgeMs: 5 });
  expect(await response.text()).toBe("retry: 2000\n\n");
  await closed;
});

test("over real HTTP, a browser that vanishes frees the source", async () => {
  const { source, feed, closed } = handSource();
  const server = http.createServer((request, response) => {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const answer = sseResponse(source, { signal: gone.signal, owners });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (answer.body) Readable.fromWeb(answer.body as import("node:stream/web").ReadableStream).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve, reject) => {
      const request = http.get({ host: "127.0.0.1", port }, (response) => {
        response.on("error", () => undefined);
        response.on("data", (chunk: Buffer) => {
          if (!chunk.toString().includes("data: first")) return;
          request.destroy();
          resolve();
        });
      });
      request.on("error", reject);
      feed([{ data: "first" }]);
    });
    await closed;
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("streams of an account or token whose rights have changed end at once, and no other", async () => {
  const mine = handSource();
  const others = handSource();
  const reader = readerOf(sseResponse(mine.source, { signal: new AbortController().signal, owners }));
  const otherReader = readerOf(
    sseResponse(others.source, { signal: new AbortController().signal, owners: ["user_eve"] }),
  );
  await readUntil(reader, "retry");
  const next = reader.read();
  endStreamsOf("user_ada");
  // No frame: the browser asks again, and is then let in or not.
  expect(await next).toEqual({ done: true, value: undefined });
  await mine.closed;
  others.feed([{ data: "{}" }]);
  await readUntil(otherReader, "{}");
});

test.each([
  ["of an account", streamLimits.perAccount, () => ({ owners: ["user_ada", "session_1"] }), "Your account has 40 live"],
  [
    "of a node's logs",
    streamLimits.perNode,
    (at: number) => ({ owners: [`user_${at}`], node: "node_1" }),
    "30 logs of this node",
  ],
  ["in all", streamLimits.inAll, (at: number) => ({ owners: [`user_${at}`] }), "Ichor serves 600 live streams"],
])("one stream too many, %s, is refused and its source closed; a place that is left can be taken", async (...given) => {
  const [, most, who, sentence] = given;
  const leave = new AbortController();
  const { signal } = leave;
  setMaxListeners(1_000, signal);
  sseResponse(handSource().source, { signal, ...who(0) });
  const stay = new AbortController().signal;
  setMaxListeners(1_000, stay);
  for (let at = 1; at < most; at += 1) sseResponse(handSource().source, { signal: stay, ...who(at) });
  const { source, closed } = handSource();
  const onEnd = vi.fn();
  expect(() => sseResponse(source, { signal: stay, onEnd, ...who(most) })).toThrow(sentence);
  await closed;
  expect(onEnd).toHaveBeenCalledOnce();
  if (most !== streamLimits.inAll)
    sseResponse(handSource().source, { signal: stay, owners: ["user_eve"], node: "node_2" });
  leave.abort();
  sseResponse(handSource().source, { signal: stay, ...who(most) });
});
