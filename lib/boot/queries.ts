import "server-only";
import fs from "node:fs";
import type { Ctx } from "@/lib/auth/ctx";
import { systemContext } from "@/lib/auth/ctx";
import { AppError, errorMessage } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { db } from "@/lib/db/client";
import { assetUrl } from "@/lib/image-factory/asset-urls";
import type { ImageFactory } from "@/lib/image-factory/client";
import { imageFactory } from "@/lib/image-factory/factory";
import { FactoryError } from "@/lib/image-factory/factory-error";
import { ensureSchematic } from "@/lib/schematic/commands";
import { schematicAtFactory } from "@/lib/schematic/told-by-factory";
import { parseSchematic } from "@/lib/schematic/document";
import { schematicIdText } from "@/lib/schematic/schema";
import { type Artifact, type ArtifactCache, artifactFromPath, type CachedAsset } from "./artifact-cache";
import { bootCache } from "./boot-cache";
import { type BootNode, findMachine, findNode, isFirstBoot, releaseFor } from "./boot-node";
import { type BootPlan, ipxeEndpoint, ipxeScript, secretInSchematic } from "./ipxe";
import { mediaLinks } from "./media";
import { unknownMachinePolicy } from "./policy";
import { bootRequest, type NodeMedia } from "./schema";

export type BootOptions = { factory?: ImageFactory; cache?: ArtifactCache };

/** Talos without extensions, in maintenance mode: for machines of which nothing is known yet. */
const plainSchematic = (factory: ImageFactory) => ensureSchematic(systemContext("network boot"), {}, { factory });

/** Why the factory may not have the schematic that a node runs, which may have come from another one; null = it has it. */
async function notAtFactory(schematicId: string, factory: ImageFactory): Promise<string | null> {
  try {
    if ((await schematicAtFactory(factory, schematicId)) !== null) return null;
    return "The node runs it, but it was made elsewhere. Assign a GPU profile to get one from this factory.";
  } catch (error) {
    if (error instanceof FactoryError) return error.message;
    throw error;
  }
}

/**
 * All boot media of a node, from its recorded schematic, else from the one that it runs, and its release. A machine that was
 * registered ahead gets plain ones for its first boot.
 * @throws AppError `not-found` for an unknown node, `refused` while it has no schematic.
 */
export async function mediaForNode(
  _ctx: Ctx,
  nodeId: string,
  {
    talosVersion,
    runningSchematicId = null,
    ichorUrl,
    factory = imageFactory(),
  }: { talosVersion?: string; runningSchematicId?: string | null; ichorUrl?: string; factory?: ImageFactory } = {},
): Promise<NodeMedia> {
  const node = await findNode(nodeId);
  if (!node) throw new AppError("not-found", "There is no such node here.");
  const recorded =
    node.schematicId === null ? null : await db.schematic.findUnique({ where: { id: node.schematicId } });
  // What a node says of itself ends in links: only an ID is taken.
  const running = schematicIdText.nullable().catch(null).parse(runningSchematicId);
  const plain = running === null && isFirstBoot(node) ? await plainSchematic(factory) : null;
  const id = recorded?.id ?? running ?? plain?.id ?? null;
  if (id === null) {
    throw new AppError("refused", "The node has no schematic yet, so there is no image to boot.", {
      hint: "Assign a GPU profile to it first; the profile none is one too.",
    });
  }
  const version = talosVersion ?? (await releaseFor(node, factory));
  const arch = node.arch ?? "amd64";
  const target = {
    factoryUrl: factory.baseUrl,
    pxeUrl: factory.pxeBaseUrl,
    schematicId: id,
    talosVersion: version,
    arch,
    platform: node.platform,
    ichorUrl,
  };
  const own = recorded
    ? { registered: recorded.registeredAt !== null, lastError: recorded.lastError }
    : plain && { registered: plain.registered, lastError: plain.lastError };
  const unregistered = ({ registered, lastError }: NonNullable<typeof own>) =>
    registered ? null : (lastError ?? "Registration is on its way; Ichor keeps trying.");
  return {
    schematicId: id,
    source: recorded ? "recorded" : plain ? "plain" : "running",
    notRegisteredReason: own ? unregistered(own) : await notAtFactory(id, factory),
    talosVersion: version,
    arch,
    links: mediaLinks(target),
  };
}

const explain = (...sentences: string[]): BootPlan => ({ kind: "explain", sentences });

