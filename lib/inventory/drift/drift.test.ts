import { describe, expect, it } from "vitest";
import { emptySchematicId } from "@/lib/schematic/canonical";
import type { NodeFacts } from "../facts";
import { testFacts } from "../testing";
import type { NodeView } from "../schema";
import { driftStateOf } from "./counted";
import { configViewOf, driftOf } from "./drift";

const a = "a".repeat(64);
const b = "b".repeat(64);
const c = "c".repeat(64);
const image = (id: string, tag = "v1.13.4") => `factory.talos.dev/metal-installer/${id}:${tag}`;
const plain = "ghcr.io/siderolabs/installer:v1.13.4";
const driver = ["siderolabs/amd-ucode", "siderolabs/amdgpu"];

const reading = (installImage: string | null, installExtensions: string[] | null = null) => ({
  atMs: 1,
  installImage,
  installExtensions,
  hash: "h",
  staged: null,
});
const runs = (id: string | null, extensions: string[] = driver): Partial<NodeFacts> => ({
  runningSchematicId: id,
  runningSchematic: id === null ? null : { text: "", extensions, kernelArgs: [] },
  extensions: extensions.map((name) => ({ name: name.replace("siderolabs/", ""), version: "1" })),
});
const record = (schematicId: string | null, configHash: string | null = null) => ({
  schematicId,
  installImage: schematicId && image(schematicId),
  configHash,
});

describe("drift", () => {
  it.each<[string, Partial<NodeFacts>, ReturnType<typeof record>, string[]]>([
    ["all the same", { ...runs(a), config: reading(image(a), driver) }, record(a), []],
    [
      "the config installs an older release of the same",
      { ...runs(a), config: reading(image(a, "v1.12.0")) },
      record(a),
      [],
    ],
    [
      "it comes through a mirror",
      { ...runs(a), config: reading(`lan:5000/f/metal-installer/${a}:v1.13.4`) },
      record(a),
      [],
    ],
    ["nothing is recorded, the config is as what runs", { ...runs(a), config: reading(image(a)) }, record(null), []],
    ["nothing was read of the config: not known is no drift", runs(a), record(a), []],
    ["the record is never compared with itself", runs(a), { ...record(a), installImage: image(b) }, []],
    ["no image is named", { ...runs(a), config: reading(null) }, record(a), []],
    [
      "the config installs fewer extensions",
      { ...runs(a), config: reading(image(b), ["siderolabs/amdgpu"]) },
      record(a),
      [
        `The install image in its config is schematic bbbbbbbbbbbb…, while schematic aaaaaaaaaaaa… runs: a reinstall would lose 1\u00a0extension: amd-ucode.`,
      ],
    ],
    [
      "so also where nothing is recorded",
      { ...runs(a), config: reading(image(b), ["siderolabs/amdgpu"]) },
      record(null),
      ["would lose 1\u00a0extension: amd-ucode"],
    ],
    [
      "more extensions",
      { ...runs(a), config: reading(image(b), [...driver, "siderolabs/i915"]) },
      record(a),
      ["would bring another image"],
    ],
    ["what it holds nobody knows", { ...runs(a), config: reading(image(b), null) }, record(a), ["is not known here"]],
    [
      "the plain installer",
      { ...runs(a), config: reading(plain) },
      record(a),
      [
        "has no extensions, while schematic aaaaaaaaaaaa… runs: a reinstall would lose 2\u00a0extensions, the GPU driver among them: amd-ucode and amdgpu.",
        "From Talos 1.14 on there is no such image.",
      ],
    ],
    ["the plain installer on plain Talos", { ...runs(null, []), config: reading(plain) }, record(null), []],
    [
      "the plain installer on the empty schematic",
      { ...runs(emptySchematicId, []), config: reading(plain) },
      record(null),
      [],
    ],
    [
      "the empty schematic on plain Talos",
      { ...runs(null, []), config: reading(image(emptySchematicId)) },
      record(null),
      [],
    ],
    [
      "the plain installer on an image of somebody's own",
      { ...runs(null), config: reading(plain) },
      record(null),
      [
        "while a custom image runs: a reinstall would lose 2\u00a0extensions, the GPU driver among them: amd-ucode and amdgpu.",
        "From Talos 1.14 on there is no such image.",
      ],
    ],
    [
      "an image of somebody's own on such a one",
      { ...runs(null), config: reading("lan/talos-gpu:v1") },
      record(null),
      [],
    ],
    [
      "an image of somebody's own on a schematic",
      { ...runs(a), config: reading("lan/talos-gpu:v1") },
      record(a),
      [
        "is none of an Image Factory, while schematic aaaaaaaaaaaa… runs: what a reinstall would bring is not known here",
      ],
    ],
    [
      "a plain installer that was never published",
      { ...runs(null, []), config: reading("ghcr.io/siderolabs/installer:v1.14.0") },
      record(null),
      ["There is no image ghcr.io"],
    ],
    [
      "no SecureBoot in it",
      { ...runs(a), secureBoot: true, config: reading(image(a)) },
      record(a),
      ["is not a SecureBoot one"],
    ],
    [
      "another platform's",
      { ...runs(a), platform: "nocloud", config: reading(image(a)) },
      record(a),
      ["for the platform metal, while the node runs on nocloud"],
    ],
    [
      "another is recorded, the config installs what runs",
      { ...runs(a), config: reading(image(a)) },
      record(b),
      ["an upgrade installs the recorded one"],
    ],
    [
      "another is recorded, the config installs that",
      { ...runs(a), config: reading(image(b)) },
      record(b),
      ["an upgrade installs the recorded one"],
    ],
    [
      "three of them",
      { ...runs(a), config: reading(image(c)) },
      record(b),
      ["an upgrade installs the recorded one", "schematic cccccccccccc…, while"],
    ],
    ["a machine without a config", { ...runs(a), stage: "maintenance", config: reading(plain) }, record(b), []],
  ])("%s", (_, facts, recorded, sentences) => {
    const found = driftOf(testFacts(facts), recorded);
    expect(found).toHaveLength(sentences.length);
    for (const [index, sentence] of sentences.entries()) expect(found[index]).toContain(sentence);
  });
});

