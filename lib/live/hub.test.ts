import { expect, test, vi } from "vitest";
import { type LiveFrame, liveFrame } from "./frames";
import { createHub, type Hub } from "./hub";
import type { SseSource } from "./sse";
import { createWindow } from "./window";

const cluster = (id: string, name: string): LiveFrame => ({
  type: "cluster.upsert",
  cluster: {
    id,
    name,
    endpoint: "https://127.0.0.1:6443",
    controlPlanes: 0,
    workers: 0,
    talosClusterId: null,
    contract: null,
    kubernetesVersion: null,
    secrets: "none",
    credentialRole: "os:reader",
    credentialExpiresMs: null,
    bootstrapped: null,
    createdAtMs: 0,
  },
});
const event = (seq: number): LiveFrame => ({
  type: "run.event",
  event: { kind: "note", seq, runId: "run_1", atMs: 0, nodeId: null, text: `note ${seq}` },
});
const counters = (id: string): LiveFrame => ({
  type: "node.counters",
  id,
  counters: {
    atMs: 1,
    cpuPercent: 1,
    load1: null,
    memoryUsedBytes: null,
    memoryTotalBytes: null,
    networkReceiveBytesPerSecond: null,
    networkTransmitBytesPerSecond: null,
    diskReadBytesPerSecond: null,
    diskWriteBytesPerSecond: null,
  },
});
const remove = (id: string): LiveFrame => ({ type: "node.remove", id });

type Seen = { type: string; id?: string; name?: string; seq?: number };
async function read(source: SseSource): Promise<{ frames: Seen[]; lastId: string | null }> {
  const messages = (await source.next()) ?? [];
  const frames = messages.map(({ data }) => {
    const frame = JSON.parse(data) as LiveFrame;
    if (frame.type === "cluster.upsert") return { type: frame.type, id: frame.cluster.id, name: frame.cluster.name };
    if (frame.type === "run.event") return { type: frame.type, seq: frame.event.seq };
    return { type: frame.type };
  });
  return { frames, lastId: messages.at(-1)?.id ?? null };
}
async function readToSynced(source: SseSource): Promise<{ frames: Seen[]; lastId: string | null }> {
  const all: Seen[] = [];
  for (;;) {
    const { frames, lastId } = await read(source);
    all.push(...frames);
    if (frames.some((frame) => frame.type === "synced")) return { frames: all, lastId };
  }
}
function hubWith(state: LiveFrame[], options = {}): Hub {
  const hub = createHub(options);
  hub.addSnapshotSource("clusters", () => state);
  return hub;
}

test("a new browser gets hello, the whole state and synced, then what changes", async () => {
  const hub = hubWith([cluster("a", "alpha"), cluster("b", "beta")]);
  const browser = hub.subscribe();
  const { frames } = await readToSynced(browser);
  expect(frames.map((frame) => frame.type)).toEqual(["hello", "cluster.upsert", "cluster.upsert", "synced"]);
  hub.publish(event(1));
  expect((await read(browser)).frames).toEqual([{ type: "run.event", seq: 1 }]);
});

test("hello is one that a browser understands where the deployment has no id", async () => {
  vi.stubEnv("NEXT_DEPLOYMENT_ID", "");
  const [hello] =
    (await createHub({ now: () => 7 })
      .subscribe()
      .next()) ?? [];
  vi.unstubAllEnvs();
  const frame = liveFrame.parse(JSON.parse(hello?.data ?? ""));
  expect(frame).toEqual({ type: "hello", serverTimeMs: 7, buildId: "ichor" });
});

test("upserts of one thing within the window become one frame with the newest state", async () => {
  vi.useFakeTimers();
  try {
    const hub = hubWith([]);
    const browser = hub.subscribe();
    await readToSynced(browser);
    hub.publish(cluster("a", "one"));
    hub.publish(cluster("b", "other"));
    hub.publish(cluster("a", "two"));
    vi.advanceTimersByTime(20);
    expect((await read(browser)).frames.map(({ id, name }) => [id, name])).toEqual([
      ["a", "two"],
      ["b", "other"],
    ]);
  } finally {
    vi.useRealTimers();
  }
});

test("counters wait for each other, a change of state does not wait for them", async () => {
  vi.useFakeTimers();
  try {
    const hub = hubWith([], { stateMs: 20, countersMs: 500 });
    const browser = hub.subscribe();
    await readToSynced(browser);
    hub.publish(counters("n1"));
    hub.publish(cluster("a", "one"));
    vi.advanceTimersByTime(20);
    expect((await read(browser)).frames.map(({ type }) => type)).toEqual(["cluster.upsert"]);
    hub.publish(counters("n2"));
    vi.advanceTimersByTime(480);
    expect((await read(browser)).frames.map(({ type }) => type)).toEqual(["node.counters", "node.counters"]);
  } finally {
    vi.useRealTimers();
  }
});

