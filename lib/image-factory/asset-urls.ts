import { AppError } from "@/lib/core/errors";

export type AssetTarget = {
  /** `https://factory.talos.dev`, no trailing slash needed. */
  factoryUrl: string;
  /** Where PXE scripts come from; by default as `pxeUrlOf` says. */
  pxeUrl?: string | undefined;
  schematicId: string;
  /** `v1.14.0`; the leading v may be missing. */
  talosVersion: string;
  arch: "amd64" | "arm64";
};

/** In the order in which people are shown them. */
export const assetIds = [
  "iso",
  "secureboot-iso",
  "disk-image",
  "qcow2",
  "uki",
  "secureboot-uki",
  "kernel",
  "initramfs",
  "cmdline",
  "pxe",
  "secureboot-pxe",
] as const;
export type AssetId = (typeof assetIds)[number];

/** The public factory serves PXE scripts from a host of its own; any other factory from itself. */
export function pxeUrlOf(factoryUrl: string): string {
  const url = trimmed(factoryUrl);
  return url === "https://factory.talos.dev" ? "https://pxe.factory.talos.dev" : url;
}

const trimmed = (url: string): string => url.replace(/\/+$/, "");

/**
 * A release tag as the factory wants it, `v1.14.0`.
 * @throws AppError `invalid-input` for anything else: the factory answers malformed versions with 500.
 */
export function releaseTag(talosVersion: string): { tag: string; minor: number } {
  const match = /^v?(1\.(\d{1,3})\.\d{1,3}(?:-[0-9A-Za-z.-]{1,40})?)$/.exec(talosVersion.trim());
  if (!match) {
    throw new AppError("invalid-input", "The Talos version must be a whole release, such as v1.14.0.");
  }
  return { tag: `v${match[1]}`, minor: Number(match[2]) };
}

/** @throws AppError `invalid-input` where the text is not 64 hex digits. */
export function checkedSchematicId(id: string): string {
  if (!/^[0-9a-f]{64}$/.test(id)) throw new AppError("invalid-input", "A schematic ID is 64 hex digits.");
  return id;
}

/**
 * File name of an asset of bare metal (image-factory `internal/profile/profile.go`): disk images are .zst from Talos 1.8 on.
 */
export function assetFile(
  asset: Exclude<AssetId, "pxe" | "secureboot-pxe">,
  arch: "amd64" | "arm64",
  minor: number,
): string {
  const files: Record<typeof asset, string> = {
    iso: `metal-${arch}.iso`,
    "secureboot-iso": `metal-${arch}-secureboot.iso`,
    "disk-image": `metal-${arch}.raw.${minor >= 8 ? "zst" : "xz"}`,
    qcow2: `metal-${arch}.qcow2`,
    uki: `metal-${arch}-uki.efi`,
    "secureboot-uki": `metal-${arch}-secureboot-uki.efi`,
    kernel: `kernel-${arch}`,
    initramfs: `initramfs-${arch}.xz`,
    cmdline: `cmdline-metal-${arch}`,
  };
  return files[asset];
}

/**
 * Address of an asset at the factory. It answers only once the schematic was registered there.
 * @throws AppError `invalid-input` for a bad ID or version.
 */
export function assetUrl(asset: AssetId, target: AssetTarget): string {
  const { tag, minor } = releaseTag(target.talosVersion);
  const id = checkedSchematicId(target.schematicId);
  if (asset === "pxe" || asset === "secureboot-pxe") {
    const pxe = trimmed(target.pxeUrl ?? pxeUrlOf(target.factoryUrl));
    return `${pxe}/pxe/${id}/${tag}/metal-${target.arch}${asset === "pxe" ? "" : "-secureboot"}`;
  }
  return `${trimmed(target.factoryUrl)}/image/${id}/${tag}/${assetFile(asset, target.arch, minor)}`;
}

export type InstallerTarget = Omit<AssetTarget, "arch" | "pxeUrl"> & {
  secureboot?: boolean;
  /** What Talos calls the platform that the machine runs on, `nocloud`; bare metal where nothing is known of it. */
  platform?: string | null;
};

/** @throws AppError `refused` for a platform whose name cannot stand in an image's, so that the factory has none for it. */
function installerName(platform: string): string {
  if (/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(platform) && platform.length <= 40) return `${platform}-installer`;
  throw new AppError("refused", "The Image Factory has no installer image for the platform that this node runs on.");
}

/**
 * The installer image to install and upgrade with: `factory.talos.dev/metal-installer/<id>:v1.14.0`, and
 * `factory.talos.dev/installer/<id>:v1.9.5` before 1.10, which had no platform in the name. From then on the platform is part
 * of the image: another one's would have the machine boot without its cloud's hostname, network and metadata.
 * @throws AppError `invalid-input` for a bad ID, version or factory address; `refused` for a platform without an image.
 */
export function installerImage(target: InstallerTarget): string {
  const { factoryUrl, schematicId, talosVersion, secureboot, platform } = target;
  const { tag, minor } = releaseTag(talosVersion);
  const host = URL.canParse(factoryUrl) ? new URL(factoryUrl).host : "";
  if (!host) throw new AppError("invalid-input", "The factory's address is not a URL.");
  const name = minor >= 10 ? installerName(platform || "metal") : "installer";
  return `${host}/${name}${secureboot ? "-secureboot" : ""}/${checkedSchematicId(schematicId)}:${tag}`;
}

/** `host` with the path of a mirror below it. */
export type InstallerRef = { host: string; schematicId: string; tag: string; secureboot: boolean };

const registry = String.raw`(?:\[[0-9a-f:]{2,45}\]|[a-z0-9.-]{1,255})(?::\d{1,5})?(?:\/[a-z0-9._-]{1,100}){0,4}`;
const installerPattern = new RegExp(
  String.raw`^(${registry})\/(?:[a-z0-9-]{1,40}-)?installer(-secureboot)?\/([0-9a-f]{64}):(v[0-9A-Za-z.-]{1,60})(?:@sha256:[0-9a-f]{64})?$`,
);

/**
 * Reads a factory installer reference, as a machine config names it: also one that is pinned by its digest, or that comes through a
 * registry which mirrors the factory below a path. Null for any other image.
 */
export function parseInstallerImage(image: string): InstallerRef | null {
  const [, host, secureboot, schematicId, tag] = installerPattern.exec(image.trim()) ?? [];
  return host && schematicId && tag ? { host, schematicId, tag, secureboot: secureboot !== undefined } : null;
}
