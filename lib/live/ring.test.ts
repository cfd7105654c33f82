import { describe, expect, test } from "vitest";
import { createRing } from "./ring";

const ringOf = (count: number, { maxEntries = 4, maxChars = 1_000 } = {}) => {
  const ring = createRing({ maxEntries, maxChars });
  for (let seq = 1; seq <= count; seq++) ring.push({ seq, key: null, text: "0123456789" });
  return ring;
};
const seqs = (ring: ReturnType<typeof ringOf>, after: number) => ring.after(after)?.map(({ seq }) => seq) ?? null;

describe("a ring of four entries that has seen ten", () => {
  test.each<[after: number, held: number[] | null]>([
    [0, null],
    [5, null],
    [6, [7, 8, 9, 10]],
    [7, [8, 9, 10]],
    [9, [10]],
    [10, []],
    // Of a server that has numbered further than this one: nothing is known of what came between.
    [11, null],
    [1_000, null],
  ])("after %i it holds %j", (after, held) => expect(seqs(ringOf(10), after)).toEqual(held));
});

test("one that has dropped nothing goes on from the start, and one that is empty from nothing alone", () => {
  expect(seqs(ringOf(3), 0)).toEqual([1, 2, 3]);
  expect(seqs(ringOf(0), 0)).toEqual([]);
  expect(seqs(ringOf(0), 1)).toBeNull();
});

test("characters count as entries do, and an entry too large for all leaves none", () => {
  const ring = ringOf(10, { maxEntries: 100, maxChars: 35 });
  expect(seqs(ring, 7)).toEqual([8, 9, 10]);
  expect(seqs(ring, 6)).toBeNull();
  ring.push({ seq: 11, key: null, text: "x".repeat(36) });
  expect(seqs(ring, 10)).toBeNull();
  expect(seqs(ring, 11)).toEqual([]);
});
