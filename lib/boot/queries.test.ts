import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { db } from "@/lib/db/client";
import { setUpTestDatabase } from "@/lib/db/testing";
import { createImageFactory } from "@/lib/image-factory/client";
import { canonicalSchematic, emptySchematicId, schematicId } from "@/lib/schematic/canonical";
import { parseSchematic } from "@/lib/schematic/document";
import { type ArtifactCache, artifactFromPath, createArtifactCache } from "./artifact-cache";
import { setUnknownMachinePolicy } from "./policy";
import { bootFile, bootScriptFor, mediaForNode } from "./queries";

setUpTestDatabase();
const ctx = systemContext("test");
const uuid = "4c4c4544-0051-3610-8052-b4c04f4b4d32";
const gvisor = parseSchematic("customization: {systemExtensions: {officialExtensions: [siderolabs/gvisor]}}");
const id = schematicId(gvisor);

let server: http.Server;
let baseUrl = "";
let asked: string[] = [];
let release: (() => void) | null = null;
let directory = "";
let cache: ArtifactCache;

beforeAll(async () => {
  server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url === "/schematics") response.writeHead(201).end(JSON.stringify({ id: emptySchematicId }));
    else if (request.url === `/schematics/${id}`) response.end(canonicalSchematic(gvisor));
    else if (request.url?.startsWith("/schematics/")) response.writeHead(404).end("not found\n");
    else if (request.url === "/versions") response.end('["v1.13.9","v1.14.1","v1.15.0-alpha.0"]');
    else if (request.url?.endsWith("initramfs-amd64.xz")) release = () => response.end("initramfs");
    else if (request.url?.includes("cmdline")) response.end("talos.platform=metal console=tty0");
    else if (request.url?.includes("v1.9.9")) response.writeHead(404).end("no such release\n");
    else response.end("kernel");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  release = null;
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "ichor-boot-"));
  cache = createArtifactCache({ directory, factory });
});
afterEach(async () => {
  release?.();
  await db.node.deleteMany();
  await db.cluster.deleteMany();
  await db.schematic.deleteMany();
  await db.setting.deleteMany();
  fs.rmSync(directory, { recursive: true, force: true });
});

const factory = () => createImageFactory({ baseUrl });
const script = (request: { uuid?: string; mac?: string; arch?: string; baseUrl?: string }) =>
  bootScriptFor({ baseUrl: "https://ichor.example", ...request }, { factory: factory(), cache });

async function addNode(
  over: Record<string, unknown> = {},
  document = gvisor,
  registeredAt: Date | null = new Date(),
): Promise<void> {
  const schematic = {
    id: schematicId(document),
    canonical: canonicalSchematic(document),
    factoryUrl: baseUrl,
    registeredAt,
  };
  await db.schematic.create({ data: schematic });
  await db.node.create({
    data: {
      id: "node_1",
      hostname: "gpu-01",
      machineUuid: uuid,
      macs: '["aa:bb:cc:00:11:22"]',
      schematicId: schematic.id,
      ...over,
    },
  });
}

