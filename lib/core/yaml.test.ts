import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/core/errors";
import { parseYaml, parseYamlDocuments, parseYamlNodes } from "@/lib/core/yaml";

function refusal(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("Nothing was refused.");
}

describe("values", () => {
  test("words of YAML 1.1 stay texts, even below a %YAML 1.1 directive", () => {
    expect(parseYaml("auto: off\nb: yes\nc: true\n")).toEqual({ auto: "off", b: "yes", c: true });
    expect(parseYaml("%YAML 1.1\n---\nauto: off\n")).toEqual({ auto: "off" });
  });

  test("integers are read as go-yaml reads them", () => {
    expect(parseYaml("[0644, 0o644, 0x1f, 0b11, 1_000, 09, -7]")).toEqual([420, 420, 31, 3, 1000, 9, -7]);
    expect(parseYaml("18446744073709551615")).toBe(2n ** 64n - 1n);
  });

  test("merge keys and anchors work", () => {
    expect(parseYaml("a: &a {x: 1}\nb: {<<: *a, y: 2}\n")).toEqual({ a: { x: 1 }, b: { x: 1, y: 2 } });
  });

  test("binary is the text that it stands for", () => {
    expect(parseYaml("a: !!binary aGVsbG8=\n")).toEqual({ a: "hello" });
  });

  test("keys are texts and __proto__ is only a key", () => {
    const value = parseYaml('1: a\n"__proto__": {polluted: true}\n') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(["1", "__proto__"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("NEL ends a line, as it does in Go", () => {
    expect(parseYaml("a: 1\u0085b: |\u0085  x\u0085  y\u0085")).toEqual({ a: 1, b: "x\ny\n" });
  });

  test("a document's end before any document is nothing", () => {
    expect(parseYamlDocuments("# c\n...\n... # c\na: 1\n")).toEqual([{ a: 1 }]);
  });

  test("of the first document alone, whatever comes after it", () => {
    expect(parseYamlNodes("a: 1\n---\n[: x: a\n", { firstOnly: true })).toHaveLength(1);
    expect(() => parseYamlNodes("a: 1\n---\n[: x: a\n")).toThrow(AppError);
    expect(() => parseYamlNodes("[: x: a\n---\na: 1\n", { firstOnly: true })).toThrow(AppError);
  });

  test("keys that are empty, or nothing but a tag or an anchor", () => {
    expect(parseYaml("a: 1\n? \n: b\n")).toEqual({ a: 1, "": "b" });
    expect(parseYaml("!!str : b\n")).toEqual({ "": "b" });
    expect(parseYaml("a: &k \n&x : b\n")).toEqual({ a: null, "": "b" });
  });

  test("several documents", () => {
    expect(parseYamlDocuments("a: 1\n---\nb: 2\n")).toEqual([{ a: 1 }, { b: 2 }]);
    expect(parseYamlDocuments("")).toEqual([]);
    expect(parseYaml("")).toBeNull();
  });
});

describe("refusals", () => {
  test("say the line and the column, and never quote the text", () => {
    const error = refusal(() => parseYaml("a: 1\nb:\n\tsecret-word: 2\n", { what: "The patch" }));
    expect(error.code).toBe("invalid-input");
    expect(error.message).toMatch(/^The patch cannot be read: .*line 3, column 1/);
    expect(JSON.stringify({ ...error })).not.toContain("secret-word");
  });

  test("a key given twice", () => {
    expect(refusal(() => parseYaml("a: 1\na: 2\n")).message).toContain("twice in a mapping (line 2, column 1)");
  });

  test.each([
    ["%YAML 1.2\n---\na: 1\n", "Talos reads 1.1 only"],
    ["a: 1\n...\n%YAML 1.2\n---\nb: 1\n", "Talos reads 1.1 only"],
    ["%YAML 1.3\n---\na: 1\n", "neither %YAML 1.1 nor %TAG (line 1"],
    ["%OTHER x\n---\na: 1\n", "neither %YAML 1.1 nor %TAG (line 1"],
    ["%YAML 1.1\n# c\n%YAML 1.1\n---\na: 1\n", "twice (line 3"],
    ["%TAG !e! a\n%TAG !e! b\n---\na: 1\n", "twice (line 2"],
    [": a\n", "a colon has no key before it (line 1, column 1)"],
    ["a:\n  b: 1\n  : c\n", "a colon has no key before it (line 3, column 3)"],
    ["{a: 1, : b}\n", "a colon has no key before it (line 1"],
    ["[: a]\n", "a colon has no key before it (line 1"],
    ['a: "b\\/c"\n', "the escape \\/"],
    ['"b\\\\\\/c": a\n', "the escape \\/"],
    ["a: 'b\u2028c'\n", "a line separator of Unicode, which Talos takes for the end of a line (line 1, column 6)"],
  ])("what go-yaml refuses, or means otherwise: %j", (text, named) => {
    expect(refusal(() => parseYamlDocuments(text)).message).toContain(named);
  });

  test("two directives with different handles, and a slash after a backslash, are fine", () => {
    expect(parseYaml('%TAG !e! a\n%TAG !f! b\n%YAML 1.1\n---\na: "b\\\\/c"\n')).toEqual({ a: "b\\/c" });
  });

  test("more than one document", () => {
    expect(refusal(() => parseYaml("a: 1\n---\nb: 1\n")).message).toContain("2 documents");
  });

  test("aliases that expand without end", () => {
    const bomb = [
      "a: &a [x,x,x,x,x,x,x,x,x]",
      ..."bcdefgh".split("").map((key, i) => `${key}: &${key} [${Array(9).fill(`*${"abcdefg"[i]}`)}]`),
    ];
    expect(refusal(() => parseYaml(bomb.join("\n"))).message).toContain("anchors so often");
  });

  test("too deep and too long", () => {
    expect(refusal(() => parseYaml("[".repeat(5000) + "]".repeat(5000))).message).toContain("levels deep");
    expect(refusal(() => parseYaml("[".repeat(150) + "]".repeat(150))).message).toContain("levels deep");
    expect(refusal(() => parseYaml("a: 123456", { maxBytes: 5 })).message).toContain("longer than 5 bytes");
  });
});
