import { expect, test } from "vitest";
import { createCounterHistory, rollupMs } from "./counter-history";
import { countersBetween, meanCounters, type RawCounters } from "./counters";

const raw = (changes: Partial<RawCounters>): RawCounters => ({
  atMs: 0,
  bootedAtMs: null,
  cpu: { busy: 100, total: 1_000 },
  memory: { usedBytes: 1, totalBytes: 4 },
  network: { receiveBytes: 1_000, transmitBytes: 2_000 },
  disk: { readBytes: 0, writeBytes: 0 },
  load1: 0.5,
  ...changes,
});

test("rates are per second over the interval", () => {
  const after = raw({
    atMs: 2_000,
    cpu: { busy: 150, total: 1_200 },
    network: { receiveBytes: 5_000, transmitBytes: 2_000 },
    disk: { readBytes: 10, writeBytes: 4_096 },
  });
  expect(countersBetween(raw({}), after)).toEqual({
    atMs: 2_000,
    cpuPercent: 25,
    memoryUsedBytes: 1,
    memoryTotalBytes: 4,
    networkReceiveBytesPerSecond: 2_000,
    networkTransmitBytesPerSecond: 0,
    diskReadBytesPerSecond: 5,
    diskWriteBytesPerSecond: 2_048,
    load1: 0.5,
  });
});

test.each([
  ["the first sample", null, raw({ atMs: 1_000 })],
  [
    "counters that began anew",
    raw({ atMs: 0, network: { receiveBytes: 9_999, transmitBytes: 9_999 } }),
    raw({ atMs: 1_000, network: { receiveBytes: 5, transmitBytes: 5 } }),
  ],
  ["no time between", raw({ atMs: 1_000 }), raw({ atMs: 1_000 })],
  ["a node that does not say", raw({}), raw({ atMs: 1_000, network: null })],
])("%s: no rate, not 0", (_, before, after) => {
  expect(countersBetween(before, after).networkReceiveBytesPerSecond).toBeNull();
});

test("the mean leaves out what was not known", () => {
  const at = (cpu: number | null) => ({ ...countersBetween(null, raw({})), cpuPercent: cpu, load1: null });
  expect(meanCounters([at(10), at(null), at(20)], 7)).toMatchObject({ atMs: 7, cpuPercent: 15, load1: null });
});

test("the history keeps an hour, and gives the mean of each five minutes once", () => {
  const history = createCounterHistory();
  const rollups = [];
  for (let atMs = 0; atMs < 2 * 3_600_000; atMs += 15_000) {
    const rollup = history.push({ ...countersBetween(null, raw({ atMs })), cpuPercent: atMs < rollupMs ? 10 : 50 });
    if (rollup) rollups.push(rollup);
  }
  expect(history.list()).toHaveLength(241);
  expect(rollups).toHaveLength(23);
  expect(rollups[0]).toMatchObject({ atMs: 0, cpuPercent: 10 });
  expect(rollups[1]).toMatchObject({ atMs: rollupMs, cpuPercent: 50 });
});

test("samples of a looked-at node do not make the hour heavier", () => {
  const history = createCounterHistory();
  for (let atMs = 0; atMs < 600_000; atMs += 3_000) history.push({ ...countersBetween(null, raw({ atMs })) });
  expect(history.list().length).toBeLessThan(45);
});

test("the sparkline has ten minutes, with a gap where nothing was read", () => {
  const history = createCounterHistory();
  for (const atMs of [0, 700_000, 715_000, 900_000])
    history.push({ ...countersBetween(null, raw({ atMs })), cpuPercent: atMs / 1_000 });
  expect(history.cpuPercents(1_000_000)).toEqual([700, 715, null, 900]);
});
