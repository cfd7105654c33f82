import { atLeast, officialExtensions, releases } from "../factory/releases";
import { parseInstallerRef } from "../factory/image-ref";
import { imageDigest, installerLayers, type Layer } from "./image-store";
import type { SimNode } from "./node";

/** The image cannot be had; the text is what containerd and the registry say. */
export class PullFailed extends Error {
  override readonly name = "PullFailed";
  constructor(
    image: string,
    why: string,
    /** The registry has no such image, in contrast to: it does not give it. */
    readonly absent = true,
  ) {
    super(`failed to pull image "${image}": ${why}`);
  }
}

export type LayerStatus = "downloading" | "download-complete" | "extracting" | "extract-complete" | "already-exists";
/** `elapsedMs` is of the extraction. */
export type LayerEvent = {
  kind: "layer";
  id: string;
  status: LayerStatus;
  elapsedMs: number;
  offset: number;
  total: number;
};
export type PullEvent = LayerEvent | { kind: "pulled"; name: string };

/** How long a fresh pull takes in fleet time, downloads and extraction together. */
export const pullMs = 20_000;
const ticksPerLayer = 8;

/** What stands behind an installer reference, or PullFailed as the registry would refuse it. */
export function resolveInstaller(
  node: SimNode,
  image: string,
): { layers: Layer[]; digest: string; release: string; schematicId: string } {
  const ref = parseInstallerRef(image);
  const missing = () => new PullFailed(image, `failed to resolve image: ${image}: not found`);
  if (node.faults.has("image-not-found")) throw missing();
  // The fleet's own factory is also found at its address, as settings that point to it name it.
  const known = ref && (ref.registry === node.world.imageRegistry || /^(?:127\.|localhost)/.test(ref.registry));
  if (!known) throw missing();
  const schematic = node.world.schematics.get(ref.schematicId);
  if (!schematic) throw missing();
  const release = ref.tag ?? releases.find((known) => imageDigest(image.replace(/@.*/, `:${known}`)) === ref.digest);
  if (!release || !releases.includes(release)) throw missing();
  const offered = new Set(officialExtensions(release));
  const absent = schematic.extensions.find((name) => !offered.has(name));
  // The factory fails to build it; its registry tells a puller no more than that.
  if (absent)
    throw new PullFailed(
      image,
      `failed to resolve image: unexpected status from HEAD request to https://${image.replace(/[:@][^/]*$/, "").replace("/", "/v2/")}/manifests/${release}: 400 Bad Request`,
      false,
    );
  const tagged = image.includes("@") ? image.replace(/@.*/, `:${release}`) : image;
  return {
    layers: installerLayers(release, schematic.extensions),
    digest: imageDigest(tagged),
    release,
    schematicId: ref.schematicId,
  };
}

/**
 * Pulls an image into a namespace, layer by layer, telling how far each is; one that is there already is only named.
 * Throws PullFailed, or PowerLoss when the node goes down.
 */
export async function* pull(node: SimNode, namespace: string, image: string): AsyncGenerator<PullEvent> {
  const known = node.images.find(namespace, image);
  if (known) {
    yield { kind: "pulled", name: node.images.add(namespace, image, known.digest, known.sizeBytes, known.createdMs) };
    return;
  }
  const { layers, digest } = resolveInstaller(node, image);
  const slow = node.faults.get("slow-pull");
  const total = layers.reduce((sum, layer) => sum + layer.sizeBytes, 0);
  const budgetMs = pullMs * (slow?.kind === "slow-pull" ? slow.factor : 1);
  const event = (layer: Layer, status: LayerStatus, offset = 0, elapsedMs = 0): LayerEvent => ({
    kind: "layer",
    id: layer.id,
    status,
    elapsedMs,
    offset,
    total: layer.sizeBytes,
  });
  const fresh = layers.filter((layer) => !node.images.hasLayer(layer.id));
  for (const layer of layers) if (!fresh.includes(layer)) yield event(layer, "already-exists");
  for (const [index, layer] of fresh.entries()) {
    const layerMs = (budgetMs * layer.sizeBytes) / total;
    for (let tick = 1; tick < ticksPerLayer; tick++) {
      await node.wait((layerMs * 0.7) / ticksPerLayer);
      if (node.faults.has("stalled-pull") && index >= fresh.length / 2) await stall(node);
      yield event(layer, "downloading", Math.round((layer.sizeBytes * tick) / ticksPerLayer));
    }
    yield event(layer, "download-complete");
    yield event(layer, "extracting");
    await node.wait(layerMs * 0.15);
    yield event(layer, "extracting", 0, layerMs * 0.15);
    await node.wait(layerMs * 0.15);
    node.images.addLayer(layer.id);
    yield event(layer, "extract-complete");
  }
  yield { kind: "pulled", name: node.images.add(namespace, image, digest, total, node.nowMs()) };
}

/** Nothing more comes until the fault is taken away. */
async function stall(node: SimNode): Promise<void> {
  while (node.faults.has("stalled-pull")) await node.wait(500);
}

/** Does this release have ImageService and LifecycleService? */
export const hasLifecycleApi = (release: string): boolean => atLeast(release, "1.13.0");
