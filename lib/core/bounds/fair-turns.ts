export type FairTurnsInput = {
  /** Pieces of work that go on at a time, and how many of them one holder may have. */
  atOnce: number;
  atOncePerHolder: number;
  /** Pieces that wait, and how many of them one holder may have. */
  waiting: number;
  waitingPerHolder: number;
};

/** Too much waits already: of this holder, or of all. */
export class NoTurn extends Error {
  constructor(readonly of: "holder" | "all") {
    super(`too much of ${of === "holder" ? "one holder" : "all"} waits`);
  }
}

type Waiter = { holder: string; enter: () => void; refuse: (error: unknown) => void };

/**
 * Turns at something scarce, fair by holder (an account, an address, a node): each holder's work in order, holders in turn, so that
 * whoever asks a thousand times waits for itself. Where the line is full, the longest one's last gives way to a holder with less in it.
 */
export class FairTurns {
  private readonly lines = new Map<string, Waiter[]>();
  private readonly running = new Map<string, number>();
  private total = 0;
  private waits = 0;

  constructor(private readonly input: FairTurnsInput) {}

  /** How many wait, for what a refusal says. */
  get waiting(): number {
    return this.waits;
  }

  /**
   * Waits for a turn. @returns what ends it, once.
   * @throws NoTurn where too much waits, also later, where others come first; the signal's reason where it aborts before the turn.
   */
  async enter(holder: string, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (!this.mayRun(holder)) await this.wait(holder, signal);
    else this.begin(holder);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.end(holder);
    };
  }

  private mayRun(holder: string): boolean {
    return this.total < this.input.atOnce && (this.running.get(holder) ?? 0) < this.input.atOncePerHolder;
  }

  private begin(holder: string): void {
    this.total += 1;
    this.running.set(holder, (this.running.get(holder) ?? 0) + 1);
  }

  private end(holder: string): void {
    this.total -= 1;
    const left = (this.running.get(holder) ?? 0) - 1;
    if (left > 0) this.running.set(holder, left);
    else this.running.delete(holder);
    for (const [next, line] of this.lines) {
      if (!this.mayRun(next)) continue;
      const waiter = line[0] as Waiter;
      this.leave(waiter);
      // To the end of the round.
      if (this.lines.delete(next) && line.length > 0) this.lines.set(next, line);
      this.begin(next);
      waiter.enter();
      return;
    }
  }

  private leave(waiter: Waiter): void {
    const line = this.lines.get(waiter.holder);
    const at = line?.indexOf(waiter) ?? -1;
    if (!line || at < 0) return;
    line.splice(at, 1);
    this.waits -= 1;
    if (line.length === 0) this.lines.delete(waiter.holder);
  }

  private makeRoom(holder: string): void {
    const own = this.lines.get(holder)?.length ?? 0;
    if (own >= this.input.waitingPerHolder) throw new NoTurn("holder");
    if (this.waits < this.input.waiting) return;
    const longest = [...this.lines.values()].reduce((most, line) => (line.length > most.length ? line : most), []);
    const last = longest.at(-1);
    if (!last || longest.length <= own + 1) throw new NoTurn("all");
    this.leave(last);
    last.refuse(new NoTurn("holder"));
  }

  private wait(holder: string, signal: AbortSignal | undefined): Promise<void> {
    this.makeRoom(holder);
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => {
        signal?.removeEventListener("abort", onAbort);
        done();
      };
      const onAbort = () => {
        this.leave(waiter);
        reject(signal?.reason as Error);
      };
      const waiter: Waiter = {
        holder,
        enter: () => settle(resolve),
        refuse: (error) => settle(() => reject(error as Error)),
      };
      this.lines.set(holder, [...(this.lines.get(holder) ?? []), waiter]);
      this.waits += 1;
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }
}
