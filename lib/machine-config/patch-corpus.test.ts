import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { isYamlSequence, type YamlValue } from "@/lib/core/go-yaml";
import { parseMachineConfig } from "@/lib/machine-config/documents";
import { applyPatches } from "@/lib/machine-config/patch";

const corpus = process.env.ICHOR_CORPUS;
const read = (name: string) => readFileSync(path.join(corpus ?? "", "corpus/patch", name), "utf8");

/** Without what Go writes for absent fields that it never omits ("", [], {}, null): as values they are the same. */
function withoutEmpty(value: YamlValue | undefined): YamlValue | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  if (isYamlSequence(value)) return value.length === 0 ? undefined : value.map((item) => withoutEmpty(item) ?? null);
  if (typeof value !== "object") return value;
  const entries = Object.entries(value).flatMap(([key, member]) => {
    const kept = withoutEmpty(member);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

const valuesOf = (text: string) => parseMachineConfig(text).map(withoutEmpty);

describe.skipIf(!corpus)("upstream's patches give upstream's configs", () => {
  test.each([
    ["strategic-001/left.yaml", ["strategic-001/right.yaml"], "strategic-001/expected.yaml"],
    ["strategic-003/left.yaml", ["strategic-003/right.yaml"], "strategic-003/expected.yaml"],
    ["strategic-005/left.yaml", ["strategic-005/right.yaml"], "strategic-005/expected.yaml"],
    [
      "apply/config.yaml",
      [
        "apply/strategic1.yaml",
        "apply/jsonpatch1.yaml",
        "apply/jsonpatch2.yaml",
        "apply/strategic2.yaml",
        "apply/strategic3.yaml",
      ],
      "apply/expected.yaml",
    ],
    ["apply/config.yaml", ["apply/strategic4.yaml"], "apply/expected_manifests.yaml"],
    [
      "multidoc/config.yaml",
      ["multidoc/strategic1.yaml", "multidoc/strategic2.yaml", "multidoc/strategic3.yaml"],
      "multidoc/expected.yaml",
    ],
    ["patchdelete/config.yaml", ["patchdelete/strategic1.yaml"], "patchdelete/expected.yaml"],
    [
      "patchdelete/controlplane_orig.yaml",
      ["patchdelete/strategic2.yaml", "patchdelete/strategic3.yaml", "patchdelete/strategic4.yaml"],
      "patchdelete/controlplane_expected.yaml",
    ],
  ])("%s", (config, patches, expected) => {
    const patched = applyPatches(read(config), patches.map(read), { contract: "1.14" });
    expect(valuesOf(patched)).toEqual(valuesOf(read(expected)));
  });

  test("a JSON patch on several documents is refused", () => {
    expect(() =>
      applyPatches(read("multidoc/config.yaml"), [read("multidoc/jsonpatch.yaml")], { contract: "1.14" }),
    ).toThrow("JSON patches work only on configs of one document");
  });
});
