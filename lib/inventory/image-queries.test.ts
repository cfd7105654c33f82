import { afterEach, expect, test } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { setUpTestDatabase } from "@/lib/db/testing";
import { ensureSchematic } from "@/lib/schematic/commands";
import { parseSchematic } from "@/lib/schematic/document";
import { schematicOfNode } from "@/lib/schematic/shown";
import { installTestFactory } from "@/lib/schematic/testing";
import { fleet } from "./fleet";
import { getImage, listImages } from "./image-queries";
import { testFacts, testRecord } from "./testing";

setUpTestDatabase();
const factory = installTestFactory();
const ctx = systemContext("test");
const gvisor = "customization: {systemExtensions: {officialExtensions: [siderolabs/gvisor]}}";
const foreignId = "a".repeat(64);

const putNode = (id: string, hostname: string, facts: Parameters<typeof testFacts>[0]) =>
  fleet().put(testRecord({ id, hostname }), testFacts({ hostname, ...facts }));

afterEach(() => ["n1", "n2", "n3"].forEach((id) => fleet().remove(id)));

test("an image that nobody recorded is listed with what its nodes carry of it", async () => {
  putNode("n1", "rack-1", { runningSchematicId: foreignId });
  putNode("n2", "rack-2", { runningSchematicId: foreignId, runningSchematic: schematicOfNode(gvisor) });
  expect(await listImages(ctx)).toMatchObject([
    {
      id: foreignId,
      stored: false,
      extensions: ["siderolabs/gvisor"],
      canonical: expect.stringContaining("siderolabs/gvisor"),
      registeredAtMs: null,
      runningOn: [
        { id: "n1", name: "rack-1" },
        { id: "n2", name: "rack-2" },
      ],
    },
  ]);
});

test("a stored one says where it runs; one of which only the ID is known does not pretend to be empty", async () => {
  const stored = await ensureSchematic(ctx, parseSchematic(gvisor), { factory: factory.client() });
  putNode("n1", "rack-1", { runningSchematicId: stored.id });
  putNode("n3", "rack-3", { runningSchematicId: foreignId });
  expect(await getImage(ctx, stored.id)).toMatchObject({ stored: true, runningOn: [{ name: "rack-1" }] });
  expect(await getImage(ctx, foreignId)).toMatchObject({ stored: false, canonical: null, extensions: null });
});

test("a schematic that nothing knows is not found", async () => {
  await expect(getImage(ctx, "b".repeat(64))).rejects.toMatchObject({ code: "not-found" });
});
