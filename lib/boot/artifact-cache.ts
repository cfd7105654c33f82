import "server-only";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { AppError } from "@/lib/core/errors";
import { assetFile, assetUrl, checkedSchematicId, releaseTag } from "@/lib/image-factory/asset-urls";
import type { ImageFactory } from "@/lib/image-factory/client";

export const cachedAssets = ["kernel", "initramfs", "cmdline"] as const;
export type CachedAsset = (typeof cachedAssets)[number];
export type Artifact = { schematicId: string; talosVersion: string; arch: "amd64" | "arm64"; asset: CachedAsset };

const maxBytes: Record<CachedAsset, number> = { kernel: 128 << 20, initramfs: 1024 << 20, cmdline: 16 << 10 };

export type ArtifactCache = {
  /** Path of the file if it is here; marks it as used. */
  peek(artifact: Artifact): string | null;
  /** Fetches it from the factory unless it is here; callers at the same time share one download. */
  fetch(artifact: Artifact): Promise<string>;
};

export type ArtifactCacheOptions = {
  /** Made where it is absent. */
  directory: string;
  factory: () => ImageFactory;
  /** Oldest files go when all together are larger. */
  totalBytes?: number;
};

/** Reads the parts of a cached file's address; null for a name that is not one of ours. */
export function artifactFromPath(schematicId: string, talosVersion: string, file: string): Artifact | null {
  if (!/^[0-9a-f]{64}$/.test(schematicId) || !/^v1\.\d{1,3}\.\d{1,3}(?:-[0-9A-Za-z.-]{1,40})?$/.test(talosVersion))
    return null;
  for (const arch of ["amd64", "arm64"] as const) {
    const asset = cachedAssets.find((one) => assetFile(one, arch, releaseTag(talosVersion).minor) === file);
    if (asset) return { schematicId, talosVersion, arch, asset };
  }
  return null;
}

/** Removes the files that were used longest ago, until the rest fits. Downloads in progress are hidden files and stay. */
function evict(directory: string, totalBytes: number): void {
  const files = fs
    .readdirSync(directory)
    .filter((name) => !name.startsWith("."))
    .map((name) => ({
      file: path.join(directory, name),
      stat: fs.statSync(path.join(directory, name), { throwIfNoEntry: false }),
    }))
    .flatMap(({ file, stat }) => (stat?.isFile() ? [{ file, bytes: stat.size, usedMs: stat.atimeMs }] : []))
    .sort((a, b) => b.usedMs - a.usedMs);
  let kept = 0;
  for (const { file, bytes } of files) {
    kept += bytes;
    if (kept > totalBytes) fs.rmSync(file, { force: true });
  }
}

/**
 * Boot files on our own disk, for machines whose iPXE cannot speak HTTPS. A file appears whole or not at all: it is
 * written beside and renamed.
 */
export function createArtifactCache({
  directory,
  factory,
  totalBytes = 8 * 2 ** 30,
}: ArtifactCacheOptions): ArtifactCache {
  const running = new Map<string, Promise<string>>();

  const fileOf = ({ schematicId, talosVersion, arch, asset }: Artifact): string => {
    const { tag, minor } = releaseTag(talosVersion);
    return path.join(directory, `${checkedSchematicId(schematicId)}_${tag}_${assetFile(asset, arch, minor)}`);
  };

  const peek = (artifact: Artifact): string | null => {
    const file = fileOf(artifact);
    if (!fs.existsSync(file)) return null;
    const now = new Date();
    fs.utimesSync(file, now, fs.statSync(file).mtime);
    return file;
  };

  const download = async (artifact: Artifact, file: string): Promise<string> => {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    const partial = path.join(directory, `.${randomUUID()}`);
    const client = factory();
    // The PXE host answers itself where the other one would send us on to a store elsewhere.
    const url = assetUrl(artifact.asset, { factoryUrl: client.pxeBaseUrl, ...artifact });
    const handle = await fs.promises.open(partial, "wx", 0o600);
    try {
      for await (const chunk of client.download(url, { maxBytes: maxBytes[artifact.asset] }))
        await handle.writeFile(chunk);
      await handle.close();
      await fs.promises.rename(partial, file);
    } catch (error) {
      await handle.close();
      await fs.promises.rm(partial, { force: true });
      if (error instanceof AppError || !(error instanceof Error)) throw error;
      throw new AppError("unavailable", "The boot file could not be kept on the disk.", {
        hint: "Check the free space of ICHOR_DATA_DIR.",
        details: error.message,
        cause: error,
      });
    }
    evict(directory, totalBytes);
    return file;
  };

  return {
    peek,
    fetch: (artifact) => {
      const here = peek(artifact);
      if (here) return Promise.resolve(here);
      const file = fileOf(artifact);
      const shared = running.get(file);
      if (shared) return shared;
      const started = download(artifact, file).finally(() => running.delete(file));
      running.set(file, started);
      return started;
    },
  };
}
