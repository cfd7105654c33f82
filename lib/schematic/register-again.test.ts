import { afterEach, expect, test } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { canonicalSchematic, emptySchematicId, schematicId } from "./canonical";
import { ensureSchematic, registerAgain } from "./commands";
import { parseSchematic } from "./document";
import { installTestFactory } from "./testing";

setUpTestDatabase();
const factory = installTestFactory();
const ctx = systemContext("test");
afterEach(() => db.schematic.deleteMany());

const gvisor = parseSchematic("customization: {systemExtensions: {officialExtensions: [siderolabs/gvisor]}}");
const gvisorId = schematicId(gvisor);
const word = parseSchematic('customization: {extraKernelArgs: ["on"]}');
const again = (id = gvisorId, document = gvisor) => registerAgain(ctx, id, document, { factory: factory.client() });
const row = (id: string) => db.schematic.findUnique({ where: { id } });

test("a factory that was emptied is given the document again, although it had it once", async () => {
  await ensureSchematic(ctx, gvisor, { factory: factory.client() });
  await again();
  expect(factory.posted).toEqual([canonicalSchematic(gvisor), canonicalSchematic(gvisor)]);
  expect((await row(gvisorId))?.registeredAt).not.toBeNull();
});

test("one that was not stored here is from then on: the schematic without extensions", async () => {
  await again(emptySchematicId, {});
  expect((await row(emptySchematicId))?.registeredAt).not.toBeNull();
});

test("another ID than the one that was asked for is never taken", async () => {
  factory.mood = "liar";
  await expect(again()).rejects.toMatchObject({
    code: "refused",
    message: expect.stringContaining("another ID") as unknown,
  });
  expect(await row(gvisorId)).toBeNull();
  factory.mood = "newest";
  await expect(again(emptySchematicId, gvisor)).rejects.toMatchObject({ code: "internal" });
});

test("a form of it that an older factory writes is a new plan", async () => {
  factory.mood = "factory-1.4";
  await expect(again(schematicId(word), word)).rejects.toMatchObject({
    code: "conflict",
    hint: expect.stringContaining("Plan again") as unknown,
  });
});

test.each(["down", "nonsense"] as const)("a factory that is %s is not taken for one that knows it", async (mood) => {
  await ensureSchematic(ctx, gvisor, { factory: factory.client() });
  factory.mood = mood;
  await expect(again()).rejects.toMatchObject({ code: "unavailable", hint: "Try again once it answers." });
  expect((await row(gvisorId))?.registeredAt).toBeNull();
});
