import { expect, test } from "vitest";
import { turnMs } from "@/lib/core/bounds/input-caps";
import { createBucket } from "@/lib/core/bounds/bucket";
import { inTurn } from "@/lib/core/bounds/turn";

const busy = (durationMs: number) => {
  const untilMs = performance.now() + durationMs;
  while (performance.now() < untilMs);
};

test("work beyond a turn leaves the event loop to others in between, and keeps its order", async () => {
  const order: string[] = [];
  const done = new Promise<void>((resolve) => {
    for (let at = 0; at < 4; at++)
      inTurn(() => {
        order.push(`work ${at}`);
        busy(turnMs + 1);
        // Asked for within a turn that is used up: it comes before the next piece of work.
        if (at < 3) setImmediate(() => order.push("other"));
        else resolve();
      });
  });
  expect(order).toEqual(["work 0"]);
  await done;
  expect(order.filter((entry) => entry !== "other")).toEqual(["work 0", "work 1", "work 2", "work 3"]);
  expect(order.filter((entry) => entry === "other")).toHaveLength(3);
  expect(order.indexOf("other")).toBeLessThan(order.indexOf("work 3"));
});

test("work that fits into a turn is done at once", async () => {
  await new Promise((resolve) => setTimeout(resolve, 0));
  await new Promise((resolve) => setImmediate(resolve));
  let done = false;
  inTurn(() => (done = true));
  expect(done).toBe(true);
});

test("what is made of the work counts as well: whoever asks for more at once does not keep others out", async () => {
  let [rounds, others] = [0, 0];
  const more = async (): Promise<void> => {
    while (others === 0 && rounds < 1_000) {
      await new Promise<void>((resolve) => inTurn(resolve));
      rounds += 1;
      busy(1);
    }
  };
  setImmediate(() => (others += 1));
  await more();
  expect(others).toBe(1);
  // One turn and what goes on when it ends.
  expect(rounds).toBeLessThan(3 * turnMs);
});

test("a bucket gives what is there at once, and then what comes back", () => {
  let nowMs = 0;
  const bucket = createBucket({ perSecond: 10, atOnce: 100, now: () => nowMs });
  expect(bucket.take(100)).toBe(0);
  expect(bucket.take(5)).toBe(500);
  nowMs = 1_000;
  expect(bucket.take(5)).toBe(0);
  nowMs = 1_000_000;
  expect(bucket.take(101)).toBe(100);
});
