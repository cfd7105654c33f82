import "server-only";
import { z } from "zod";
import { db } from "@/lib/db/client";
import { parseInstallerImage } from "@/lib/image-factory/asset-urls";
import type { ImageFactory } from "@/lib/image-factory/client";
import { FactoryError } from "@/lib/image-factory/factory-error";
import type { BootRequest } from "./schema";

/** The newest stable Talos release that Ichor knows by itself, for when the factory cannot be asked. */
export const newestKnownRelease = "v1.14.0";

const bootFacts = z.object({
  talosVersion: z.string().nullish(),
  architecture: z.string().nullish(),
  platform: z.string().nullish(),
});

export type BootNode = {
  id: string;
  clusterId: string | null;
  schematicId: string | null;
  installImage: string | null;
  /** As last read from the node; null where it was never seen. */
  talosVersion: string | null;
  arch: "amd64" | "arm64" | null;
  /** What Talos calls the platform that it runs on; null where it was never seen. */
  platform: string | null;
};

const selected = { id: true, clusterId: true, schematicId: true, installImage: true, facts: true } as const;
type Row = {
  id: string;
  clusterId: string | null;
  schematicId: string | null;
  installImage: string | null;
  facts: string;
};

function bootNode({ facts, ...row }: Row): BootNode {
  let stored: unknown = null;
  try {
    stored = JSON.parse(facts);
  } catch {
    // Facts are read again from the node; without them the newest release is offered.
  }
  const { data } = bootFacts.safeParse(stored);
  const arch = data?.architecture === "arm64" ? "arm64" : data?.architecture === "amd64" ? "amd64" : null;
  return { ...row, talosVersion: data?.talosVersion ?? null, arch, platform: data?.platform ?? null };
}

/**
 * Whether a machine was registered ahead and has run nothing that is known: its hardware has to be seen before a profile can
 * be chosen, so that it boots Talos without extensions first. One that belongs to a cluster would lose its own by that.
 */
export const isFirstBoot = ({ clusterId, schematicId, talosVersion }: BootNode): boolean =>
  clusterId === null && schematicId === null && talosVersion === null;

/** A node by its id. */
export async function findNode(id: string): Promise<BootNode | null> {
  const row = await db.node.findUnique({ where: { id }, select: selected });
  return row && bootNode(row);
}

/** The node that a machine is: by its UUID, else by a MAC address. */
export async function findMachine({ uuid, mac }: Pick<BootRequest, "uuid" | "mac">): Promise<BootNode | null> {
  const byUuid = uuid === null ? null : await db.node.findUnique({ where: { machineUuid: uuid }, select: selected });
  if (byUuid) return bootNode(byUuid);
  // A list of MACs is stored as JSON, so the quotes keep one from matching a part of another.
  const byMac =
    mac === null ? null : await db.node.findFirst({ where: { macs: { contains: `"${mac}"` } }, select: selected });
  return byMac && bootNode(byMac);
}

/**
 * The Talos release that a node boots: that of its recorded install image, else the one it runs, else the newest stable
 * one of the factory.
 */
export async function releaseFor(node: BootNode | null, factory: ImageFactory): Promise<string> {
  const recorded = node?.installImage ? parseInstallerImage(node.installImage)?.tag : undefined;
  for (const version of [recorded, node?.talosVersion]) {
    if (version && /^v?1\.\d{1,3}\.\d{1,3}/.test(version)) return version.startsWith("v") ? version : `v${version}`;
  }
  try {
    const stable = (await factory.versions()).filter((version) => /^v1\.\d+\.\d+$/.test(version));
    return stable.at(-1) ?? newestKnownRelease;
  } catch (error) {
    if (!(error instanceof FactoryError)) throw error;
    return newestKnownRelease;
  }
}
