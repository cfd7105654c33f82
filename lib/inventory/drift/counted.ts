import type { NodeView } from "../schema";

/** What a node's image drift is, as one word of ours: what a metric counts. */
export const driftStates = ["none", "schematic", "install-image", "both", "unknown"] as const;
export type DriftState = (typeof driftStates)[number];

/**
 * `schematic`: another one runs than is recorded. `install-image`: the node's config would install another image than runs. `unknown`: nothing
 * of it is seen, but its config could not be read.
 */
export function driftStateOf({ runningSchematicId, intent, config }: NodeView): DriftState {
  const schematic =
    runningSchematicId !== null && intent.schematicId !== null && runningSchematicId !== intent.schematicId;
  const image = config.state === "known" && config.differs === true;
  if (schematic) return image ? "both" : "schematic";
  if (image) return "install-image";
  return config.state === "known" && config.differs !== null ? "none" : "unknown";
}
