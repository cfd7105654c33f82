import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { exitAfter } from "./exit";

const exit = process.exit.bind(process);
const ended = vi.fn();
beforeEach(() => {
  vi.useFakeTimers();
  ended.mockClear();
  process.exit = ended as unknown as typeof process.exit;
});
afterEach(() => {
  vi.useRealTimers();
  process.exit = exit;
});

test("the process ends with its code when the work is done, also when that failed", async () => {
  let fail = (_error: Error) => {};
  exitAfter(new Promise((_, reject) => (fail = reject)), 5_000);
  process.exit(143);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(ended).not.toHaveBeenCalled();
  fail(new Error("the disk is full"));
  await vi.advanceTimersByTimeAsync(0);
  expect(ended.mock.calls).toEqual([[143]]);
});

test("it does not wait for ever", async () => {
  exitAfter(new Promise(() => {}), 5_000);
  process.exit(0);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(ended.mock.calls).toEqual([[0]]);
});
