/** Turns of the event loop in which nobody asks for time before time moves: enough for a chain of database calls to go on. */
const quietTurns = 12;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

type Waiter = { atMs: number; order: number; wake: () => void };

/**
 * Time that stands still while anybody works, and jumps to the next awaited moment when all wait: a slow machine makes a
 * test longer, never different. It moves only during `until`, so what a test left waiting keeps nobody busy.
 */
export class VirtualClock {
  private readonly waiters = new Set<Waiter>();
  private order = 0;

  constructor(private currentMs = Date.UTC(2026, 10, 1)) {}

  readonly nowMs = (): number => this.currentMs;

  /** Waits in this clock's time; rejects with the signal's reason as soon as it aborts. */
  readonly sleep = (durationMs: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const waiter: Waiter = {
        atMs: this.currentMs + Math.max(0, durationMs),
        order: this.order++,
        wake: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      const onAbort = () => {
        this.waiters.delete(waiter);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.waiters.add(waiter);
    });

  /** Lets time pass until the work has ended. @throws what the work throws. */
  async until<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const ended = () => {
      over = true;
    };
    work.then(ended, ended);
    for (;;) {
      for (let quiet = 0, asked = this.order; quiet < quietTurns && !over; quiet++) {
        await turn();
        if (asked !== this.order) [quiet, asked] = [0, this.order];
      }
      if (over) return work;
      this.wakeNext();
    }
  }

  private wakeNext(): void {
    let next: Waiter | null = null;
    for (const waiter of this.waiters) {
      if (!next || waiter.atMs < next.atMs || (waiter.atMs === next.atMs && waiter.order < next.order)) next = waiter;
    }
    if (!next) return;
    this.waiters.delete(next);
    this.currentMs = Math.max(this.currentMs, next.atMs);
    next.wake();
  }
}
