import { sleep } from "@/lib/core/time";
import { onFocus } from "./focus";

/** Waits for a node's next poll, or for a browser that begins to look at it. Rejects when the signal aborts. */
export function pollTurn(nodeId: string, waitMs: number, signal: AbortSignal): Promise<void> {
  if (waitMs === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const woken = new AbortController();
    const off = onFocus((focused) => {
      if (focused === nodeId) woken.abort();
    });
    sleep(waitMs, AbortSignal.any([signal, woken.signal]))
      .then(resolve, (reason: unknown) => (signal.aborted ? reject(reason) : resolve()))
      .finally(off);
  });
}
