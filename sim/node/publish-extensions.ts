import type { Layer } from "@/lib/talos/gen/resource/definitions/extensions";
import { extensionVersion, kernelOf } from "../factory/releases";
import type { SpecInput } from "../resources/kind";
import { extensionStatuses, imageFactorySchematics } from "../resources/kinds/extensions";
import type { SimNode } from "./node";

const factoryName = "Image Factory";

/** Extensions that this boot loaded, without `siderolabs/`: those of the schematic minus a fault's. */
export function loadedExtensions(node: SimNode): string[] {
  const missing = node.faults.get("missing-extension");
  const schematic = node.world.schematics.get(node.running.schematicId);
  return (schematic?.extensions ?? []).filter(
    (name) => !(missing?.kind === "missing-extension" && missing.extension.replace(/^siderolabs\//, "") === name),
  );
}

/** The layers of the boot image: its extensions, the schematic that it was made from, and the combined module dependencies. */
export function publishExtensions(node: SimNode): void {
  const { running, world } = node;
  const schematic = world.schematics.get(running.schematicId);
  const factoryUrl = `https://${world.imageRegistry}`;
  const compatibility = { talos: { version: ">= v1.0.0" } };
  const layers: SpecInput<Layer>[] = loadedExtensions(node).map((name, index) => {
    const version = extensionVersion(name, running.release);
    return {
      image: `${String(index).padStart(3, "0")}.ghcr.io-siderolabs-${name}-${version}.sqsh`,
      metadata: { name, version, author: "Sidero Labs", description: `[official] ${name}`, compatibility },
    };
  });
  const extensions = layers.length;
  layers.push({
    image: `${String(extensions).padStart(3, "0")}.schematic.sqsh`,
    metadata: {
      name: "schematic",
      version: running.schematicId,
      author: `${factoryName} (${factoryUrl})`,
      description: "Names the schematic of the image.",
      compatibility,
      extraInfo: schematic?.canonical ?? "",
    },
  });
  if (extensions > 0)
    layers.push({
      image: "modules.dep.sqsh",
      metadata: {
        name: "modules.dep",
        version: kernelOf(running.release),
        author: "Talos Machinery",
        description: "Module dependencies of all extensions.",
        compatibility,
      },
    });
  // Talos takes the image's name without its suffix for an id (runtime/extension_status.go).
  node.resources.replace(
    extensionStatuses,
    new Map(layers.map((layer) => [(layer.image ?? "").replace(/\.sqsh$/, ""), layer])),
  );
  node.resources.put(imageFactorySchematics, "image-factory-schematic", {
    schematicId: running.schematicId,
    flavor: factoryName,
    apiurl: factoryUrl,
  });
}