describe("bootScriptFor", () => {
  test("picks the node by UUID and by MAC, and leads it to its own image", async () => {
    await addNode({ facts: '{"talosVersion":"v1.13.4"}' });
    const expected = `#!ipxe\n\nchain --replace --autofree ${baseUrl}/pxe/${id}/v1.13.4/metal-amd64\n`;
    expect(await script({ uuid: uuid.toUpperCase() })).toBe(expected);
    expect(await script({ mac: "AA-BB-CC-00-11-22", arch: "x86_64" })).toBe(expected);
    expect(await script({ uuid, arch: "arm64" })).toContain("metal-arm64");
    expect(expected).not.toContain("gpu-01");
  });

  test("the recorded install image tells the release before what runs, and the factory's newest stable one after it", async () => {
    await addNode({ installImage: `f/metal-installer/${id}:v1.12.3`, facts: '{"talosVersion":"v1.13.4"}' });
    expect(await script({ uuid })).toContain("/v1.12.3/");
    await db.node.update({ where: { id: "node_1" }, data: { installImage: null, facts: "broken" } });
    expect(await script({ uuid })).toContain("/v1.14.1/");
  });

  test("unknown machines are told so, and boot maintenance mode only when an admin wants that", async () => {
    await addNode();
    for (const request of [
      {},
      { uuid: "11111111-2222-3333-4444-555555555555" },
      { mac: "bb:cc:00:11:22" },
      { mac: "%" },
    ]) {
      expect(await script(request)).toContain("echo This machine is not registered.");
    }
    await setUnknownMachinePolicy(ctx, "maintenance");
    expect(await script({})).toContain(`/pxe/${emptySchematicId}/v1.14.1/metal-amd64`);
  });

  test("a machine registered ahead boots plain Talos first, so that its hardware can be seen", async () => {
    await addNode({ schematicId: null });
    expect(await script({ uuid })).toContain(`/pxe/${emptySchematicId}/v1.14.1/metal-amd64`);
    const media = await mediaForNode(ctx, "node_1", { factory: factory() });
    expect(media).toMatchObject({ schematicId: emptySchematicId, source: "plain", notRegisteredReason: null });
  });

  test.each<[what: string, over: Record<string, unknown>]>([
    ["belongs to a cluster", { clusterId: "cluster_1" }],
    ["has run Talos already", { facts: '{"talosVersion":"v1.13.4"}' }],
    ["belongs to a cluster and has run Talos", { clusterId: "cluster_1", facts: '{"talosVersion":"v1.13.4"}' }],
  ])("one that %s does not: it would lose its extensions by that", async (_what, over) => {
    await db.cluster.create({
      data: {
        id: "cluster_1",
        name: "one",
        endpoint: "https://10.0.0.1:6443",
        talosEndpoints: "[]",
      },
    });
    await addNode({ schematicId: null, ...over });
    const answer = await script({ uuid });
    expect(answer).not.toContain("chain");
    expect(answer).toContain("echo ");
    await expect(mediaForNode(ctx, "node_1", { factory: factory() })).rejects.toThrow("no schematic yet");
  });

  test("nothing is booted without a registered image, or with a secret in it", async () => {
    await addNode({}, gvisor, null);
    expect(await script({ uuid })).toContain("not registered at the Image Factory yet");
    await db.node.update({ where: { id: "node_1" }, data: { schematicId: null, facts: '{"talosVersion":"v1.13.4"}' } });
    expect(await script({ uuid })).toContain("has no image yet");
    await db.node.deleteMany();
    await addNode({}, parseSchematic("customization: {embeddedMachineConfiguration: hunter2}"));
    const text = await script({ uuid });
    expect(text).toContain("embeds a machine configuration");
    expect(text).not.toContain("hunter2");
  });

  test("over plain HTTP the files come from us, once they are here", async () => {
    await addNode({ facts: '{"talosVersion":"v1.14.0"}' });
    const plain = () => script({ uuid, baseUrl: "http://10.0.0.5:3000" });
    expect(await plain()).toContain(`chain --replace http://10.0.0.5:3000/api/boot/ipxe?uuid=${uuid}&arch=amd64`);
    await expect.poll(() => release).not.toBeNull();
    expect(await plain()).toContain("sleep 10");
    release?.();
    await expect.poll(plain).toContain("\nboot\n");
    const text = await plain();
    expect(text).toContain(
      `kernel http://10.0.0.5:3000/api/boot/assets/${id}/v1.14.0/kernel-amd64 initrd=initramfs-amd64.xz talos.platform=metal console=tty0`,
    );
    expect(asked.filter((line) => line.endsWith("initramfs-amd64.xz"))).toHaveLength(1);
    const file = await bootFile({ schematicId: id, talosVersion: "v1.14.0", file: "initramfs-amd64.xz" }, { cache });
    expect(file).toMatchObject({ bytes: 9, asset: "initramfs" });
    expect(fs.readFileSync(file?.path ?? "", "utf8")).toBe("initramfs");
  });
});

