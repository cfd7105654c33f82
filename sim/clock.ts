import { sleep } from "@/lib/core/time";

/** Time as the simulated fleet lives it: waits are divided by `speed`, timestamps are real (plus a node's own skew). */
export type SimClock = {
  readonly speed: number;
  nowMs(): number;
  /** Waits `durationMs` of fleet time; rejects with the signal's reason as soon as it aborts. */
  wait(durationMs: number, signal?: AbortSignal): Promise<void>;
};

export function simClock(speed: number): SimClock {
  return {
    speed,
    nowMs: () => Date.now(),
    wait: (durationMs, signal) => sleep(durationMs / speed, signal),
  };
}

/** A promise-of-work that nobody awaits: an abort is the expected end, anything else is reported. */
export function runDetached(work: Promise<unknown>, report: (error: unknown) => void): void {
  work.catch((error: unknown) => {
    if (error instanceof PowerLoss) return;
    report(error);
  });
}

/** The reason with which a node's running work is aborted when it loses power, reboots, or the fleet stops. */
export class PowerLoss extends Error {
  override readonly name: string = "PowerLoss";
}

/** The reason with which its calls are aborted when it stops its services in good order. */
export class ServingEnded extends PowerLoss {
  override readonly name = "ServingEnded";
}
