import { expect, test } from "vitest";
import { Kept, unlessAborted } from "./kept";

function later<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}

function counted(keepMs: (answer: number) => number = () => 1_000) {
  let now = 0;
  let asked = 0;
  const kept = new Kept<number>({ keepMs, most: 3, nowMs: () => now });
  return {
    kept,
    pass: (ms: number) => (now += ms),
    asked: () => asked,
    get: (key = "a", answer?: Promise<number>) =>
      kept.get(key, () => {
        asked += 1;
        return answer ?? Promise.resolve(asked);
      }),
  };
}

test("an answer is asked for once until it is too old", async () => {
  const { get, pass, asked } = counted();
  expect(await get()).toBe(1);
  pass(999);
  expect(await get()).toBe(1);
  pass(1);
  expect(await get()).toBe(2);
  expect(asked()).toBe(2);
});

test("those who ask while it is on its way share it, also those who want it fresh", async () => {
  const { kept, get, asked } = counted();
  const slow = later<number>();
  const first = get("a", slow.promise);
  kept.forget("a");
  expect(kept.has("a")).toBe(true);
  const second = get("a");
  slow.resolve(7);
  expect(await Promise.all([first, second])).toEqual([7, 7]);
  expect(asked()).toBe(1);
  kept.forget("a");
  await get("a");
  expect(asked()).toBe(2);
});

test("a failure is told and not kept; how long an answer is kept may depend on it", async () => {
  const { get, asked, pass } = counted((answer) => (answer === 2 ? 10 : 1_000));
  await expect(get("a", Promise.reject(new Error("away")))).rejects.toThrow("away");
  expect(await get()).toBe(2);
  pass(10);
  await get();
  expect(asked()).toBe(3);
});

test("it holds no more than it may", async () => {
  const { kept, get } = counted();
  for (const key of ["a", "b", "c", "d"]) await get(key);
  expect(["a", "b", "c", "d"].filter((key) => kept.has(key)).length).toBeLessThanOrEqual(3);
});

test("who leaves does not wait, and the work goes on for the others", async () => {
  const { promise, resolve } = later<number>();
  const leaving = new AbortController();
  const left = unlessAborted(promise, leaving.signal);
  const stays = unlessAborted(promise, new AbortController().signal);
  leaving.abort(new Error("gone"));
  await expect(left).rejects.toThrow("gone");
  await expect(unlessAborted(promise, leaving.signal)).rejects.toThrow("gone");
  resolve(1);
  expect(await stays).toBe(1);
});
