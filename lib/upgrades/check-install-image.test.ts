import { expect, it } from "vitest";
import { emptySchematicId } from "@/lib/schematic/canonical";
import type { ConfigView } from "@/lib/inventory/drift/schema";
import { checkInstallImage, checkStaged } from "./check-install-image";

const a = "a".repeat(64);
const b = "b".repeat(64);
const document = {
  customization: { systemExtensions: { officialExtensions: ["siderolabs/amd-ucode", "siderolabs/amdgpu"] } },
};
const known = (changes: Partial<Extract<ConfigView, { state: "known" }>>): ConfigView => ({
  state: "known",
  readAtMs: 1,
  installImage: `factory.talos.dev/metal-installer/${a}:v1.13.4`,
  installSchematicId: a,
  installExtensions: null,
  differs: false,
  loses: [],
  origin: null,
  staged: null,
  ...changes,
});
const plain = { installImage: "ghcr.io/siderolabs/installer:v1.13.9", installSchematicId: emptySchematicId };
const other = { installImage: `factory.talos.dev/metal-installer/${b}:v1.13.4`, installSchematicId: b };

it.each<[string, ConfigView, string | null, string, string]>([
  ["the same schematic", known({}), a, "ok", "installs the same schematic"],
  ["no image", known({ installImage: null, installSchematicId: null }), a, "ok", "names no install image"],
  ["not known", { state: "unknown", reason: "Only os:reader is held." }, a, "warning", "Only os:reader is held."],
  [
    "the plain one",
    known(plain),
    a,
    "warning",
    "which has no extensions, not the schematic that it will run: a reinstall would lose amd-ucode and amdgpu.",
  ],
  ["the plain one for a node that runs plain Talos", known(plain), null, "ok", "the same schematic"],
  ["the plain one for the empty schematic", known(plain), emptySchematicId, "ok", "the same schematic"],
  [
    "one that has fewer",
    known({ ...other, installExtensions: ["siderolabs/amdgpu"] }),
    a,
    "warning",
    "lose amd-ucode.",
  ],
  [
    "one that has more",
    known({ ...other, installExtensions: ["siderolabs/amdgpu", "siderolabs/amd-ucode", "siderolabs/i915"] }),
    a,
    "warning",
    "another image",
  ],
  ["one that nobody knows", known(other), a, "warning", "is not known here"],
  [
    "somebody's own",
    known({ installImage: "lan/talos:v1", installSchematicId: null }),
    a,
    "warning",
    "none of an Image Factory",
  ],
])("the install image of its config: %s", (_, config, schematicId, state, detail) => {
  const verdict = checkInstallImage({
    node: { config },
    target: { schematicId, document: schematicId === a ? document : {} },
  });
  expect(verdict).toEqual({ state, detail: expect.stringContaining(detail) });
});

it("a staged change comes in with the restart", () => {
  expect(checkStaged({ node: { config: known({}) } }).state).toBe("ok");
  const staged = { sinceMs: 1, summary: ["Adds machine.sysctls."], installImage: null, hash: null };
  expect(checkStaged({ node: { config: known({ staged }) } })).toEqual({
    state: "warning",
    detail: expect.stringContaining("Adds machine.sysctls."),
  });
});
