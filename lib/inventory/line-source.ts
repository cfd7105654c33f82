import { AppError } from "@/lib/core/errors";
import { isTalosError } from "@/lib/talos/errors";
import type { SseMessage, SseSource } from "@/lib/live/sse";
import type { LogFrame } from "./log-frames";

export type LineSourceOptions = {
  /** Opens the lines; called once, at the first read. The signal ends them. */
  open: (signal: AbortSignal) => Promise<AsyncIterable<string>>;
  /** Where a reconnection goes on, for a line; undefined where the lines do not say. */
  idOf?: (line: string) => string | undefined;
  /** Sent first. */
  first?: LogFrame[];
  maxLines?: number;
  maxWaitMs?: number;
  /** The log is of something that is there: where the node has no such log, it has only not begun. */
  mayBeAbsent?: boolean;
};

const message = (frame: LogFrame, id?: string): SseMessage => ({
  ...(id !== undefined && { id }),
  data: JSON.stringify(frame),
});
const noLogYet = "It has written nothing since the machine booted, so there is no log yet.";
const waited = Symbol("waited");

/**
 * Lines as SSE messages: those that come within a moment travel together, and none is taken from the node before the
 * browser has taken the ones before it. Closing ends the call on the node at once.
 */
export function lineSource({
  open,
  idOf,
  first = [],
  maxLines = 500,
  maxWaitMs = 40,
  mayBeAbsent = false,
}: LineSourceOptions): SseSource {
  const stop = new AbortController();
  let iterator: AsyncIterator<string> | null = null;
  let pending: Promise<IteratorResult<string>> | null = null;
  let greeting = first;
  let over = false;

  async function nextLine(): Promise<IteratorResult<string>> {
    iterator ??= (await open(stop.signal))[Symbol.asyncIterator]();
    return iterator.next();
  }

  async function batch(): Promise<{ lines: string[]; ended: boolean }> {
    const lines: string[] = [];
    let timer: NodeJS.Timeout | undefined;
    // One for the whole batch, from its first line on.
    let deadline: Promise<typeof waited> | null = null;
    try {
      while (lines.length < maxLines) {
        pending ??= nextLine();
        if (lines.length > 0)
          deadline ??= new Promise((resolve) => (timer = setTimeout(() => resolve(waited), maxWaitMs)));
        const result = await (deadline ? Promise.race([pending, deadline]) : pending);
        if (result === waited) break;
        pending = null;
        if (result.done) return { lines, ended: true };
        lines.push(result.value);
      }
      return { lines, ended: false };
    } finally {
      clearTimeout(timer);
    }
  }

  const ended = (frame: LogFrame): SseMessage[] => {
    over = true;
    return [message(frame)];
  };

  return {
    async next() {
      if (over || stop.signal.aborted) return null;
      if (greeting.length > 0) {
        const messages = greeting.map((frame) => message(frame));
        greeting = [];
        return messages;
      }
      try {
        const { lines, ended: end } = await batch();
        const newest = lines.at(-1);
        const messages = newest === undefined ? [] : [message({ type: "lines", lines }, idOf?.(newest))];
        return end ? [...messages, ...ended({ type: "done", reason: "The node has no more lines." })] : messages;
      } catch (error) {
        if (stop.signal.aborted) return null;
        if (!(error instanceof AppError)) throw error;
        if (mayBeAbsent && isTalosError(error, "not-found")) return ended({ type: "none", message: noLogYet });
        return ended({ type: "error", message: error.message, ...(error.hint !== undefined && { hint: error.hint }) });
      }
    },
    close() {
      // Abort first: `return` of an iterator waits for the `next` that is under way.
      stop.abort();
      pending?.catch(() => undefined);
      void iterator?.return?.();
    },
  };
}