test("after a storm the next window is longer, and a quiet one makes it short again", () => {
  vi.useFakeTimers();
  try {
    const closed: number[] = [];
    const window = createWindow<number>(
      (previous) => (previous > 2 ? 100 : 20),
      (items) => closed.push(items.length),
    );
    for (const key of ["a", "b", "c"]) window.add(key, 1);
    vi.advanceTimersByTime(20);
    window.add("a", 2);
    vi.advanceTimersByTime(99);
    expect(closed).toEqual([3]);
    vi.advanceTimersByTime(1);
    window.add("a", 3);
    vi.advanceTimersByTime(20);
    expect(closed).toEqual([3, 1, 1]);
  } finally {
    vi.useRealTimers();
  }
});

test("a browser that was away gets only what it missed, in order", async () => {
  const hub = hubWith([cluster("a", "alpha")]);
  const first = hub.subscribe();
  await readToSynced(first);
  hub.publish(event(1));
  const { lastId } = await read(first);
  first.close();
  hub.publish(event(2));
  hub.publish(event(3));

  const { frames } = await readToSynced(hub.subscribe({ lastEventId: lastId }));
  expect(frames).toEqual([{ type: "run.event", seq: 2 }, { type: "run.event", seq: 3 }, { type: "synced" }]);
});

test("the id on synced resumes right behind the snapshot", async () => {
  const hub = hubWith([cluster("a", "alpha")]);
  hub.publish(event(1));
  const { lastId } = await readToSynced(hub.subscribe());
  hub.publish(event(2));
  const { frames } = await readToSynced(hub.subscribe({ lastEventId: lastId }));
  expect(frames).toEqual([{ type: "run.event", seq: 2 }, { type: "synced" }]);
});

test.each<[what: string, idOf: (epoch: string) => string]>([
  // The number is one that this hub holds: only the epoch says that it means something else.
  ["an id of another server process", () => "0badcafe0000-1"],
  ["an id of another process of the same number", (epoch) => `${epoch.slice(0, -1)}x-1`],
  ["an id from the future", (epoch) => `${epoch}-99`],
  ["a number that is none", (epoch) => `${epoch}-1e0`],
  ["a number that is too long", (epoch) => `${epoch}-${"1".repeat(16)}`],
  ["a number below nothing", (epoch) => `${epoch}--1`],
  ["an epoch alone", (epoch) => epoch],
  ["an id that is no id", () => "yesterday"],
])("%s gets a whole snapshot", async (_, idOf) => {
  const hub = hubWith([cluster("a", "alpha")]);
  for (let seq = 1; seq <= 3; seq += 1) hub.publish(event(seq));
  const { lastId } = await readToSynced(hub.subscribe());
  const [epoch = ""] = (lastId ?? "").split("-");
  expect(lastId).toBe(`${epoch}-3`);
  const { frames } = await readToSynced(hub.subscribe({ lastEventId: idOf(epoch) }));
  expect(frames[0]?.type).toBe("hello");
});

test("an id that the ring no longer holds gets a whole snapshot", async () => {
  const hub = hubWith([cluster("a", "alpha")], { ringEntries: 3 });
  const { lastId } = await readToSynced(hub.subscribe());
  for (let seq = 1; seq <= 10; seq += 1) hub.publish(event(seq));
  const { frames } = await readToSynced(hub.subscribe({ lastEventId: lastId }));
  expect(frames[0]?.type).toBe("hello");
});

test("a slow browser's queue is dropped for a fresh snapshot, and it ends up with the present state", async () => {
  const state = [cluster("a", "alpha")];
  const hub = hubWith(state, { queueEntries: 5, ringEntries: 5 });
  const slow = hub.subscribe();
  await readToSynced(slow);
  for (let seq = 1; seq <= 100; seq += 1) hub.publish(event(seq));
  state[0] = cluster("a", "renamed");
  const { frames } = await readToSynced(slow);
  expect(frames).toEqual([{ type: "hello" }, { type: "cluster.upsert", id: "a", name: "renamed" }, { type: "synced" }]);
  hub.publish(remove("node_1"));
  expect((await read(slow)).frames).toEqual([{ type: "node.remove" }]);
});

test("what is published while a snapshot is being sent comes after it", async () => {
  const hub = hubWith(Array.from({ length: 120 }, (_, index) => cluster(`c${index}`, "x")));
  const browser = hub.subscribe();
  await read(browser);
  hub.publish(event(1));
  const { frames } = await readToSynced(browser);
  expect(frames.filter((frame) => frame.type === "cluster.upsert")).toHaveLength(120);
  expect(frames.some((frame) => frame.type === "run.event")).toBe(false);
  expect((await read(browser)).frames).toEqual([{ type: "run.event", seq: 1 }]);
});

test("a source that fails is said, and the stream ends without synced", async () => {
  const hub = createHub();
  hub.addSnapshotSource("runs", () => Promise.reject(new Error("the database is locked")));
  const browser = hub.subscribe();
  await browser.next();
  const [message] = (await browser.next()) ?? [];
  expect(message?.data).toContain("The list of runs could not be read: the database is locked");
  await expect(browser.next()).rejects.toThrow("the database is locked");
});

test("a browser that leaves is forgotten, even while it waits", async () => {
  const hub = hubWith([]);
  const browser = hub.subscribe();
  await readToSynced(browser);
  const waiting = browser.next();
  expect(hub.subscriberCount()).toBe(1);
  browser.close();
  expect(await waiting).toBeNull();
  expect(hub.subscriberCount()).toBe(0);
});
