import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { gpuFromIds } from "@/lib/gpu/detect";
import { builtInProfiles } from "@/lib/gpu/profiles";
import { resolveProfiles } from "@/lib/gpu/resolve";
import { suggestForNode } from "@/lib/gpu/suggest";
import { createImageFactory } from "@/lib/image-factory/client";
import { ensureSchematic } from "@/lib/schematic/commands";
import { composeSchematic } from "@/lib/schematic/compose";
import { type FactoryServer, startFactory } from "@/sim/factory/server";
import { SchematicRegistry } from "@/sim/factory/registry";
import { createArtifactCache } from "./artifact-cache";
import { bootScriptFor, mediaForNode } from "./queries";

setUpTestDatabase();
const ctx = systemContext("test");
const release = "v1.13.9";
let server: FactoryServer;

beforeAll(async () => {
  server = await startFactory(
    new SchematicRegistry(),
    0,
    () => undefined,
    (error) => {
      throw error;
    },
  );
});
afterAll(() => server.stop());

test("from a card to media that download: every link of a node's schematic works at the factory", async () => {
  const factory = createImageFactory({ baseUrl: server.url, timeoutMs: 60_000 });
  const gpus = [gpuFromIds("10de:1b06") ?? []].flat();
  const suggested = suggestForNode(gpus, { talosVersion: release, arch: "amd64" })?.profileIds ?? [];
  const resolved = resolveProfiles({
    profiles: builtInProfiles.filter(({ id }) => suggested.includes(id)),
    talosVersion: release,
    arch: "amd64",
    gpus,
    availableExtensions: (await factory.officialExtensions(release)).map(({ name }) => name),
  });
  if (!resolved.ok) throw new Error(resolved.refusals[0]?.message);

  const schematic = await ensureSchematic(ctx, composeSchematic({ resolved }), { factory });
  expect(schematic).toMatchObject({
    registered: true,
    id: "af8eb82417d3deaa94d2ef19c3b590b0dac1b2549d0b9b35b3da2bc325de75f7",
  });
  expect(await factory.schematic(schematic.id)).toBe(schematic.canonical);
  await db.node.create({
    data: { id: "node_1", machineUuid: "4c4c4544-0051-3610-8052-b4c04f4b4d32", schematicId: schematic.id },
  });

  const media = await mediaForNode(ctx, "node_1", { factory, talosVersion: release });
  const downloads = media.links.filter(({ kind }) => kind === "download");
  expect(downloads).toHaveLength(9);
  for (const { value, fileName } of downloads)
    expect((await factory.head(value)).bytes, fileName ?? "").toBeGreaterThan(0);
  for (const { value } of media.links.filter(({ id }) => id === "pxe" || id === "secureboot-pxe")) {
    expect(await (await fetch(value)).text()).toMatch(/^#!ipxe\n/);
  }
});

test("a machine that boots over plain HTTP gets what the factory would give it", async () => {
  const factory = createImageFactory({ baseUrl: server.url, timeoutMs: 60_000 });
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "ichor-sim-boot-"));
  const cache = createArtifactCache({ directory, factory: () => factory });
  await db.node.update({ where: { id: "node_1" }, data: { facts: JSON.stringify({ talosVersion: release }) } });
  const script = () =>
    bootScriptFor({ uuid: "4c4c4544-0051-3610-8052-b4c04f4b4d32", baseUrl: "http://10.0.0.5" }, { factory, cache });
  await expect.poll(script, { timeout: 15_000 }).toContain("\nboot\n");
  const kernelLine = /^kernel \S+ (?:initrd=\S+ )?(.*)$/m;
  const ours = kernelLine.exec(await script())?.[1];
  const node = await db.node.findUniqueOrThrow({ where: { id: "node_1" } });
  const theirs = await (await fetch(`${server.url}/pxe/${node.schematicId}/${release}/metal-amd64`)).text();
  expect(ours).toBe(kernelLine.exec(theirs)?.[1]);
  expect(ours).toContain("talos.platform=metal");
  fs.rmSync(directory, { recursive: true, force: true });
});