describe("the node's config as people see it", () => {
  it("says why it is not known", () => {
    expect(configViewOf(testFacts({ configUnread: "Only os:reader is held." }), record(a))).toEqual({
      state: "unknown",
      reason: "Only os:reader is held.",
    });
    expect(configViewOf(testFacts(), record(a))).toMatchObject({ state: "unknown" });
    expect(configViewOf(testFacts({ stage: "maintenance", config: reading(plain) }), record(a))).toMatchObject({
      state: "unknown",
    });
  });

  it("tells what a reinstall would bring, and who wrote it", () => {
    const facts = testFacts({ ...runs(a), config: reading(image(b), ["siderolabs/amdgpu"]) });
    expect(configViewOf(facts, record(a, "h"))).toMatchObject({
      installSchematicId: b,
      differs: true,
      loses: ["siderolabs/amd-ucode"],
      origin: "as-applied",
    });
    expect(configViewOf(facts, record(a, "other"))).toMatchObject({ origin: "changed" });
    expect(configViewOf(facts, record(a))).toMatchObject({ origin: "never-applied" });
    // What Ichor staged waits for the next boot: that another config runs until then is nobody's change.
    const staged = { sinceMs: null, summary: [], installImage: null, hash: "next" };
    const waits = testFacts({ ...runs(a), config: { ...reading(image(a)), staged } });
    expect(configViewOf(waits, record(a, "next"))).toMatchObject({ origin: "staged" });
    expect(configViewOf(waits, record(a, "other"))).toMatchObject({ origin: "changed" });
  });
});

it.each<[string, string | null, string | null, boolean | null | "unknown", string]>([
  ["all the same", a, a, false, "none"],
  ["the config was not read", a, a, "unknown", "unknown"],
  ["it cannot be told", null, null, null, "unknown"],
  ["another schematic is recorded", a, b, false, "schematic"],
  ["so also where the config was not read", a, b, "unknown", "schematic"],
  ["the config installs another image", a, a, true, "install-image"],
  ["both", a, b, true, "both"],
])("is counted as one word: %s", (_, runningSchematicId, schematicId, differs, state) => {
  const config = differs === "unknown" ? { state: "unknown", reason: "" } : { state: "known", differs };
  expect(driftStateOf({ runningSchematicId, intent: { schematicId }, config } as NodeView)).toBe(state);
});
