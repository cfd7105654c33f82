import "server-only";
import { StorageUnavailable } from "@/lib/core/errors";
import { newOwner } from "@/lib/core/process-owner";
import { db } from "@/lib/db/client";
import { driveRun } from "./drive";
import { leaseMs } from "./lease";
import type { RunnerPorts } from "./ports";
import { type Tuning, defaultTuning } from "./step-context";

/** Runs that wait for a runner: at work, or asked to go on. */
const wantsRunner = {
  OR: [
    { state: { in: ["planned", "running", "cancelling"] } },
    { state: { in: ["paused", "halted"] }, requested: { not: null } },
  ],
};

/** Drives every unfinished run that no other process holds. One per process. */
export class Runner {
  private readonly driving = new Map<string, Promise<void>>();
  private readonly again = new Set<string>();
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | null = null;
  readonly owner = newOwner();

  constructor(
    private readonly ports: RunnerPorts,
    private readonly tuning: Tuning = defaultTuning,
  ) {}

  /** Looks for unfinished runs now, and from then on: one whose process died is taken over when its lease ends. */
  async start(): Promise<void> {
    this.timer ??= setInterval(() => {
      this.scan().catch((error: unknown) =>
        this.ports.report("Unfinished upgrade runs could not be looked for", error),
      );
    }, leaseMs / 3);
    this.timer.unref();
    await this.scan();
  }

  private async scan(): Promise<void> {
    const runs = await db.upgradeRun.findMany({ where: wantsRunner, select: { id: true } });
    for (const { id } of runs) if (!this.driving.has(id)) this.wake(id);
  }

  /** Goes to work on a run, or has it look again once what it does now has ended. Returns at once. */
  wake(runId: string): void {
    if (this.stopping.signal.aborted) return;
    if (this.driving.has(runId)) {
      this.again.add(runId);
      return;
    }
    const { ports, tuning, owner } = this;
    const drive = driveRun(runId, { ports, tuning, owner, signal: this.stopping.signal })
      .catch((error: unknown) => {
        if (this.stopping.signal.aborted) return;
        const waits = error instanceof StorageUnavailable;
        ports.report(
          `The upgrade run ${runId} ${waits ? "waits for Ichor's database" : "stopped unexpectedly"}`,
          error,
        );
      })
      .then(() => {
        this.driving.delete(runId);
        if (this.again.delete(runId)) this.wake(runId);
      });
    this.driving.set(runId, drive);
  }

  /** Resolves when nothing is being driven. For tests and a clean stop. */
  async idle(): Promise<void> {
    while (this.driving.size > 0) await Promise.all(this.driving.values());
  }

  /** Lets go of everything; runs go on in the next process. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.stopping.abort(new Error("The server is stopping."));
    await this.idle();
  }
}
