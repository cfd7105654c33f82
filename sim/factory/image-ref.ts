/** An installer image of the Image Factory, taken apart. */
export type InstallerRef = {
  registry: string;
  platform: string;
  secureBoot: boolean;
  schematicId: string;
  tag: string | null;
  digest: string | null;
};

const pattern =
  /^([a-z0-9.:[\]-]+)\/(?:([a-z0-9-]+?)-)?installer(-secureboot)?\/([0-9a-f]{64})(?::([A-Za-z0-9._-]+))?(?:@(sha256:[0-9a-f]{64}))?$/;

/** Null for anything that is not `<registry>/[<platform>-]installer[-secureboot]/<schematic>:<tag>`. */
export function parseInstallerRef(image: string): InstallerRef | null {
  const match = pattern.exec(image);
  if (!match) return null;
  const [, registry = "", platform = "metal", secureBoot, schematicId = "", tag, digest] = match;
  return {
    registry,
    platform,
    secureBoot: secureBoot !== undefined,
    schematicId,
    tag: tag ?? null,
    digest: digest ?? null,
  };
}

export const installerRef = (registry: string, schematicId: string, release: string): string =>
  `${registry}/metal-installer/${schematicId}:${release}`;
