import { parseInstallerImage } from "./asset-urls";

/**
 * What an installer image says of itself by its name. `factory`: an Image Factory's, whose schematic tells what is in it. `plain`: Talos' own
 * of its releases, without any extension. `other`: one that somebody built; what is in it, its name does not tell.
 */
export type InstallerKind =
  | {
      kind: "factory";
      schematicId: string;
      tag: string;
      secureboot: boolean;
      /** `metal`; null in the names of before 1.10, which have none. */
      platform: string | null;
    }
  | { kind: "plain"; tag: string }
  | { kind: "other" };

/** From Talos 1.14 on the project publishes no `siderolabs/installer` any more (CHANGELOG.md of v1.14.0, "Default Installer Image"). */
export const plainInstallerEndsAt = { minor: 14, text: "1.14" } as const;

const plain = /(?:^|\/)siderolabs\/installer(?::(v[0-9A-Za-z.-]{1,60}))?(?:@sha256:[0-9a-f]{64})?$/;
const named = /\/(?:([a-z0-9-]{1,40})-)?installer(?:-secureboot)?\/[0-9a-f]{64}:/;

/** Reads the name of an installer image, as a machine config holds it. */
export function readInstallerImage(image: string): InstallerKind {
  const factory = parseInstallerImage(image);
  if (factory) {
    const { schematicId, tag, secureboot } = factory;
    return { kind: "factory", schematicId, tag, secureboot, platform: named.exec(image)?.[1] ?? null };
  }
  const match = plain.exec(image.trim());
  return match ? { kind: "plain", tag: match[1] ?? "latest" } : { kind: "other" };
}

/** Whether no such image exists: Talos' own of a release that has none. */
export function isUnpublished(installer: InstallerKind): boolean {
  const minor = installer.kind === "plain" ? /^v1\.(\d{1,3})\./.exec(installer.tag)?.[1] : undefined;
  return minor !== undefined && Number(minor) >= plainInstallerEndsAt.minor;
}
