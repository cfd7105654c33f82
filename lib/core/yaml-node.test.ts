import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/core/errors";
import { emitGoYaml } from "@/lib/core/go-yaml";
import { shownText, verbatim, verbatimText } from "@/lib/core/go-yaml-verbatim";
import { parseYaml, parseYamlDocuments, parseYamlNodes } from "@/lib/core/yaml";
import { memberOf, type YamlNode } from "@/lib/core/yaml-node";
import { resolveUntyped } from "@/lib/core/yaml-untyped";

const only = (text: string): YamlNode => {
  const [node] = parseYamlNodes(text);
  if (!node) throw new Error("no document");
  return node;
};
const member = (text: string, name = "a"): YamlNode => {
  const node = only(text);
  const found = node.kind === "map" ? memberOf(node, name) : undefined;
  if (!found) throw new Error("no member");
  return found;
};
const textOf = (text: string): string => {
  const node = member(text);
  if (node.kind !== "scalar") throw new Error("no scalar");
  return node.text;
};

describe("what was written is kept", () => {
  test.each([
    "1.10",
    "0644",
    "007",
    "1e3",
    "0x10",
    "1_000",
    "TRUE",
    "~",
    "1:20",
    ".inf",
    "2024-01-01",
    "18446744073709551616",
  ])("%s", (text) => {
    expect(member(`a: ${text}\n`)).toMatchObject({ text, plain: true, tag: "", line: 1, column: 4 });
    expect(member(`a: "${text}"\n`)).toMatchObject({ text, plain: false });
  });

  test("tags, in their short form", () => {
    expect(member('a: !!int "12"\n')).toMatchObject({ text: "12", plain: false, tag: "!!int" });
    expect(member("a: !foo bar\n")).toMatchObject({ tag: "!foo" });
    expect(member("a: ! 12\n")).toMatchObject({ tag: "!" });
  });

  test("an alias is the node that it names", () => {
    const node = only("a: &x 1.10\nb: *x\n");
    if (node.kind !== "map") throw new Error("no map");
    expect(memberOf(node, "b")).toBe(memberOf(node, "a"));
  });
});

describe("block texts", () => {
  test.each([
    ["a: |\n  x\n", "x\n"],
    ["a: |\n  x", "x"],
    ["a: |+\n  x", "x"],
    ["a: |-\n  x\n", "x"],
    ["a: |\n  x\n\n\n", "x\n"],
    ["a: |+\n  x\n\n\n", "x\n\n\n"],
    ["a: |\n  x\n  ", "x\n"],
    ["a: |\n  x\n   ", "x\n "],
    ["a: |\n  x\n   \n", "x\n \n"],
    ["a: |\n\n  x\n   y\n", "\nx\n y\n"],
    ["a: |2\n   x\n", " x\n"],
    ["a: |1-\n   x\n", "  x"],
    ["a: >\n  x\n  y\n", "x y\n"],
    ["a: >\n  x\n  y", "x y"],
    ["a: >\n  x\n   y\n  z\n", "x\n y\nz\n"],
    ["a: >\n  x\n\n  y\n", "x\ny\n"],
    ["a: |\n", ""],
    ["a: |", ""],
    ["a: |+\n\n\n", "\n\n"],
    ["a: |\r\n  x\r\n  y\r\n", "x\ny\n"],
    ["a: |\n  x\nb: 1\n", "x\n"],
  ])("%j is %j", (source, text) => {
    expect(textOf(source)).toBe(text);
  });

  test("in a list, under its own indentation", () => {
    expect(parseYaml("a:\n- |\n  x\n   y\n- |2\n    z\n")).toEqual({ a: ["x\n y\n", "  z\n"] });
  });
});

describe("without a Go type", () => {
  test.each([
    ["1e3", 1000],
    ["1e6", verbatim("1e+06")],
    ["1234567.0", verbatim("1.234567e+06")],
    ["0644", 420],
    ["08", 8],
    ["9007199254740993", 9007199254740993n],
    ["18446744073709551616", 18446744073709551616],
    ["-.inf", -Infinity],
    ["-0", -0],
    ["2024-01-02", verbatim("2024-01-02T00:00:00Z")],
    ["2024-1-2 3:4:5.600", verbatim("2024-01-02T03:04:05.6Z")],
    ["2024-01-02T03:04:05-05:00", verbatim("2024-01-02T03:04:05-05:00")],
    ["2024-13-02", "2024-13-02"],
    ["!!binary aGVsbG8=", "hello"],
    ["!!binary gIE=", verbatim("!!binary gIE=")],
    ['!!int "12"', 12],
    ["!!str 12", "12"],
    ["! 12", "12"],
    ["!foo 12", "12"],
    ["!!float 3", 3],
  ])("%s", (text, value) => {
    expect(parseYaml(`a: ${text}\n`)).toEqual({ a: value });
  });

  test("keys are texts, or what they resolve to", () => {
    const node = only("0x10: a\n16: b\ntrue: c\n~: d\n'1': e\n");
    expect(resolveUntyped(node)).toEqual({ "0x10": "a", "16": "b", true: "c", "~": "d", "1": "e" });
    expect(resolveUntyped(node, { keys: "typed" })).toEqual({
      [verbatim("16")]: "b",
      [verbatim("true")]: "c",
      [verbatim("null")]: "d",
      "1": "e",
    });
  });

  test("merge keys: what is nearer wins", () => {
    const text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2, <<: *x}\nz: {<<: [*y, *x], c: 3}\n";
    expect(parseYaml(text)).toMatchObject({ z: { a: 1, b: 2, c: 3 } });
    expect(parseYaml('a: {"<<": {b: 1}}\n')).toEqual({ a: { "<<": { b: 1 } } });
    expect(parseYaml("a: <<\nb: [<<, 1]\n")).toEqual({ b: [1] });
  });
});