/** The schematic to boot: the node's own, or the one without extensions for a machine of which nothing is known yet. */
async function schematicToBoot(node: BootNode | null, factory: ImageFactory): Promise<{ id: string } | BootPlan> {
  if (node && !isFirstBoot(node)) {
    if (node.schematicId === null)
      return explain("This machine is known but has no image yet.", "Assign a GPU profile to it, then boot it again.");
    const row = await db.schematic.findUnique({ where: { id: node.schematicId } });
    if (!row?.registeredAt)
      return explain(
        "The image of this machine is not registered at the Image Factory yet.",
        "Boot it again in a minute.",
      );
    const secret = secretInSchematic(parseSchematic(row.canonical));
    if (secret)
      return explain(`This machine cannot boot over the network: ${secret}.`, "Use another of its boot media.");
    return { id: row.id };
  }
  if (!node && (await unknownMachinePolicy()) === "explain") {
    return explain("This machine is not registered.", "Register it by its UUID or MAC address, then boot it again.");
  }
  const empty = await plainSchematic(factory);
  return empty.registered
    ? { id: empty.id }
    : explain("The Image Factory cannot be reached.", "Boot it again in a minute.");
}

/** From our own disk where machine and Ichor speak plain HTTP; fetches what is missing in the background. */
async function cachedPlan(
  base: Omit<Artifact, "asset">,
  ichorUrl: string,
  retryUrl: string,
  cache: ArtifactCache,
): Promise<BootPlan> {
  const missing = (["cmdline", "kernel", "initramfs"] as const).filter((asset) => !cache.peek({ ...base, asset }));
  if (missing.length === 0) {
    const file = cache.peek({ ...base, asset: "cmdline" });
    if (file) return { kind: "cached", boot: { ...base, ichorUrl, cmdline: await fs.promises.readFile(file, "utf8") } };
  }
  for (const asset of missing) {
    cache.fetch({ ...base, asset }).catch((error: unknown) => {
      log.warn("A boot file could not be fetched from the Image Factory.", { asset, reason: errorMessage(error) });
    });
  }
  return {
    kind: "wait",
    sentence: "The boot files are being fetched from the Image Factory.",
    retryUrl,
    waitSeconds: 10,
  };
}

export type BootScriptRequest = {
  uuid?: string | null;
  mac?: string | null;
  arch?: string | null;
  /** Address under which the machine reached us, `http://10.0.0.5:3000`. */
  baseUrl: string;
};

/**
 * The iPXE script for a machine, by its UUID or MAC address. Asked without authentication by nature, so it tells nothing
 * but a schematic ID: never a name, a machine config or a token. With `baseUrl` on plain HTTP the files come from us.
 */
export async function bootScriptFor(
  request: BootScriptRequest,
  { factory = imageFactory(), cache = bootCache() }: BootOptions = {},
): Promise<string> {
  const { uuid, mac, arch } = bootRequest.parse({
    uuid: request.uuid ?? null,
    mac: request.mac ?? null,
    arch: request.arch ?? "",
  });
  const node = await findMachine({ uuid, mac });
  const schematic = await schematicToBoot(node, factory);
  if ("kind" in schematic) return ipxeScript(schematic);
  const base = { schematicId: schematic.id, talosVersion: await releaseFor(node, factory), arch };
  if (!request.baseUrl.startsWith("http:")) {
    const url = assetUrl("pxe", { factoryUrl: factory.baseUrl, pxeUrl: factory.pxeBaseUrl, ...base });
    return ipxeScript({ kind: "chain", url });
  }
  const query = new URLSearchParams({ ...(uuid ? { uuid } : {}), ...(mac ? { mac } : {}), arch });
  return ipxeScript(await cachedPlan(base, request.baseUrl, `${ipxeEndpoint(request.baseUrl)}?${query}`, cache));
}

export type BootFile = { path: string; bytes: number; asset: CachedAsset };

/**
 * A file of the artifact cache for `GET /api/boot/assets/<schematic>/<version>/<file>`; null where there is none. Only
 * what a machine's boot script has had fetched is served, of schematics that are registered here and hold no secret: nobody is
 * asked for a password here, and so nobody may have us download whatever they name.
 */
export async function bootFile(
  { schematicId, talosVersion, file }: { schematicId: string; talosVersion: string; file: string },
  { cache = bootCache() }: BootOptions = {},
): Promise<BootFile | null> {
  const artifact = artifactFromPath(schematicId, talosVersion, file);
  if (!artifact) return null;
  const row = await db.schematic.findUnique({ where: { id: artifact.schematicId } });
  if (!row?.registeredAt || secretInSchematic(parseSchematic(row.canonical))) return null;
  const found = cache.peek(artifact);
  if (found === null) return null;
  return { path: found, bytes: (await fs.promises.stat(found)).size, asset: artifact.asset };
}
