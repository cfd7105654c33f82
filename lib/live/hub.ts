import { randomBytes } from "node:crypto";
import { errorMessage } from "@/lib/core/errors";
import type { LiveFrame } from "./frames";
import { createRing } from "./ring";
import type { SseSource } from "./sse";
import { Subscriber } from "./subscriber";
import { createWindow } from "./window";

/** The whole state of one domain as frames. It may be asked for at any time and must not throw for a part that is missing. */
export type SnapshotSource = () => LiveFrame[] | Promise<LiveFrame[]>;

/** What `publishLater` names: the same thing as the frame that it will make. */
export type LaterKey = `node:${string}` | `cluster:${string}` | `run:${string}`;

export type Hub = {
  /** Sends a frame to every browser. Upserts of one thing are coalesced over `stateMs`, counters over `countersMs`. */
  publish: (frame: LiveFrame) => void;
  /** As `publish`, for an upsert that is costly to make: it is made once per window, from the state at its end. */
  publishLater: (key: LaterKey, make: () => LiveFrame | null) => void;
  /** Adds (or replaces, by name) a part of the snapshot that a new browser gets first. */
  addSnapshotSource: (name: string, source: SnapshotSource) => void;
  /**
   * A browser's frames: missed ones when `lastEventId` is still held, else a snapshot that begins with `hello` and ends
   * with `synced`; what a snapshot does not name is gone.
   */
  subscribe: (options?: { lastEventId?: string | null }) => SseSource;
  subscriberCount: () => number;
};

export type HubOptions = {
  /** Short where little happens: somebody may be waiting for it. */
  stateMs?: number;
  /** After a window with more than `stormSize` things in it. */
  stormMs?: number;
  /** Counters of a fleet tick all the time; each batch has the browsers draw their lists anew. */
  countersMs?: number;
  ringEntries?: number;
  ringChars?: number;
  queueEntries?: number;
  queueChars?: number;
  buildId?: string;
  now?: () => number;
};

const snapshotPartSize = 50;
const stormSize = 16;

/** Which frames supersede each other. */
function frameKey(frame: LiveFrame): string | null {
  switch (frame.type) {
    case "node.upsert":
      return `node:${frame.node.id}`;
    case "node.counters":
      return `counters:${frame.id}`;
    case "cluster.upsert":
      return `cluster:${frame.cluster.id}`;
    case "run.upsert":
      return `run:${frame.run.id}`;
    case "scan.progress":
      return `scan:${frame.id}`;
    case "scan.answers":
      return `scan-answers:${frame.id}`;
    default:
      return null;
  }
}

/** The object of an upsert is never changed in place, so its text can be kept beside it. */
const upsertTexts = new WeakMap<object, string>();
function frameText(frame: LiveFrame): string {
  const subject = frame.type === "node.upsert" ? frame.node : frame.type === "cluster.upsert" ? frame.cluster : null;
  if (!subject) return JSON.stringify(frame);
  const known = upsertTexts.get(subject);
  if (known !== undefined) return known;
  const text = JSON.stringify(frame);
  upsertTexts.set(subject, text);
  return text;
}

export function createHub(options: HubOptions = {}): Hub {
  const { stateMs = 20, stormMs = 100, countersMs = 500 } = options;
  // Where no deployment has an ID, Next's build writes `false` in place of the variable, which `??` would keep.
  const { now = Date.now, buildId = process.env.NEXT_DEPLOYMENT_ID || "ichor" } = options;
  // A restarted server numbers its frames anew; the epoch keeps an old id from meaning something else.
  const epoch = randomBytes(6).toString("hex");
  const ring = createRing({ maxEntries: options.ringEntries ?? 4096, maxChars: options.ringChars ?? 16 * 1024 * 1024 });
  const sources = new Map<string, SnapshotSource>();
  const subscribers = new Set<Subscriber>();
  let seq = 0;

  function emit(frame: LiveFrame, key: string | null): void {
    seq += 1;
    const entry = { seq, key, text: frameText(frame) };
    ring.push(entry);
    for (const subscriber of subscribers) subscriber.offer(entry);
  }

  const emitAll = (made: [string, () => LiveFrame | null][]) => {
    for (const [key, make] of made) {
      const frame = make();
      if (frame) emit(frame, key);
    }
  };
  const states = createWindow<() => LiveFrame | null>(
    (previous) => (previous > stormSize ? stormMs : stateMs),
    emitAll,
  );
  const counters = createWindow<() => LiveFrame | null>(() => countersMs, emitAll);

  function forget(frame: LiveFrame): void {
    if (frame.type === "node.remove") {
      states.forget(`node:${frame.id}`);
      counters.forget(`counters:${frame.id}`);
    }
    if (frame.type === "cluster.remove") states.forget(`cluster:${frame.id}`);
  }

  async function* snapshot(): AsyncGenerator<string[]> {
    yield [frameText({ type: "hello", serverTimeMs: now(), buildId })];
    for (const [name, source] of sources) {
      let frames: LiveFrame[];
      try {
        frames = await source();
      } catch (error) {
        // Without `synced` the browser keeps what it has, says that it may be old, and asks again.
        yield [frameText({ type: "error", message: `The list of ${name} could not be read: ${errorMessage(error)}` })];
        throw error;
      }
      for (let at = 0; at < frames.length; at += snapshotPartSize) {
        yield frames.slice(at, at + snapshotPartSize).map(frameText);
      }
    }
  }

  function missedSince(lastEventId: string | null | undefined) {
    const [itsEpoch, itsSeq] = (lastEventId ?? "").split("-");
    if (itsEpoch !== epoch || !/^\d{1,15}$/.test(itsSeq ?? "")) return null;
    return ring.after(Number(itsSeq));
  }

  return {
    publish(frame) {
      const key = frameKey(frame);
      if (key === null) {
        forget(frame);
        emit(frame, null);
        return;
      }
      (frame.type === "node.counters" ? counters : states).add(key, () => frame);
    },
    publishLater: states.add,
    addSnapshotSource: (name, source) => void sources.set(name, source),
    subscribe({ lastEventId } = {}) {
      const subscriber: Subscriber = new Subscriber({
        missed: missedSince(lastEventId),
        snapshot,
        newestSeq: () => seq,
        eventId: (of) => `${epoch}-${of}`,
        maxEntries: options.queueEntries ?? 4096,
        maxChars: options.queueChars ?? 16 * 1024 * 1024,
        onClose: () => subscribers.delete(subscriber),
      });
      subscribers.add(subscriber);
      return subscriber;
    },
    subscriberCount: () => subscribers.size,
  };
}

const hubKey = Symbol.for("ichor.hub");

/** The one hub of this process, shared by all of Next's module instances. */
export function hub(): Hub {
  const shared = globalThis as { [hubKey]?: Hub };
  return (shared[hubKey] ??= createHub());
}
