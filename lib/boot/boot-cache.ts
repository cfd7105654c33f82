import "server-only";
import path from "node:path";
import { env } from "@/lib/core/env";
import { imageFactory } from "@/lib/image-factory/factory";
import { type ArtifactCache, createArtifactCache } from "./artifact-cache";

let current: { directory: string; cache: ArtifactCache } | null = null;

/** The cache of boot files in the data directory of the settings. */
export function bootCache(): ArtifactCache {
  const directory = path.join(/* turbopackIgnore: true */ env().dataDir, "cache", "boot");
  if (current?.directory !== directory) {
    current = { directory, cache: createArtifactCache({ directory, factory: imageFactory }) };
  }
  return current.cache;
}
