import { describe, expect, it } from "vitest";
import type { LiveFrame } from "@/lib/live/frames";
import { LiveStream, type LiveStatus } from "./live-stream";

class FakeSource {
  readyState = 0;
  onopen: EventSource["onopen"] = null;
  onmessage: EventSource["onmessage"] = null;
  onerror: EventSource["onerror"] = null;
  closed = false;
  constructor(readonly url: string) {}
  close() {
    this.closed = true;
  }
  send(frame: unknown, lastEventId = "") {
    const event = { data: typeof frame === "string" ? frame : JSON.stringify(frame), lastEventId };
    this.onmessage?.call(this as unknown as EventSource, event as MessageEvent);
  }
  fail(readyState: number) {
    this.readyState = readyState;
    this.onerror?.call(this as unknown as EventSource, {} as Event);
  }
}

function setUp() {
  const sources: FakeSource[] = [];
  const batches: LiveFrame[][] = [];
  const seen: LiveStatus[] = [];
  const flushes: (() => void)[] = [];
  const timers: (() => void)[] = [];
  let refused = 0;
  const stream = new LiveStream({
    url: "/api/live",
    open: (url) => {
      const source = new FakeSource(url);
      sources.push(source);
      return source;
    },
    onFrames: (frames) => batches.push(frames),
    onStatus: (status) => seen.push(status),
    onRefused: () => (refused += 1),
    schedule: (flush) => flushes.push(flush),
    now: () => 42,
    setTimer: (run) => {
      timers.push(run);
      return () => undefined;
    },
  });
  stream.start();
  return { stream, sources, batches, seen, flushes, timers, refused: () => refused, status: () => seen.at(-1)! };
}
const hello = { type: "hello", serverTimeMs: 1, buildId: "b" };
const gone = (id: string) => ({ type: "node.remove", id });

describe("LiveStream", () => {
  it("hands over what came between two flushes as one batch", () => {
    const { sources, batches, flushes, status } = setUp();
    sources[0]!.send(hello);
    sources[0]!.send(gone("a"));
    sources[0]!.send({ type: "synced" });
    expect(batches).toEqual([]);
    expect(flushes).toHaveLength(1);
    // Until its frames are there, a page would take what it still lacks for removed, and lose what was typed or opened.
    expect(status().synced).toBe(false);
    flushes[0]!();
    expect(batches).toHaveLength(1);
    expect(batches[0]!.map(({ type }) => type)).toEqual(["hello", "node.remove", "synced"]);
    expect(status()).toEqual({ state: "live", synced: true, lastFrameAtMs: 42, problem: null });
  });

  it("leaves a broken connection to the browser and says that it reconnects", () => {
    const { sources, flushes, status } = setUp();
    sources[0]!.send({ type: "synced" });
    flushes[0]!();
    sources[0]!.fail(0);
    expect(status().state).toBe("reconnecting");
    expect(sources).toHaveLength(1);
    sources[0]!.send(gone("a"));
    expect(status().state).toBe("live");
  });

  it("opens a refused stream again by its last id, and reports the refusal", () => {
    const { sources, timers, refused } = setUp();
    sources[0]!.send(gone("a"), "epoch-7");
    sources[0]!.fail(2);
    expect(refused()).toBe(1);
    expect(sources[0]!.closed).toBe(true);
    timers[0]!();
    expect(sources[1]!.url).toBe("/api/live?lastEventId=epoch-7");
  });

  it("pauses and goes on where it stopped", () => {
    const { stream, sources, status } = setUp();
    sources[0]!.send(gone("a"), "epoch-9");
    stream.pause();
    expect(sources[0]!.closed).toBe(true);
    expect(status().state).toBe("paused");
    stream.start();
    expect(sources[1]!.url).toContain("epoch-9");
  });

  it("moves its focus without telling people of a reconnect", () => {
    const { stream, sources, status } = setUp();
    sources[0]!.send({ type: "synced" }, "epoch-1");
    stream.setFocus("node_1");
    expect(sources[1]!.url).toBe("/api/live?focus=node_1&lastEventId=epoch-1");
    expect(status().state).toBe("live");
    stream.setFocus("node_1");
    expect(sources).toHaveLength(2);
  });

  it("says so when a frame makes no sense, and goes on", () => {
    const { sources, flushes, batches, status } = setUp();
    sources[0]!.send("{");
    expect(status().problem).toMatch(/could not read/);
    sources[0]!.send({ type: "from-the-future" });
    expect(status().problem).toMatch(/may be newer/);
    sources[0]!.send({ type: "error", message: "The list of nodes could not be read." });
    expect(status().problem).toBe("The list of nodes could not be read.");
    sources[0]!.send({ type: "synced" });
    expect(status().problem).toBeNull();
    flushes[0]!();
    expect(batches[0]!.map(({ type }) => type)).toEqual(["error", "synced"]);
  });
});
