import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/core/errors";
import { parseYamlDocuments } from "@/lib/core/yaml";

const refusalOf = (text: string): string | null => {
  try {
    parseYamlDocuments(text, { what: "The patch" });
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.message;
  }
};
const template = (line: number, marks: string) =>
  `The patch is a template: line ${line} holds template marks (${marks}); render it first.`;

describe("a template is named, not YAML's grammar", () => {
  test("with a loop, whose braces YAML refuses", () => {
    const text =
      "customization:\n  extraKernelArgs:\n    - {{ arg }}\n  systemExtensions:\n    {% for e in extensions %}\n    {% endfor %}\n";
    expect(refusalOf(text)).toBe(template(3, "{{ … }}, {% … %}"));
  });

  test.each([
    ["as an item, which YAML reads as a mapping", "a:\n  - {{ arg }}\n", 2, "{{ … }}"],
    ["as a value", "a:\n  b: {{ arg }}\n", 2, "{{ … }}"],
    ["as the whole text", "{{ include }}\n", 1, "{{ … }}"],
    ["with a filter and quotes", 'a: {{ b | default("c") }}\n', 1, "{{ … }}"],
    ["inside a flow list", "a: [{{ b }}, {{ c }}]\n", 1, "{{ … }}"],
    ["as Jinja's own comment", "{# note #}\na: 1\n", 1, "{# … #}"],
    ["as Terraform's directive", "a:\n%{ for x in y ~}\n  - 1\n%{ endfor ~}\n", 2, "%{ … }"],
    ["as ERB", "a: 1\n<% if b %>\nc: 2\n<% end %>\n", 2, "<% … %>"],
    ["as makejinja's variable, which YAML takes for a comment", "a: #{ b }#\n", 1, "#{ … }#"],
    ["as makejinja's line, which YAML takes for a comment", "a: 1\n#% if b %#\nc: 2\n#% endif %#\n", 2, "#% … %#"],
    ["after a block text that holds marks of its own", "a: |\n  {{ inner }}\nb: {{ outer }}\n", 3, "{{ … }}"],
  ])("%s", (_, text, line, marks) => {
    expect(refusalOf(text)).toBe(template(line, marks));
  });

  test("other marks on the line that cannot be read", () => {
    expect(refusalOf("a: 1\nb: [${NODE_A}, ${NODE_B}]\n")).toBe(
      "The patch cannot be read: on line 2 a variable was not filled in (${NODE_A}).",
    );
  });
});

describe("texts that hold marks and are YAML stay what they are", () => {
  test.each([
    ["block texts", "contents: |\n  {{ .Values.a }}\n  {% if b %}\n  #{ c }#\n"],
    ["block texts in lists", "- |-\n  {{ a }}\n- >\n  {% b %}\n- content: |2\n    {{ c }}\n  path: x\n"],
    ["quoted texts", 'a: "{{ b }}"\nc: \'{% d %}\'\ne: ["{{ f }}"]\n'],
    ["quoted texts of several lines", 'a: "one\n  {{ two }}\n  three"\nb: 1\n'],
    ["plain texts with a mark inside", "a: --format={{.Name}} x\n"],
    ["comments", "# {{ a }}\n# {% b %}\nc: 1 # {{ d }}\n"],
    ["JSON", '{"a":{"b":{"c":[{"d":1}]}}}'],
    ["nested flow mappings", "a: {b: {c: {d: 1}}}\n"],
  ])("%s", (_, text) => {
    expect(refusalOf(text)).toBeNull();
  });

  test("and what is broken for another reason says that", () => {
    expect(refusalOf("a: |\n  {{ b }}\na: 1\n")).toContain("the same key appears twice");
    expect(refusalOf("a: ${B}\nc: [1\n")).not.toContain("variable");
  });
});
