import { expect, test } from "vitest";
import { parseYaml } from "@/lib/core/yaml";
import { yamlNestingBound } from "@/lib/core/yaml-nesting";

test("counts brackets, indentation and dashes", () => {
  expect(yamlNestingBound("a: 1\nb: 2\n")).toBe(1);
  expect(yamlNestingBound("a:\n  b:\n    c: [[1]]\n")).toBe(5);
  expect(yamlNestingBound("- - - a")).toBeGreaterThanOrEqual(3);
  expect(yamlNestingBound("")).toBe(0);
});

test.each([
  ["lists in a line", "[".repeat(100_000)],
  ["mappings in a line", "{a: ".repeat(50_000)],
  ["dashes in a line", "- ".repeat(100_000)],
  ["question marks in a line", "? ".repeat(50_000)],
  ["indentation", Array.from({ length: 1_200 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
])("%s without end are refused before they are parsed", (_, text) => {
  expect(yamlNestingBound(text)).toBeGreaterThan(1_000);
  expect(() => parseYaml(text)).toThrow(/levels deep/);
});
