import { fullJitterMs, sleep } from "@/lib/core/time";
import { isReconnectable } from "@/lib/talos/errors";

export type ReconnectInput = {
  /** Ends the loop; its reason is not thrown. */
  signal: AbortSignal;
  /**
   * One connection's life: resolves or throws when it is over. `up()` says that it works, which resets the backoff.
   */
  attempt: (context: { signal: AbortSignal; up: () => void; number: number }) => Promise<void>;
  /** After each life, before the wait. `error` is null when the attempt simply ended. */
  onDown?: (down: { error: unknown; waitMs: number; number: number }) => void;
  /** Which failures are worth another attempt; by default what can heal by itself. Others end the loop and are thrown. */
  retry?: (error: unknown) => boolean;
  baseMs?: number;
  /** Longest wait; at most 15 s. */
  capMs?: number;
  random?: () => number;
  wait?: (durationMs: number, signal: AbortSignal) => Promise<void>;
};

const maxWaitMs = 15_000;

/** Runs attempts one after another, with full-jitter waits of at most 15 s, until the signal aborts or a failure is not worth a retry. */
export async function reconnecting(input: ReconnectInput): Promise<void> {
  const { signal, attempt, onDown, retry = isReconnectable, baseMs = 500, random = Math.random, wait = sleep } = input;
  const capMs = Math.min(input.capMs ?? maxWaitMs, maxWaitMs);
  let failures = 0;
  for (let number = 0; !signal.aborted; number++) {
    let error: unknown = null;
    try {
      await attempt({ signal, number, up: () => (failures = 0) });
    } catch (thrown) {
      error = thrown;
    }
    if (signal.aborted) return;
    if (error !== null && !retry(error)) throw error;
    const waitMs = fullJitterMs(failures++, { baseMs, capMs, random });
    onDown?.({ error, waitMs, number });
    try {
      await wait(waitMs, signal);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    }
  }
}
