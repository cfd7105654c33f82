import { z } from "zod";
import { maxSchematicBytes } from "./document";

export const schematicIdText = z.string().regex(/^[0-9a-f]{64}$/, "A schematic ID is 64 hex digits.");

/** A document as people give it: YAML or JSON text, or the values themselves. `readSchematic` judges it, with sentences. */
export const schematicInput = z
  .union([z.string().max(maxSchematicBytes), z.record(z.string(), z.json())])
  .describe("An Image Factory schematic, as YAML or JSON text or as an object: {owner, overlay, customization}.");

const namedNode = z.object({ id: z.string(), name: z.string() });

/** A stored schematic as the browser and the API see it. */
export const schematicView = z.object({
  id: z.string(),
  /** The text that is hashed, with values withheld that are not known to be harmless. */
  canonical: z.string(),
  extensions: z.array(z.string()),
  kernelArgs: z.array(z.string()),
  factoryUrl: z.string(),
  /** Null = not registered yet: no image of it can be downloaded or installed. */
  registeredAtMs: z.number().nullable(),
  /** Why registration has not worked yet. */
  lastError: z.string().nullable(),
  lastTriedAtMs: z.number().nullable(),
  createdAtMs: z.number(),
  /** Nodes whose recorded schematic it is. */
  nodes: z.array(namedNode),
});
export type SchematicView = z.infer<typeof schematicView>;

/** An image of the fleet: a schematic that is stored here, that runs on nodes, or both. */
export const imageView = schematicView.extend({
  /** False = nobody recorded it here: it was read from the nodes that run it. */
  stored: z.boolean(),
  /** These three are null where it is not stored and no node carries its document. */
  canonical: z.string().nullable(),
  extensions: z.array(z.string()).nullable(),
  kernelArgs: z.array(z.string()).nullable(),
  /** Null = not made here. */
  createdAtMs: z.number().nullable(),
  /** Nodes that last said that they run it. */
  runningOn: z.array(namedNode),
});
export type ImageView = z.infer<typeof imageView>;

/** What `ensureSchematic` made sure of. */
export const ensuredSchematic = z.object({
  id: z.string(),
  canonical: z.string(),
  registered: z.boolean(),
  /** Why it is not registered yet; null when it is. */
  lastError: z.string().nullable(),
});
export type EnsuredSchematic = z.infer<typeof ensuredSchematic>;
