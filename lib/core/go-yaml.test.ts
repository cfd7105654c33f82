import fc from "fast-check";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { emitGoYaml, emitGoYamlDocuments, type YamlMap, type YamlValue } from "@/lib/core/go-yaml";
import { naturalSort } from "@/lib/core/go-yaml-sort";
import { shownText } from "@/lib/core/go-yaml-verbatim";
import { parseYaml, parseYamlNodes } from "@/lib/core/yaml";
import { resolveUntyped } from "@/lib/core/yaml-untyped";

const corpus = process.env.ICHOR_CORPUS;
const vectors = z.array(z.object({ name: z.string(), canonical: z.string() }));

const parseYamlTyped = (text: string) => {
  const [node] = parseYamlNodes(text);
  if (!node) throw new Error("There is no document.");
  return resolveUntyped(node, { keys: "typed" });
};

describe("layout", () => {
  test("nested maps and lists align to multiples of four, lists of maps to the dash", () => {
    const value = { a: { b: [{ c: [{ d: { e: 1 } }], f: [[1, 2], []] }] }, g: {}, h: [] };
    expect(emitGoYaml(value)).toBe(
      "a:\n    b:\n        - c:\n            - d:\n                e: 1\n          f:\n            - - 1\n              - 2\n            - []\ng: {}\nh: []\n",
    );
  });

  test("literal blocks take their header from the last line breaks and a leading space", () => {
    expect(emitGoYaml(["a\nb", "a\nb\n", "a\nb\n\n", " a\nb\n", "a \nb", "\n"])).toBe(
      '- |-\n  a\n  b\n- |\n  a\n  b\n- |+\n  a\n  b\n\n- |4\n   a\n  b\n- "a \\nb"\n- "\\n"\n',
    );
  });

  test("long and multi-line keys are explicit", () => {
    const key = "k".repeat(129);
    expect(emitGoYaml({ [key]: { a: 1 }, "x\ny": "z" })).toBe(`? ${key}\n:   a: 1\n? |-\n    x\n    y\n: z\n`);
  });

  test("documents are joined by three dashes", () => {
    expect(emitGoYamlDocuments([{ a: 1 }, { b: undefined, c: null }])).toBe("a: 1\n---\nc: null\n");
  });
});

describe("scalars", () => {
  test.each([
    ["", '""'],
    ["null", '"null"'],
    ["~", '"~"'],
    ["off", "'off'"],
    ["1:20", "'1:20'"],
    ["<<", "'<<'"],
    ["0644", '"0644"'],
    ["08", '"08"'],
    ["1_000", '"1_000"'],
    ["18446744073709551615", '"18446744073709551615"'],
    ["-9223372036854775809", '"-9223372036854775809"'],
    [".50_7", '".50_7"'],
    ["1e999", "1e999"],
    ["2024-02-29", '"2024-02-29"'],
    ["2023-02-29", "2023-02-29"],
    ["a: b", "'a: b'"],
    ["it's #1", "'it''s #1'"],
    ["- a", "'- a'"],
    ["a\tb", '"a\\tb"'],
    ["\u{1F600}", '"\\U0001F600"'],
    ["é", "é"],
    ["[fd00::1]:80", "'[fd00::1]:80'"],
    ["key=[fd00::1]:80", "key=[fd00::1]:80"],
  ])("%j is written %s", (text, written) => {
    expect(emitGoYaml(text)).toBe(`${written}\n`);
  });

  test("the release candidate 4 puts YAML 1.1's words in double quotes too", () => {
    expect(emitGoYaml({ y: "off", a: "null" }, { flavor: "v4-rc4" })).toBe('"y": "off"\na: "null"\n');
  });

  test.each([
    [1234567.5, "1.2345675e+06"],
    [0.00001, "1e-05"],
    [1.5, "1.5"],
    [42, "42"],
    [2n ** 64n - 1n, "18446744073709551615"],
  ])("the number %s is written %s", (value, written) => {
    expect(emitGoYaml(value)).toBe(`${written}\n`);
  });
});