describe("bootFile", () => {
  test("serves registered schematics only, and names of ours only", async () => {
    await addNode({}, gvisor, null);
    const get = (file: string, schematic = id, talosVersion = "v1.14.0") =>
      bootFile({ schematicId: schematic, talosVersion, file }, { cache });
    expect(await get("kernel-amd64")).toBeNull();
    await cache.fetch({ schematicId: id, talosVersion: "v1.14.0", arch: "amd64", asset: "kernel" });
    expect(await get("kernel-amd64")).toBeNull();
    await db.schematic.update({ where: { id }, data: { registeredAt: new Date() } });
    expect(await get("kernel-amd64")).toMatchObject({ bytes: 6 });
    expect(await get("kernel-arm64", emptySchematicId)).toBeNull();
    for (const bad of ["../ichor.key", "metal-amd64.iso", "kernel-amd64/..", ""]) expect(await get(bad)).toBeNull();
    expect(artifactFromPath(id, "v1.14.0/..", "kernel-amd64")).toBeNull();
  });

  test("a stranger cannot have us fetch what no machine boots", async () => {
    await addNode();
    expect(
      await bootFile({ schematicId: id, talosVersion: "v1.13.0", file: "initramfs-arm64.xz" }, { cache }),
    ).toBeNull();
    expect(asked).toEqual([]);
  });

  test("a failed download leaves nothing behind, and says why", async () => {
    await expect(
      cache.fetch({ schematicId: id, talosVersion: "v1.9.9", arch: "amd64", asset: "kernel" }),
    ).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("no such release"),
    });
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  test("the file used longest ago goes when the cache is full", async () => {
    const small = createArtifactCache({ directory, factory, totalBytes: 12 });
    const artifact = (talosVersion: string) =>
      ({ schematicId: id, talosVersion, arch: "amd64", asset: "kernel" }) as const;
    for (const [index, version] of ["v1.12.0", "v1.13.0"].entries()) {
      fs.utimesSync(await small.fetch(artifact(version)), new Date(index * 1000), new Date());
    }
    small.peek(artifact("v1.12.0"));
    await small.fetch(artifact("v1.14.0"));
    expect(small.peek(artifact("v1.13.0"))).toBeNull();
    expect(small.peek(artifact("v1.12.0"))).not.toBeNull();
  });
});

describe("mediaForNode", () => {
  test("the installer is the one of the platform that the node runs on", async () => {
    await addNode({ facts: '{"talosVersion":"v1.13.4","platform":"nocloud"}' });
    const { links } = await mediaForNode(ctx, "node_1", { factory: factory() });
    const values = links.filter(({ kind }) => kind === "reference").map(({ value }) => value.split("/")[1]);
    expect(values).toEqual(["nocloud-installer", "nocloud-installer-secureboot"]);
  });

  test("links that belong to the node's schematic, and whether they work yet", async () => {
    await addNode({ facts: '{"talosVersion":"v1.13.4","architecture":"arm64"}' });
    const media = await mediaForNode(ctx, "node_1", { factory: factory(), ichorUrl: "http://10.0.0.5:3000" });
    expect(media).toMatchObject({ schematicId: id, talosVersion: "v1.13.4", arch: "arm64", notRegisteredReason: null });
    expect(media.links[0]?.value).toBe(`${baseUrl}/image/${id}/v1.13.4/metal-arm64.iso`);
    await db.schematic.update({ where: { id }, data: { registeredAt: null, lastError: "away" } });
    expect((await mediaForNode(ctx, "node_1", { factory: factory() })).notRegisteredReason).toBe("away");
  });

  test("of what runs where nothing is recorded, and whether this factory knows it", async () => {
    await db.node.create({ data: { id: "node_2", facts: '{"talosVersion":"v1.13.4"}' } });
    const running = { factory: factory(), runningSchematicId: id };
    const media = await mediaForNode(ctx, "node_2", running);
    expect(media).toMatchObject({ schematicId: id, source: "running", notRegisteredReason: null });
    expect(media.links[0]?.value).toBe(`${baseUrl}/image/${id}/v1.13.4/metal-amd64.iso`);
    const other = await mediaForNode(ctx, "node_2", { ...running, runningSchematicId: "f".repeat(64) });
    expect(other.notRegisteredReason).toContain("made elsewhere");
  });

  test("a node without schematic, and no node", async () => {
    await db.node.create({ data: { id: "node_2", facts: '{"talosVersion":"v1.13.4"}' } });
    await expect(mediaForNode(ctx, "node_2", { factory: factory() })).rejects.toMatchObject({ code: "refused" });
    const foreign = { factory: factory(), runningSchematicId: "../image" };
    await expect(mediaForNode(ctx, "node_2", foreign)).rejects.toMatchObject({ code: "refused" });
    await expect(mediaForNode(ctx, "node_3", { factory: factory() })).rejects.toMatchObject({ code: "not-found" });
  });
});
