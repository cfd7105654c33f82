"use client";

import { useMemo } from "react";
import { useNodes } from "@/components/live/use-live";
import type { ImageView } from "@/lib/schematic/schema";

/** Images as the server told them, with the nodes that run each as the live stream tells them. */
export function useImages(images: readonly ImageView[]): readonly ImageView[] {
  const { nodes, loaded } = useNodes();
  return useMemo(() => {
    if (!loaded) return images;
    const running = new Map<string, ImageView["runningOn"]>();
    for (const { id, name, runningSchematicId } of nodes) {
      if (runningSchematicId === null) continue;
      running.set(runningSchematicId, [...(running.get(runningSchematicId) ?? []), { id, name }]);
    }
    return images.map((image) => ({ ...image, runningOn: running.get(image.id) ?? [] }));
  }, [images, nodes, loaded]);
}
