/**
 * Gathers what comes quickly and hands it on at most once per interval, always ending with the last of it. One at a time:
 * a slow `flush` holds the next one back, never the source.
 */
export class Throttle<T> {
  private pending: T[] = [];
  private running: Promise<void> | null = null;
  private failure: unknown = null;

  constructor(
    private readonly intervalMs: number,
    private readonly flush: (items: T[]) => Promise<void>,
    private readonly sleep: (durationMs: number) => Promise<void>,
  ) {}

  /** @throws what an earlier flush threw. */
  push(item: T): void {
    if (this.failure) throw this.failure;
    this.pending.push(item);
    this.running ??= this.loop();
  }

  private async loop(): Promise<void> {
    try {
      while (this.pending.length > 0) {
        const items = this.pending;
        this.pending = [];
        await this.flush(items);
        await this.sleep(this.intervalMs);
      }
    } catch (error) {
      this.failure = error;
    } finally {
      this.running = null;
    }
  }

  /** Waits until everything is handed on. @throws what a flush threw. */
  async drain(): Promise<void> {
    while (this.running) await this.running;
    if (this.failure) throw this.failure;
  }
}
