import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDocument, visit } from "yaml";
import { emitGoYaml } from "@/lib/core/go-yaml";
import { parseBoundedYaml, YamlTooMuch } from "@/lib/core/bounds/bounded-yaml";
import { yamlNodesBound } from "@/lib/core/bounds/yaml-nodes";

/** Values and errors that the parser makes of a text. */
function found(text: string): number {
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: "silent" });
  let count = document.errors.length;
  visit(document, { Node: () => void (count += 1) });
  return count;
}

const caps = { chars: 1e6, nodes: 1e6, depth: 64 };

test.each([
  "a: 1\nb: [1, 2, {c: d}]\n",
  "- a\n- - b\n  - c\n",
  "a: |\n  x: 1\n  y: 2\nb: 3\n",
  'a: "x\n  k: |\n    "\n    b: [1, 2, 3, 4, 5, 6]\n',
  "a: |\n      deep\n   b: [1, 2, 3, 4, 5, 6, 7, 8]\n",
  "a: b\n  k: |\n    [1, 2, 3, 4, 5, 6, 7]\n",
  "- |\n x\n- k: |\n    x\n  l: [1, 2, 3, 4]\n",
  "# c\nk: |\n  [1]\n",
])("never fewer than there are: %j", (text) => {
  expect(yamlNodesBound(text)).toBeGreaterThanOrEqual(found(text));
});

test("never fewer than there are, of whatever text", () => {
  const piece = fc.constantFrom(
    ...[
      "a: ",
      "b:",
      "\n",
      "\n  ",
      "\n    ",
      "\n ",
      "- ",
      "|\n",
      "k: |\n",
      "k: >-\n",
      "[",
      "]",
      "{",
      "}",
      ", ",
      "x",
      "'",
      '"',
      "? ",
      "# ",
      "&a ",
      "*a",
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join("");
      // Blank documents still have one empty value, and each pair may have a key and a value that nobody wrote.
      expect(yamlNodesBound(text) * 3 + 3).toBeGreaterThanOrEqual(found(text));
    }),
    { numRuns: 2_000, seed: 7 },
  );
});

describe("what Talos sends costs little of the cap", () => {
  test("a schematic's document within a block counts by its lines", () => {
    const document = "customization:\n    extraKernelArgs:\n" + "        - a=b,c=d:e\n".repeat(1_000);
    const text = emitGoYaml({ metadata: { name: "schematic", extraInfo: document } });
    expect(yamlNodesBound(text)).toBeLessThan(400);
  });
  test("plain values read as they are", () => {
    expect(parseBoundedYaml('a: "0x10de"\nb: [1, x]\nc: {}\n', caps)).toEqual({ a: "0x10de", b: [1, "x"], c: {} });
  });
});

/** Steps are counted, not time: the bound grows with the text, so what passes it does too. */
test.each([
  ["keys", (size: number) => "k: 1\n".repeat(size / 5)],
  ["brackets", (size: number) => "[".repeat(size)],
  ["closed brackets", (size: number) => "} ".repeat(size / 2)],
  ["dashes", (size: number) => "- \n".repeat(size / 3)],
  ["blanks", (size: number) => "a:\n" + " \n".repeat(size / 2)],
])("%s: the bound grows linearly", (_, make) => {
  const [one, eight] = [yamlNodesBound(make(1_000)), yamlNodesBound(make(8_000))];
  expect(eight / one).toBeGreaterThan(6);
  expect(eight / one).toBeLessThan(10);
});

test("more than the caps is refused before it is parsed; equal keys and aliases are refused as well", () => {
  expect(() => parseBoundedYaml("a".repeat(11), { ...caps, chars: 10 })).toThrow(YamlTooMuch);
  expect(() => parseBoundedYaml("[1, 2, 3]", { ...caps, nodes: 3 })).toThrow(YamlTooMuch);
  expect(() => parseBoundedYaml("[[[]]]", { ...caps, depth: 2 })).toThrow(YamlTooMuch);
  expect(() => parseBoundedYaml("a: 1\na: 2\n", caps)).toThrow("the same key twice");
  expect(() => parseBoundedYaml("a: &x 1\nb: *x\n", caps)).toThrow("alias");
  expect(() => parseBoundedYaml("a: [", caps)).toThrow(/not YAML/);
});
