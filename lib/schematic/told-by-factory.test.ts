import { expect, test } from "vitest";
import type { ImageFactory } from "@/lib/image-factory/client";
import { canonicalSchematic, idOfCanonical, schematicId } from "./canonical";
import { schematicAtFactory } from "./told-by-factory";

const document = { customization: { systemExtensions: { officialExtensions: ["siderolabs/gvisor"] } } };
const id = schematicId(document);
const telling = (text: string | null) => ({ schematic: async () => text }) as unknown as ImageFactory;

test("the schematic itself, and that the factory does not have it, are believed", async () => {
  const text = canonicalSchematic(document);
  expect(await schematicAtFactory(telling(text), id)).toBe(text);
  expect(await schematicAtFactory(telling(null), id)).toBeNull();
  // A document with members that are newer than we are, by its hash alone.
  const newer = "newMember: true\n";
  expect(await schematicAtFactory(telling(newer), idOfCanonical(newer))).toBe(newer);
});

test.each([
  ["a sign-in page", "<!doctype html><title>Sign in</title>"],
  ["an error of a proxy", "upstream connect error"],
  ["nothing", ""],
  ["another schematic", canonicalSchematic({})],
  ["JSON", '{"error":"not found"}'],
])("%s is no schematic that the factory knows", async (_, text) => {
  await expect(schematicAtFactory(telling(text), id)).rejects.toMatchObject({ kind: "nonsense" });
});
