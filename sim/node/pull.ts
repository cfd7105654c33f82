import { atLeast, officialExtensions, releases } from "../factory/releases";
import { parseInstallerRef } from "../factory/image-ref";
import { imageDigest, installerLayers, type Layer } from "./image-store";
import type { SimNode } from "./node";

/** The image cannot be had; the text is what containerd and the registry say. */
export class PullFailed extends Error {
  override readonly name = "PullFailed";
}

export type LayerStatus = "downloading" | "download-complete" | "extracting" | "extract-complete" | "already-exists";
export type PullEvent =
  | { kind: "layer"; id: string; status: LayerStatus; elapsedMs: number; offset: number; total: number }
  | { kind: "pulled"; name: string };

/** How long a fresh pull takes in fleet time, downloads and extraction together. */
export const pullMs = 20_000;
const ticksPerLayer = 8;

/** What stands behind an installer reference, or PullFailed as the registry would refuse it. */
export function resolveInstaller(
  node: SimNode,
  image: string,
): { layers: Layer[]; digest: string; release: string; schematicId: string } {
  const ref = parseInstallerRef(image);
  const missing = (why: string) => new PullFailed(`failed to pull image "${image}": failed to resolve image: ${why}`);
  // The fleet's own factory is also found at its address, as settings that point to it name it.
  const known = ref && (ref.registry === node.world.imageRegistry || /^(?:127\.|localhost)/.test(ref.registry));
  if (!known) throw missing(`${image}: not found`);
  const schematic = node.world.schematics.get(ref.schematicId);
  if (!schematic) throw missing(`${image}: not found (schematic not found)`);
  const release = ref.tag ?? releases.find((known) => imageDigest(image.replace(/@.*/, `:${known}`)) === ref.digest);
  if (!release || !releases.includes(release)) throw missing(`${image}: not found`);
  const offered = new Set(officialExtensions(release));
  const absent = schematic.extensions.find((name) => !offered.has(name));
  if (absent)
    throw missing(
      `unexpected status from HEAD request: 400 Bad Request: official extension "siderolabs/${absent}" is not available for Talos version ${release}`,
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
 * Pulls an image into a namespace, layer by layer, telling how far each is. The second pull finds its layers already there.
 * Throws PullFailed, or PowerLoss when the node goes down.
 */
export async function* pull(node: SimNode, namespace: string, image: string): AsyncGenerator<PullEvent> {
  const { layers, digest } = resolveInstaller(node, image);
  const slow = node.faults.get("slow-pull");
  const total = layers.reduce((sum, layer) => sum + layer.sizeBytes, 0);
  const budgetMs = pullMs * (slow?.kind === "slow-pull" ? slow.factor : 1);
  const startedMs = node.world.clock.nowMs();
  const event = (layer: Layer, status: LayerStatus, offset: number): PullEvent => ({
    kind: "layer",
    id: layer.id,
    status,
    elapsedMs: (node.world.clock.nowMs() - startedMs) * node.world.clock.speed,
    offset,
    total: layer.sizeBytes,
  });
  const fresh = layers.filter((layer) => !node.images.hasLayer(layer.id));
  for (const layer of layers)
    yield event(
      layer,
      fresh.includes(layer) ? "downloading" : "already-exists",
      fresh.includes(layer) ? 0 : layer.sizeBytes,
    );
  for (const [index, layer] of fresh.entries()) {
    const layerMs = (budgetMs * layer.sizeBytes) / total;
    for (let tick = 1; tick < ticksPerLayer; tick++) {
      await node.wait((layerMs * 0.7) / ticksPerLayer);
      if (node.faults.has("stalled-pull") && index >= fresh.length / 2) await stall(node);
      yield event(layer, "downloading", Math.round((layer.sizeBytes * tick) / ticksPerLayer));
    }
    yield event(layer, "download-complete", layer.sizeBytes);
    yield event(layer, "extracting", 0);
    await node.wait(layerMs * 0.3);
    node.images.addLayer(layer.id);
    yield event(layer, "extract-complete", layer.sizeBytes);
  }
  yield { kind: "pulled", name: node.images.add(namespace, image, digest, total, node.nowMs()) };
}

/** Nothing more comes until the fault is taken away. */
async function stall(node: SimNode): Promise<void> {
  while (node.faults.has("stalled-pull")) await node.wait(500);
}

/** Does this release have ImageService and LifecycleService? */
export const hasLifecycleApi = (release: string): boolean => atLeast(release, "1.13.0");
