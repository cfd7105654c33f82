import { describe, expect, it } from "vitest";
import { diffOf } from "./diff-lines";

describe("diffOf", () => {
  it("gives nothing for equal texts", () => {
    expect(diffOf("a\nb\n", "a\nb\n")).toEqual([]);
  });

  it("keeps the lines around a change and folds the rest", () => {
    const before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    expect(diffOf(before, before.replace("5\n", "five\n"), 1)).toEqual([
      { kind: "gap", count: 3 },
      { kind: "same", text: "4" },
      { kind: "removed", text: "5" },
      { kind: "added", text: "five" },
      { kind: "same", text: "6" },
      { kind: "gap", count: 3 },
    ]);
  });

  it("takes an empty side", () => {
    expect(diffOf("", "a\nb\n")).toEqual([
      { kind: "added", text: "a" },
      { kind: "added", text: "b" },
    ]);
  });
});
