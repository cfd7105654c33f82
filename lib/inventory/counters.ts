import type { NodeCounters } from "./schema";

/** Counters as the node gives them, all since its boot. Null = the node does not say. */
export type RawCounters = {
  atMs: number;
  /** When the node booted, by its own clock. */
  bootedAtMs: number | null;
  /** CPU time in any unit, over all CPUs. */
  cpu: { busy: number; total: number } | null;
  memory: { usedBytes: number; totalBytes: number } | null;
  network: { receiveBytes: number; transmitBytes: number } | null;
  disk: { readBytes: number; writeBytes: number } | null;
  load1: number | null;
};

/** Increase per second; null where there is nothing before it, time stood still, or the counter began anew (a reboot). */
function ratePerSecond(before: number | undefined, after: number | undefined, elapsedMs: number): number | null {
  if (before === undefined || after === undefined || elapsedMs <= 0 || after < before) return null;
  return ((after - before) * 1000) / elapsedMs;
}

function cpuPercent(before: RawCounters["cpu"], after: RawCounters["cpu"]): number | null {
  if (!before || !after) return null;
  const total = after.total - before.total;
  const busy = after.busy - before.busy;
  if (total <= 0 || busy < 0) return null;
  return Math.min(100, Math.round((busy / total) * 1000) / 10);
}

/** Two samples → what the page shows; the first sample has no rates. */
export function countersBetween(before: RawCounters | null, after: RawCounters): NodeCounters {
  const elapsedMs = before ? after.atMs - before.atMs : 0;
  return {
    atMs: after.atMs,
    cpuPercent: cpuPercent(before?.cpu ?? null, after.cpu),
    memoryUsedBytes: after.memory?.usedBytes ?? null,
    memoryTotalBytes: after.memory?.totalBytes ?? null,
    networkReceiveBytesPerSecond: ratePerSecond(before?.network?.receiveBytes, after.network?.receiveBytes, elapsedMs),
    networkTransmitBytesPerSecond: ratePerSecond(
      before?.network?.transmitBytes,
      after.network?.transmitBytes,
      elapsedMs,
    ),
    diskReadBytesPerSecond: ratePerSecond(before?.disk?.readBytes, after.disk?.readBytes, elapsedMs),
    diskWriteBytesPerSecond: ratePerSecond(before?.disk?.writeBytes, after.disk?.writeBytes, elapsedMs),
    load1: after.load1,
  };
}

/** Mean of samples, field by field; a field that no sample has is null. `atMs` is the given start of the interval. */
export function meanCounters(samples: readonly NodeCounters[], atMs: number): NodeCounters {
  const mean = (field: keyof NodeCounters): number | null => {
    const values = samples.map((sample) => sample[field]).filter((value) => value !== null);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return {
    atMs,
    cpuPercent: mean("cpuPercent"),
    memoryUsedBytes: mean("memoryUsedBytes"),
    memoryTotalBytes: mean("memoryTotalBytes"),
    networkReceiveBytesPerSecond: mean("networkReceiveBytesPerSecond"),
    networkTransmitBytesPerSecond: mean("networkTransmitBytesPerSecond"),
    diskReadBytesPerSecond: mean("diskReadBytesPerSecond"),
    diskWriteBytesPerSecond: mean("diskWriteBytesPerSecond"),
    load1: mean("load1"),
  };
}
