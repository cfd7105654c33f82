import { expect, test } from "vitest";
import { canonicalSchematic } from "./canonical";
import { parseSchematic } from "./document";
import { schematicOfNode, shownSchematic } from "./shown";

const yaml = "customization:\n    systemExtensions:\n        officialExtensions:\n            - siderolabs/gvisor\n";

test("a schematic is shown as it is hashed", () => {
  const document = parseSchematic(yaml);
  expect(shownSchematic(document)).toEqual({
    text: canonicalSchematic(document),
    extensions: ["siderolabs/gvisor"],
    kernelArgs: [],
  });
});

test("an embedded machine configuration is named, never shown", () => {
  const { text } = shownSchematic({
    customization: { embeddedMachineConfiguration: "machine: {token: s3cr3t.token}" },
  });
  expect(text).toContain("embeddedMachineConfiguration: '(not shown");
  expect(text).not.toContain("s3cr3t");
});

test.each([
  ["no text", ""],
  ["a member that is not known here", "customization: {flux: 7}"],
  ["no YAML", "{"],
])("a node with %s is known by its ID only", (_, text) => {
  expect(schematicOfNode(text)).toBeNull();
});

test("what a node carries is the same each time it is asked", () => {
  expect(schematicOfNode(yaml)).toEqual(shownSchematic(parseSchematic(yaml)));
  expect(schematicOfNode(yaml)).toBe(schematicOfNode(yaml));
});
