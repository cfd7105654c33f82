import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/core/errors";
import { canonicalSchematic } from "./canonical";
import { parseSchematic, readSchematic } from "./document";
import { givenSchematic } from "./given";

const refusal = (given: unknown): AppError => {
  try {
    givenSchematic(given);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was taken");
};

describe("texts that another tool should have filled in", () => {
  test.each([
    ["customization: {systemExtensions: {officialExtensions: '${jsonencode(extensions)}'}}\n", "${…}"],
    ["customization: {extraKernelArgs: '${ARGS}'}\n", "${ARGS}"],
    ["customization: '${CUSTOMIZATION}'\n", "${CUSTOMIZATION}"],
    ["customization: {meta: [{key: '${KEY}', value: a}]}\n", "${KEY}"],
    ["customization: {bootloader: '${BOOTLOADER}'}\n", "${BOOTLOADER}"],
    ["customization: {secureboot: {includeWellKnownCertificates: '${WELL_KNOWN}'}}\n", "${WELL_KNOWN}"],
  ])("where no text is expected: %s", (given, mark) => {
    expect(refusal(given).message).toContain(`a variable was not filled in (${mark})`);
    expect(refusal(given).hint).toContain("Fill it in");
  });

  test("a template is named with its line", () => {
    const loop =
      "customization:\n  extraKernelArgs:\n    - {{ arg }}\n  systemExtensions:\n    {% for e in extensions %}\n    {% endfor %}\n";
    const sentence = "The schematic is a template: line 3 holds template marks ({{ … }}, {% … %}); render it first.";
    expect(refusal(loop).message).toBe(sentence);
    expect(refusal(loop.split("  systemExtensions")[0] ?? "").message).toBe(
      "The schematic is a template: line 3 holds template marks ({{ … }}); render it first.",
    );
  });

  test.each([
    ['customization: {extraKernelArgs: ["{{ arg }}"]}', "customization.extraKernelArgs.0 a template was not rendered"],
    [
      "customization: {extraKernelArgs: [ip=$(IP)]}",
      "customization.extraKernelArgs.0 a variable was not filled in ($(IP))",
    ],
    ["customization: {meta: [{key: 10, value: '${NETWORK}'}]}", "customization.meta.0.value a variable"],
    ["overlay: {name: '<board>', image: a}", "overlay.name a placeholder was not replaced (<board>)"],
    ["customization: {embeddedMachineConfiguration: 'op://a/b/c'}", "a secret reference was not resolved"],
  ])("%s", (given, sentence) => {
    expect(refusal(given).message).toContain(sentence);
  });

  test("what Talos fills in itself, and texts for other programs, stay", () => {
    for (const given of [
      "customization: {extraKernelArgs: ['talos.config=https://x/y?uuid=${uuid}&mac=${mac}']}",
      "customization:\n  embeddedMachineConfiguration: |\n    machine:\n      files: [{content: '${HOME}'}]\n",
    ])
      expect(givenSchematic(given).warnings).toEqual([]);
  });
});

describe("read as the Image Factory reads it (v1.5.0)", () => {
  const canonicalOf = (yaml: string) => canonicalSchematic(parseSchematic(yaml));
  test.each([
    ["customization: {secureboot: {enrollKeys: FORCE}}", "enrollKeys: FORCE"],
    ["customization: {secureboot: {enrollKeys: off}}", "enrollKeys: 'off'"],
    ["customization: {secureboot: {includeWellKnownCertificates: yes}}", "includeWellKnownCertificates: true"],
    ["customization: {secureboot: {includeWellKnownCertificates: 'on'}}", "includeWellKnownCertificates: true"],
    ["customization: {extraKernelArgs: [1]}", '- "1"'],
    ["customization: {extraKernelArgs: [1.10]}", '- "1.10"'],
    ["customization: {extraKernelArgs: [0644]}", '- "0644"'],
    ["customization: {extraKernelArgs: [true]}", '- "true"'],
    ["customization: {meta: [{key: 10}]}", 'value: ""'],
    ["customization: {meta: [{value: a}]}", "key: 0"],
    ["customization: {meta: [{key: 1.0, value: 5}]}", 'key: 1\n          value: "5"'],
    ["customization: {bootloader: GRUB}", "bootloader: grub"],
    ["customization: {diskImage: {sectorSize: 18446744073709551615}}", "sectorSize: 18446744073709551615"],
    [
      "overlay: {name: a, image: b, options: {3: x, j: {2: x}, c: .inf}}",
      '"3": x\n        c: .inf\n        j:\n            2: x',
    ],
    ["owner: a\n---\n", "owner: a"],
    ["owner: a\n---\nowner: b\n", "owner: a"],
    ["---\n---\nowner: b\n", "customization: {}"],
    ["<<: {owner: a}\n", "owner: a"],
  ])("%s", (yaml, part) => {
    expect(canonicalOf(yaml)).toContain(part);
  });

  test("a null in a list is left out", () => {
    expect(canonicalOf("customization: {extraKernelArgs: [a, ~, null, '']}")).toBe(
      'customization:\n    extraKernelArgs:\n        - a\n        - ""\n',
    );
    expect(canonicalOf("customization: {meta: [~]}")).toBe("customization: {}\n");
  });

  test("a block text keeps its last line break, or has none", () => {
    const of = (yaml: string) => parseSchematic(yaml).customization?.embeddedMachineConfiguration;
    const block = (header: string, end: string) =>
      of(`customization:\n  embeddedMachineConfiguration: ${header}\n    a\n    b${end}`);
    expect([block("|", "\n"), block("|", ""), block("|-", "\n"), block("|+", "\n\n")]).toEqual([
      "a\nb\n",
      "a\nb",
      "a\nb",
      "a\nb\n\n",
    ]);
    expect(of('customization: {embeddedMachineConfiguration: "\\ta\\nb"}')).toBe("\ta\nb");
  });

  test("values of JSON as their text", () => {
    const value = {
      customization: { extraKernelArgs: ["a", "\u2028", "\u2029", "\u0085", "é😀"], meta: [{ key: 1, value: "x" }] },
    };
    expect(readSchematic(value)).toMatchObject(value);
    expect(readSchematic({ customization: { extraKernelArgs: [1, true] } })).toMatchObject({
      customization: { extraKernelArgs: ["1", "true"] },
    });
  });
});

describe("what the factory takes, but will surprise, is said", () => {
  test.each([
    ["owner: alice", "a free one, such as factory.talos.dev, refuses it"],
    ["customization: {secureboot: {enrollKeys: always}}", "refuses to build an image"],
    ["owner: ''\n---\nowner: b\n", "The text holds 2 documents"],
    ["{}\n---\n[: x: a\n", "What comes after the first document cannot be read"],
  ])("%s", (given, sentence) => {
    expect(givenSchematic(given).warnings).toEqual([expect.stringContaining(sentence)]);
  });
  test("ordinary documents have no warnings", () => {
    for (const given of ["customization: {secureboot: {enrollKeys: FORCE}}\n---\n", "{}", { customization: {} }])
      expect(givenSchematic(given).warnings).toEqual([]);
  });
});
