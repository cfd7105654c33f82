/** For how long an answer is used again (milliseconds), and how many are held. */
export type KeptOptions<T> = { keepMs: (answer: T) => number; most: number; nowMs?: () => number };

/**
 * Answers by key, each asked for once: callers that ask while one is on its way share it, and until it is too old it is used
 * again. A failure is told to those who wait for it, and not kept.
 */
export class Kept<T> {
  /** Without a time while the answer is on its way. */
  private readonly answers = new Map<string, { answer: Promise<T>; untilMs: number | null }>();

  constructor(private readonly options: KeptOptions<T>) {}

  private usable(key: string): Promise<T> | null {
    const held = this.answers.get(key);
    if (!held) return null;
    const { nowMs = Date.now } = this.options;
    return held.untilMs === null || nowMs() < held.untilMs ? held.answer : null;
  }

  /** Would `get` give an answer without asking? */
  has(key: string): boolean {
    return this.usable(key) !== null;
  }

  /** Has the next caller ask anew, unless an answer is on its way. */
  forget(key: string): void {
    if (this.answers.get(key)?.untilMs !== null) this.answers.delete(key);
  }

  get(key: string, ask: () => Promise<T>): Promise<T> {
    const usable = this.usable(key);
    if (usable) return usable;
    const { keepMs, most, nowMs = Date.now } = this.options;
    const entry: { answer: Promise<T>; untilMs: number | null } = { answer: ask(), untilMs: null };
    if (this.answers.size >= most) this.answers.clear();
    this.answers.set(key, entry);
    entry.answer.then(
      (answer) => (entry.untilMs = nowMs() + keepMs(answer)),
      () => {
        if (this.answers.get(key) === entry) this.answers.delete(key);
      },
    );
    return entry.answer;
  }
}

/** Ends a wait when its caller does not want it any more; the work itself goes on for those who share it. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error("Not wanted any more."));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
