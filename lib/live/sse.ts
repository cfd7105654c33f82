import { refuseTooManyStreams, type StreamHolder } from "./stream-limits";

export type SseMessage = {
  /** Sent back by the browser as `Last-Event-ID` when it reconnects. */
  id?: string;
  /** One line of text, JSON here. */
  data: string;
};

/** Where a stream's messages come from. `close` ends a pending `next` and frees whatever feeds it, at once. */
export type SseSource = {
  /** The messages that are ready, at least one; waits for the next; null at the end. */
  next: () => Promise<SseMessage[] | null>;
  close: () => void;
};

export type SseOptions = {
  /** The request's: aborted when the browser goes away. */
  signal: AbortSignal;
  /** Ids of those whose right to it can end: see `endStreamsOf`. */
  owners: readonly string[];
  /** The node whose log it follows. */
  node?: string;
  keepAliveMs?: number;
  /** Ends the stream after so long; the browser comes back with its last id, and is authorized anew. */
  maxAgeMs?: number;
  /** Called once when the stream has ended, whatever ended it. */
  onEnd?: () => void;
};

const encoder = new TextEncoder();
const headers = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-store, no-transform",
  "x-accel-buffering": "no",
};

const formatted = (messages: readonly SseMessage[]): string =>
  messages.map(({ id, data }) => `${id === undefined ? "" : `id: ${id}\n`}data: ${data}\n\n`).join("");

type Ender = (reason: string | null) => void;
type OpenStreams = { stopping: string | null; enders: Map<Ender, StreamHolder> };
const openKey = Symbol.for("ichor.open-streams");
const openStreams = (): OpenStreams =>
  ((globalThis as { [openKey]?: OpenStreams })[openKey] ??= { stopping: null, enders: new Map() });

/**
 * Ends every open stream with a `done` frame, and every later one at once: an open stream would keep the server from
 * exiting (Next waits for it).
 */
export function endAllStreams(reason = "The server is stopping."): void {
  const open = openStreams();
  open.stopping = reason;
  for (const end of [...open.enders.keys()]) end(reason);
}

/**
 * Ends the open streams of an account or API token whose rights have changed, without a word: the browser comes back with its
 * last id, and is authorized anew or refused.
 */
export function endStreamsOf(owner: string): void {
  for (const [end, { owners }] of [...openStreams().enders]) if (owners.includes(owner)) end(null);
}

/**
 * A source as a `text/event-stream` response. Messages are pulled as the browser takes them, so nothing piles up here;
 * a comment goes out after `keepAliveMs` of silence.
 *
 * @throws AppError `rate-limited` where it would be one stream too many; the source is closed then.
 */
export function sseResponse(source: SseSource, options: SseOptions): Response {
  const { signal, owners, node = null, keepAliveMs = 15_000, maxAgeMs = 15 * 60_000, onEnd } = options;
  const open = openStreams();
  try {
    refuseTooManyStreams(open.enders.values(), { owners, node });
  } catch (error) {
    source.close();
    onEnd?.();
    throw error;
  }
  let pending: Promise<SseMessage[] | null> | null = null;
  let stopReason: string | null = open.stopping;
  let wakeStop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => (wakeStop = resolve));
  let ended = false;

  const stop: Ender = (reason) => {
    stopReason = reason;
    wakeStop();
  };
  const ageTimer = setTimeout(() => wakeStop(), maxAgeMs).unref();
  const release = () => {
    if (ended) return;
    ended = true;
    clearTimeout(ageTimer);
    open.enders.delete(stop);
    signal.removeEventListener("abort", release);
    source.close();
    wakeStop();
    onEnd?.();
  };
  open.enders.set(stop, { owners, node });
  signal.addEventListener("abort", release, { once: true });
  if (signal.aborted) release();
  if (stopReason !== null) wakeStop();

  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode("retry: 2000\n\n")),
    async pull(controller) {
      pending ??= source.next();
      // A source that fails while a keep-alive is on its way must not count as unhandled; the next pull meets it.
      pending.catch(() => undefined);
      let timer: NodeJS.Timeout | undefined;
      const silence = new Promise<"silence">((resolve) => {
        timer = setTimeout(() => resolve("silence"), keepAliveMs);
      });
      try {
        const winner = await Promise.race([pending, stopped.then(() => "stopped" as const), silence]);
        if (winner === "silence") return controller.enqueue(encoder.encode(": still here\n\n"));
        if (winner === "stopped" || winner === null) {
          if (stopReason !== null && !ended) {
            const done = JSON.stringify({ type: "done", reason: stopReason });
            controller.enqueue(encoder.encode(formatted([{ data: done }])));
          }
          release();
          return controller.close();
        }
        pending = null;
        controller.enqueue(encoder.encode(formatted(winner)));
      } catch (error) {
        release();
        controller.error(error);
      } finally {
        clearTimeout(timer);
      }
    },
    cancel: release,
  });
  return new Response(body, { headers });
}
