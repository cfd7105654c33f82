import { meanCounters } from "./counters";
import type { NodeCounters } from "./schema";

const hourMs = 3_600_000;
/** Finer samples (3 s while somebody looks) would make the hour too heavy: the history keeps one per this interval. */
const spacingMs = 14_000;
const sparklineMs = 10 * 60_000;
/** A longer silence than this is shown as a gap. */
const gapMs = 60_000;
export const rollupMs = 5 * 60_000;

export type CounterHistory = {
  /** Adds a sample; gives the mean of the five minutes that this sample has completed, if any. */
  push: (sample: NodeCounters) => NodeCounters | null;
  /** The last hour, oldest first. */
  list: () => NodeCounters[];
  /** CPU percent of the last ten minutes, oldest first; a null stands for a time without readings. */
  cpuPercents: (nowMs: number) => (number | null)[];
};

/** The last hour of one node's counters, in memory. */
export function createCounterHistory(): CounterHistory {
  let samples: NodeCounters[] = [];
  let openAtMs: number | null = null;
  let open: NodeCounters[] = [];

  return {
    push(sample) {
      const last = samples.at(-1);
      if (!last || sample.atMs - last.atMs >= spacingMs) {
        samples.push(sample);
        if (sample.atMs - (samples[0]?.atMs ?? sample.atMs) > hourMs + rollupMs) {
          samples = samples.filter(({ atMs }) => sample.atMs - atMs <= hourMs);
        }
      }
      const slotMs = Math.floor(sample.atMs / rollupMs) * rollupMs;
      const complete = openAtMs !== null && slotMs > openAtMs ? meanCounters(open, openAtMs) : null;
      if (openAtMs === null || slotMs > openAtMs) {
        openAtMs = slotMs;
        open = [];
      }
      open.push(sample);
      return complete;
    },
    list: () => {
      const newestMs = samples.at(-1)?.atMs ?? 0;
      return samples.filter(({ atMs }) => newestMs - atMs <= hourMs);
    },
    cpuPercents(nowMs) {
      const percents: (number | null)[] = [];
      let beforeMs: number | null = null;
      for (const { atMs, cpuPercent } of samples) {
        if (nowMs - atMs > sparklineMs) continue;
        if (beforeMs !== null && atMs - beforeMs > gapMs) percents.push(null);
        percents.push(cpuPercent);
        beforeMs = atMs;
      }
      return percents;
    },
  };
}
