import "server-only";
import type { StepContext } from "./step-context";

/**
 * Runs work that follows a node and may fall silent: its signal aborts when `alive` was not called for `limitMs`.
 * @throws `overdue()` then; else what the work throws.
 */
export async function withWatchdog<T>(
  { ports, signal: outer }: StepContext,
  { limitMs, overdue }: { limitMs: number; overdue: () => Error },
  work: (signal: AbortSignal, alive: () => void) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  let armed = new AbortController();
  const alive = () => {
    armed.abort();
    armed = new AbortController();
    ports.sleep(limitMs, armed.signal).then(
      () => stop.abort(overdue()),
      // Armed anew, or over.
      () => undefined,
    );
  };
  alive();
  try {
    return await work(AbortSignal.any([outer, stop.signal]), alive);
  } catch (error) {
    outer.throwIfAborted();
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    armed.abort();
  }
}
