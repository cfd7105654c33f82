import fc from "fast-check";
import { parseDocument } from "yaml";
import { expect, test } from "vitest";
import { parseYaml } from "@/lib/core/yaml";
import { parsePlainYaml } from "@/lib/core/yaml-plain";

const piece = fc.constantFrom(
  ..."a: 1|b: 2|a: &x 3|c: *x|? a|: 1|'a': 1|\"a\": 2|1: a|0x1: b|~: 1|[|]|{a: 1, a: 2}|{b: 1}|- a|- {a: 1}|---|...|# note|  a: 2|  b: 1|%YAML 1.2|\ta: 1|a:|<<: *x|.nan: 1".split(
    "|",
  ),
);

test("says of any text what the library says with its own comparison of keys", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom("failsafe", "core"), (pieces, schema) => {
      const text = pieces.join("\n");
      const document = parseDocument(text, { schema: schema, logLevel: "silent", prettyErrors: false });
      const found = parsePlainYaml(text, schema as "failsafe" | "core");
      const [problem] = document.errors;
      if (problem) {
        expect(found.state).toBe("unreadable");
        return;
      }
      let value: unknown;
      try {
        value = document.toJS({ maxAliasCount: 20 });
      } catch {
        expect(found.state).toBe("aliases");
        return;
      }
      expect(found).toEqual({ state: "read", value });
    }),
    { numRuns: 200 },
  );
});

test.each([
  ["a: 1\nb: 2\na: 3\n", 3],
  ["a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", 5],
  ["a: {b: 1,\n  b: 2}\n", 2],
])("a key that is there twice is found on the line where it comes again: %j", (text, line) => {
  const [problem] = parseDocument(text, { schema: "failsafe", prettyErrors: false }).errors;
  const found = parsePlainYaml(text, "failsafe");
  expect(found).toEqual({ state: "unreadable", offset: problem?.pos[0] });
  expect(text.slice(0, found.state === "unreadable" ? found.offset : 0).split("\n")).toHaveLength(line);
});

test("a text of too many words, or too many aliases, is refused with that reason", () => {
  expect(() => parseYaml("- a\n".repeat(200_000), { what: "The patch" })).toThrow(
    "The patch is too much to read: it has more than 500,000 words and marks.",
  );
  expect(() => parseYaml(`- &a 1\n${"- *a\n".repeat(50_001)}`)).toThrow("it has more than 50,000 aliases");
  expect(parsePlainYaml(`- &a 1\n${"- *a\n".repeat(101)}`, "failsafe")).toEqual({ state: "aliases" });
  expect(parsePlainYaml("- a\n".repeat(200_000), "failsafe")).toMatchObject({ state: "too-large" });
});

test("a block text counts as one word, however long", () => {
  expect(parseYaml(`a: |\n${"  b: 1\n".repeat(300_000)}`)).toHaveProperty("a");
});

test("many problems between documents cost no more than some", () => {
  expect(() => parseYaml("]".repeat(400_000), { what: "The patch" })).toThrow(
    "The patch cannot be read: a character is not expected here (line 1, column 1).",
  );
});