describe("refusals, with line and column", () => {
  test.each([
    ["a: *x\n", "an alias names an anchor that does not exist (line 1, column 4)"],
    ["a: &x [*x]\n", "an anchor holds an alias of itself"],
    ["a: 1\na: 2\n", "the same key appears twice in a mapping (line 2, column 1)"],
    ["<<: 1\n", "a merge key (<<) names something that is not a mapping (line 1, column 5)"],
    ["a: &l [1]\nb: {<<: *l}\n", "a merge key (<<)"],
    ["? [a]\n: b\n", "a mapping or list is used as a key"],
    ["a: !!int x\n", "a value does not fit its tag !!int (line 1, column 10)"],
    ["a: !!binary x\n", "a binary value is not base64"],
    ["a: \u0007\n", "a control character or half of a character (line 1, column 4)"],
    ["a: \ud800\n", "half of a character"],
    ['a: "\\ud800"\n', "half of a character"],
  ])("%j", (text, problem) => {
    expect(() => parseYaml(text)).toThrow(AppError);
    expect(() => parseYaml(text)).toThrow(problem);
  });

  test("nesting that only aliases make", () => {
    const chain = Array.from({ length: 60 }, (_, i) => `k${i}: &k${i} [[${i === 0 ? "x" : `*k${i - 1}`}]]`);
    expect(() => parseYaml(chain.join("\n"))).toThrow("levels deep");
  });
});

describe("verbatim texts", () => {
  test("are written without quotes and are read back as what they are", () => {
    const value = {
      [verbatim("16")]: verbatim("1e+06"),
      t: verbatim("2024-01-02T00:00:00Z"),
      b: verbatim("!!binary gIE="),
    };
    const text = emitGoYaml(value);
    expect(text).toBe("16: 1e+06\nt: 2024-01-02T00:00:00Z\nb: !!binary gIE=\n");
    expect(resolveUntyped(only(text), { keys: "typed" })).toEqual(value);
  });

  test("only where they are such: the mark alone breaks out of nothing", () => {
    const text = "\ud800a: 1\nadmin: true";
    expect(verbatimText(text)).toBeNull();
    expect(emitGoYaml({ a: text })).toBe('a: "\\uD800a: 1\\nadmin: true"\n');
    expect(shownText(verbatim("true"))).toBe("true");
  });
});

describe("block texts that go-yaml writes wrongly", () => {
  test.each(["\n x", "\n\n  x\ny\n", " x\ny", "  x\n\n"])("%j reads back everywhere", (text) => {
    const value = { a: text, l: [text, [text], { b: text, c: [text] }], m: { n: { o: text } } };
    expect(parseYaml(emitGoYaml(value, { readable: true }))).toEqual(value);
  });

  test("stay as they are where bytes count, and where they are right", () => {
    expect(emitGoYaml({ a: "\n x" })).toBe("a: |-\n\n     x\n");
    expect(emitGoYaml({ a: " x\ny" }, { readable: true })).toBe("a: |4-\n     x\n    y\n");
    expect(emitGoYaml({ a: [" x\ny"] }, { readable: true })).toBe('a:\n    - " x\\ny"\n');
  });
});

test("whatever is read, is read or refused", () => {
  const piece = fc.constantFrom(
    ..."a b : - ? , [ ] { } | > |+ >- & &a *a *b << ! !!int !!binary !!float ~ 0x1 1_0 .inf -0 1e999 # ' \" % @ ` --- ... \t".split(
      " ",
    ),
    " ",
    "\n",
    "\n  ",
    ": ",
    "- ",
    "\r",
    "\ud800",
    "é",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        emitGoYaml(parseYamlDocuments(pieces.join("")));
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }),
    { numRuns: 2_000 },
  );
});
