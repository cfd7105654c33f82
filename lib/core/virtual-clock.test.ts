import { expect, test } from "vitest";
import { VirtualClock } from "./virtual-clock-testing";

test("time stands still while somebody works, and jumps when all wait, in order", async () => {
  const clock = new VirtualClock(0);
  const seen: [string, number][] = [];
  const worker = async (name: string, everyMs: number, times: number) => {
    for (let i = 0; i < times; i++) {
      await clock.sleep(everyMs);
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      seen.push([name, clock.nowMs()]);
    }
  };
  await clock.until(Promise.all([worker("a", 3_600_000, 2), worker("b", 5_000_000, 1)]));
  expect(seen).toEqual([
    ["a", 3_600_000],
    ["b", 5_000_000],
    ["a", 7_200_000],
  ]);
});

test("an aborted wait ends at once and moves nothing; what throws is thrown", async () => {
  const clock = new VirtualClock(0);
  const stop = new AbortController();
  const waiting = clock.sleep(1_000, stop.signal);
  stop.abort(new Error("over"));
  await expect(clock.until(waiting)).rejects.toThrow("over");
  await expect(clock.until(clock.sleep(1, AbortSignal.abort(new Error("before"))))).rejects.toThrow("before");
  expect(clock.nowMs()).toBe(0);
});
