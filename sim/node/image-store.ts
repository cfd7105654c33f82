import { createHash } from "node:crypto";

export type StoredImage = { name: string; digest: string; sizeBytes: number; createdMs: number };
/** `id` is a digest as Talos shortens it. */
export type Layer = { id: string; sizeBytes: number };

const MiB = 1024 ** 2;

/** The manifest digest of an image, the same for everyone who pulls it. */
export const imageDigest = (image: string): string =>
  `sha256:${createHash("sha256").update(`manifest/${image}`).digest("hex")}`;

/** The layers of an installer image: the base, kernel and initramfs of the release, and one per extension. */
export function installerLayers(release: string, extensions: readonly string[]): Layer[] {
  const layer = (name: string, sizeMiB: number): Layer => ({
    id: createHash("sha256").update(`layer/${name}`).digest("hex").slice(0, 12),
    sizeBytes: Math.round(sizeMiB * MiB),
  });
  const extensionSize = (name: string) => (name.includes("nvidia") ? 118 : name === "amdgpu" ? 64 : 9);
  return [
    layer(`installer-base/${release}`, 36),
    layer(`kernel/${release}`, 19),
    layer(`initramfs/${release}`, 78),
    ...extensions.map((name) => layer(`${name}/${release}`, extensionSize(name))),
    layer(`uki/${release}/${[...extensions].sort().join(",")}`, 112),
  ];
}

/** What a node's containerd holds, per namespace. Kept on disk, so it survives a reboot. */
export class ImageStore {
  private readonly images = new Map<string, StoredImage>();
  private readonly layers = new Set<string>();

  hasLayer(id: string): boolean {
    return this.layers.has(id);
  }

  addLayer(id: string): void {
    this.layers.add(id);
  }

  /** Stores under the tag, the pinned name and the bare digest, as containerd's aliases do. */
  add(namespace: string, image: string, digest: string, sizeBytes: number, createdMs: number): string {
    const repository = image.replace(/@sha256:[0-9a-f]{64}$/, "").replace(/:[^:/]+$/, "");
    const pinned = `${repository}@${digest}`;
    for (const name of [image, pinned, digest])
      this.images.set(`${namespace}/${name}`, { name, digest, sizeBytes, createdMs });
    return pinned;
  }

  /** By exact name. */
  find(namespace: string, name: string): StoredImage | undefined {
    return this.images.get(`${namespace}/${name}`);
  }

  /** By name. */
  list(namespace: string): StoredImage[] {
    return [...this.images.entries()]
      .filter(([key]) => key.startsWith(`${namespace}/`))
      .map(([, image]) => image)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
