import fc from "fast-check";
import { diffLines } from "diff";
import { expect, test } from "vitest";
import { type LineEdit, lineEdits } from "@/lib/core/line-diff";

const of = (edits: LineEdit[], without: LineEdit["kind"]): string =>
  edits
    .filter(({ kind }) => kind !== without)
    .map(({ text }) => text)
    .join("\n");
const changed = (edits: LineEdit[]): number => edits.filter(({ kind }) => kind !== "same").length;
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

test("both texts can be read off the edits, which are as few as the diff library finds", () => {
  const text = fc
    .array(fc.constantFrom("a", "b", "c", "d: 1", "e"), { minLength: 1, maxLength: 40 })
    .map((parts) => `${parts.join("\n")}\n`);
  fc.assert(
    fc.property(text, text, (before, after) => {
      const edits = lineEdits(before, after);
      expect(`${of(edits, "added")}\n`).toBe(before);
      expect(`${of(edits, "removed")}\n`).toBe(after);
      const fewest = diffLines(before, after).reduce(
        (sum, { added, removed, count }) => sum + (added || removed ? count : 0),
        0,
      );
      expect(changed(edits)).toBe(fewest);
    }),
    { numRuns: 300 },
  );
});

test("beyond a thousand edits, lines that both texts have once still hold them together", () => {
  const edits = lineEdits(
    lines(20_000, (index) => `a${index}`),
    lines(20_000, (index) => (index % 2 === 0 ? `a${index}` : `b${index}`)),
  );
  expect(changed(edits)).toBe(20_000);
});

test.each([
  ["nothing in common", (index: number) => `b${index}`],
  ["the order turned round", (index: number) => `a${20_000 - index}`],
  ["the same line again and again", () => "a1"],
])("%s: whatever the texts hold, both can be read off the edits", (_, line) => {
  const [before, after] = [lines(20_000, (index) => `a${index}`), lines(20_000, line)];
  const edits = lineEdits(before, after);
  expect(of(edits, "added")).toBe(before);
  expect(of(edits, "removed")).toBe(after);
});

test("an empty text has no lines", () => {
  expect(lineEdits("", "a\n")).toEqual([{ kind: "added", text: "a" }]);
  expect(lineEdits("", "")).toEqual([]);
});