test("natural order puts a2 before a10 and keeps keys that look like indexes in their place", () => {
  expect(emitGoYaml(naturalSort({ a10: 1, a2: { z: 1, "-": 2, 5: 3 }, B: 0 }))).toBe(
    "B: 0\na2:\n    '-': 2\n    \"5\": 3\n    z: 1\na10: 1\n",
  );
});

test("keys that are no texts: numbers and booleans by value, null, texts, dates", () => {
  const keys =
    "{b: 0, 2024-01-02: 0, 1.5: 0, 10: 0, ~: 0, true: 0, .inf: 0, 18446744073709551615: 0, '7': 0, -3: 0, false: 0}";
  expect(Array.from((naturalSort(parseYamlTyped(keys)) as Map<string, unknown>).keys(), shownText)).toEqual([
    "-3",
    "false",
    "true",
    "1.5",
    "10",
    "18446744073709551615",
    ".inf",
    "null",
    "7",
    "b",
    "2024-01-02T00:00:00Z",
  ]);
});

const order = ["owner", "overlay", "customization"];
const memberOrder: Record<string, string[]> = {
  overlay: ["image", "name", "options"],
  customization: [
    "embeddedMachineConfiguration",
    "extraKernelArgs",
    "meta",
    "systemExtensions",
    "bootloader",
    "secureboot",
    "diskImage",
  ],
};

// Published texts list their members in the order of the Go struct: only that order is needed to write them again.
function reorder(value: YamlMap): YamlMap {
  const pick = (from: YamlMap, keys: string[]): YamlMap => Object.fromEntries(keys.map((key) => [key, from[key]]));
  return Object.fromEntries(
    order.map((key) => {
      const member = value[key];
      const keys = memberOrder[key];
      return [
        key,
        keys && typeof member === "object" && member && !Array.isArray(member) ? pick(member as YamlMap, keys) : member,
      ];
    }),
  );
}

describe.skipIf(!corpus)("published schematic texts", () => {
  const file = path.join(corpus ?? "", "data/schematic-vectors.json");
  const all = corpus ? vectors.parse(JSON.parse(readFileSync(file, "utf8"))) : [];

  test("there are some", () => expect(all.length).toBeGreaterThan(25));

  test.each(all)("$name is written again byte for byte", ({ canonical }) => {
    const parsed = parseYaml(canonical) as YamlMap;
    const overlay = parsed.overlay as YamlMap | undefined;
    const options = overlay?.options;
    const shaped = reorder(parsed);
    const input =
      options === undefined ? shaped : { ...shaped, overlay: { ...overlay, options: naturalSort(options) } };
    const flavors = ["v4-rc4", "v4-rc6"] as const;
    expect(flavors.map((flavor) => emitGoYaml(input, { flavor }))).toContain(canonical);
  });
});

const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: fc.constantFrom("a", "1", " ", "\n", ":", "#", "-", "'", '"', "\t", "0", "_", ".", "x") }),
  fc.constantFrom(
    "on",
    "~",
    "null",
    "1e3",
    "0x1f",
    "0644",
    "1:20",
    "<<",
    "2024-01-01",
    "---",
    "...",
    "?",
    "-",
    ":",
    "%a",
    "@a",
  ),
);
// Go's own text is not readable where a block starts with a space (its indentation hint is always 4, or missing after a line break) or a
// tab (its scanner wants spaces there).
const readable = text.filter((value) => !(/^\n*[ \t]/.test(value) && value.includes("\n")));
const yamlValue = fc.letrec<{ value: YamlValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    readable,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(readable, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

test("what is written reads back as the same value", () => {
  fc.assert(
    fc.property(yamlValue, fc.constantFrom("v4-rc4" as const, "v4-rc6" as const), (value, flavor) => {
      expect(parseYaml(emitGoYaml(value, { flavor }))).toEqual(value);
    }),
    { numRuns: 1500 },
  );
});
