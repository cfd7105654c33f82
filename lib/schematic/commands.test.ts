import { afterEach, describe, expect, test } from "vitest";
import { type Actor, systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { createImageFactory } from "@/lib/image-factory/client";
import { runOperation } from "@/lib/operation/run-operation";
import { canonicalSchematic, schematicId } from "./canonical";
import { ensureSchematic, rememberSchematic } from "./commands";
import { parseSchematic } from "./document";
import { previewSchematic, registerSchematic } from "./operations";
import { getSchematic, listSchematics } from "./queries";
import { type Registrar, startSchematicRegistrar } from "./registrar";
import { installTestFactory } from "./testing";

setUpTestDatabase();
const factory = installTestFactory();
const ctx = systemContext("test");

const gvisor = parseSchematic("customization: {systemExtensions: {officialExtensions: [siderolabs/gvisor]}}");
const gvisorId = "d9ff89777e246792e7642abd3220a616afb4e49822382e4213a2e528ab826fe5";
const word = parseSchematic('customization: {extraKernelArgs: ["on"]}');

afterEach(async () => {
  await db.node.deleteMany();
  await db.schematic.deleteMany();
});

const ensure = (document = gvisor) => ensureSchematic(ctx, document, { factory: factory.client() });
const expectError = (promise: Promise<unknown>, code: string, text: string) =>
  expect(promise).rejects.toMatchObject({ code, message: expect.stringContaining(text) });

describe("ensureSchematic", () => {
  test("stores what the factory confirms, and asks it once", async () => {
    expect(await ensure()).toEqual({
      id: gvisorId,
      canonical: canonicalSchematic(gvisor),
      registered: true,
      lastError: null,
    });
    await ensure();
    expect(factory.posted).toEqual([canonicalSchematic(gvisor)]);
    const [view] = await listSchematics(ctx);
    expect(view).toMatchObject({
      id: gvisorId,
      extensions: ["siderolabs/gvisor"],
      kernelArgs: [],
      lastError: null,
      nodes: [],
    });
    expect(view?.registeredAtMs).toBeGreaterThan(0);
  });

  test("refuses a factory that answers with another ID, and keeps nothing", async () => {
    factory.mood = "liar";
    await expectError(ensure(), "refused", "another ID");
    expect(await db.schematic.count()).toBe(0);
  });

  test("refuses what the factory refuses, in its words", async () => {
    factory.mood = "refuses";
    await expectError(ensure(), "refused", "unknown field");
    expect(await db.schematic.count()).toBe(0);
  });

  test.each(["down", "stalls", "nonsense"] as const)(
    "a factory that is %s leaves it not registered yet",
    async (mood) => {
      factory.mood = mood;
      expect(await ensure()).toMatchObject({
        id: gvisorId,
        registered: false,
        lastError: expect.stringContaining("Image Factory"),
      });
      expect(await getSchematic(ctx, gvisorId)).toMatchObject({
        registeredAtMs: null,
        lastError: expect.stringContaining("Image Factory"),
      });
      factory.mood = "newest";
      expect(await ensure()).toMatchObject({ registered: true, lastError: null });
    },
  );

  test("a lie after the factory was away is noted at the row that is there", async () => {
    factory.mood = "down";
    await ensure();
    factory.mood = "liar";
    await expectError(ensure(), "refused", "another ID");
    expect((await getSchematic(ctx, gvisorId)).lastError).toContain("another ID");
  });

  test("a text that the factory could not read again is refused before it is asked", async () => {
    for (const text of ["\ta\nb", "\t\n\tb\n"]) {
      await expect(ensure({ customization: { embeddedMachineConfiguration: text } })).rejects.toMatchObject({
        code: "refused",
        message: expect.stringContaining("begins with a space or a tab"),
      });
    }
    expect(await db.schematic.count()).toBe(0);
  });

  test("an older factory's ID for a word that it quotes differently is right too", async () => {
    factory.mood = "factory-1.4";
    const ensured = await ensure(word);
    expect(ensured).toMatchObject({ id: schematicId(word, "v4-rc4"), registered: true });
    expect(ensured.id).not.toBe(schematicId(word));
    expect((await listSchematics(ctx)).map(({ id }) => id)).toEqual([ensured.id]);
    expect((await ensure(word)).id).toBe(ensured.id);
    expect(factory.posted).toHaveLength(1);
  });

  test("another factory has to be asked anew", async () => {
    await db.schematic.create({
      data: {
        id: gvisorId,
        canonical: canonicalSchematic(gvisor),
        factoryUrl: "https://old.example",
        registeredAt: new Date(0),
      },
    });
    factory.mood = "down";
    expect(await ensure()).toMatchObject({ registered: false });
    expect((await getSchematic(ctx, gvisorId)).registeredAtMs).toBeNull();
  });
});

describe("rememberSchematic", () => {
  test("keeps what a node runs when its content has its ID", async () => {
    await rememberSchematic(ctx, gvisorId, canonicalSchematic(gvisor), "https://f.example");
    await rememberSchematic(ctx, schematicId(word, "v4-rc4"), canonicalSchematic(word, "v4-rc4"), "https://f.example");
    expect(await db.schematic.count()).toBe(2);
    expect((await getSchematic(ctx, gvisorId)).registeredAtMs).toBeNull();
  });

  test("refuses a node that lies, and text that is no schematic", async () => {
    await expectError(
      rememberSchematic(ctx, "f".repeat(64), canonicalSchematic(gvisor), "https://f"),
      "invalid-input",
      "does not have the ID",
    );
    await expectError(rememberSchematic(ctx, gvisorId, "hostile: {}", "https://f"), "invalid-input", "hostile");
    expect(await db.schematic.count()).toBe(0);
  });
});

test("a schematic that is not here", async () => {
  await expectError(getSchematic(ctx, gvisorId), "not-found", "no such schematic");
});

describe("the registrar", () => {
  let registrar: Registrar | null = null;
  afterEach(async () => {
    await registrar?.stop();
    registrar = null;
  });

  const registered = (ids: Set<string>, id: string) => expect.poll(() => ids.has(id)).toBe(true);
  const start = (ids: Set<string>) => {
    registrar = startSchematicRegistrar({
      factory: factory.client,
      onRegistered: (id) => ids.add(id),
      intervalMs: 60_000,
      backoffCapMs: 1,
    });
    return registrar;
  };

  test("registers what was waiting, once the factory is back", async () => {
    factory.mood = "down";
    await ensure();
    const ids = new Set<string>();
    const running = start(ids);
    await expect.poll(async () => (await getSchematic(ctx, gvisorId)).lastTriedAtMs).not.toBeNull();
    expect(ids.size).toBe(0);
    factory.mood = "newest";
    running.wake();
    await registered(ids, gvisorId);
    expect((await getSchematic(ctx, gvisorId)).lastError).toBeNull();
  });

  test("moves nodes along where the factory has another form of it", async () => {
    factory.mood = "down";
    const { id } = await ensure(word);
    const image = (of: string) => `factory.example/metal-installer/${of}:v1.14.0`;
    await db.node.create({ data: { id: "node_1", hostname: "gpu-01", schematicId: id, installImage: image(id) } });
    factory.mood = "factory-1.4";
    const ids = new Set<string>();
    start(ids);
    const older = schematicId(word, "v4-rc4");
    await registered(ids, older);
    expect(await getSchematic(ctx, older)).toMatchObject({ nodes: [{ id: "node_1", name: "gpu-01" }] });
    expect(await db.node.findFirst()).toMatchObject({ installImage: image(older) });
    expect(await db.schematic.count()).toBe(1);
  });

  test("a refused one does not stand in the way of the next, and is not offered over and over", async () => {
    factory.mood = "down";
    await ensure();
    await ensure(word);
    factory.mood = "refuses";
    const ids = new Set<string>();
    const running = start(ids);
    await expect.poll(() => new Set(factory.posted).size).toBe(2);
    factory.mood = "newest";
    factory.posted = [];
    running.wake();
    await ensure(parseSchematic("owner: later"));
    await running.stop();
    // Both may offer the new one, since both found it waiting; the refused ones are offered by nobody.
    expect([...new Set(factory.posted)]).toEqual(["owner: later\ncustomization: {}\n"]);
  });

  test("stops in the middle of a request", async () => {
    factory.mood = "stalls";
    await ensure();
    factory.posted = [];
    const running = start(new Set());
    await expect.poll(() => factory.posted.length).toBe(1);
    await running.stop();
    expect((await getSchematic(ctx, gvisorId)).registeredAtMs).toBeNull();
  });
});

describe("operations", () => {
  const viewer: Actor = { kind: "user", id: "user_v", name: "vera", role: "viewer" };
  const how = { requestId: "request_1", origin: "api" } as const;

  test("schematic.preview takes text and objects, and stores nothing", async () => {
    for (const document of [canonicalSchematic(gvisor), JSON.stringify(gvisor), gvisor]) {
      expect(await runOperation(previewSchematic, viewer, { document }, how)).toEqual({
        ok: true,
        data: { canonical: canonicalSchematic(gvisor), id: gvisorId, forecastReasons: [], warnings: [] },
      });
    }
    expect(await db.schematic.count()).toBe(0);
    const bad = await runOperation(
      previewSchematic,
      viewer,
      { document: { customization: { bootloader: "auto" } } },
      how,
    );
    expect(bad).toMatchObject({
      ok: false,
      error: { code: "invalid-input", message: expect.stringContaining("bootloader") },
    });
  });

  test("schematic.register is not for viewers", async () => {
    const result = await runOperation(registerSchematic, viewer, { document: gvisor }, how);
    expect(result).toMatchObject({ ok: false, error: { code: "forbidden" } });
  });
});

test("a factory client refuses an address that is none", () => {
  expect(() => createImageFactory({ baseUrl: "" })).toThrowError(/http/);
});
