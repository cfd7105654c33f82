import { expect, it } from "vitest";
import { appendLines, maxLogLines } from "./log-buffer";

it("numbers lines, marks gaps and keeps the newest", () => {
  const first = appendLines([], ["a", null, "b"]);
  expect(first.map(({ seq, kind }) => [seq, kind])).toEqual([
    [1, "line"],
    [2, "gap"],
    [3, "line"],
  ]);
  const full = appendLines(
    first,
    Array.from({ length: maxLogLines }, (_, index) => `${index}`),
  );
  expect(full).toHaveLength(maxLogLines);
  expect(full[0]).toMatchObject({ text: "0", seq: 4 });
});
