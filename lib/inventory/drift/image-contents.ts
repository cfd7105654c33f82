import "server-only";
import { extensionsOf } from "@/lib/schematic/document";
import { knownDocument } from "@/lib/schematic/known-document";
import { fleet } from "../fleet";
import { schematicOfImage } from "./install-image";

// The nodes of a fleet install a handful of images, and what is in a schematic never changes.
const known = new Map<string, string[]>();
const maxKnown = 256;

/**
 * The official extensions in an installer image, by the schematic that its name tells: as a node of the fleet runs it, as it is stored here, or
 * as the Image Factory says. Null where nobody knows.
 */
export async function extensionsInImage(image: string, signal?: AbortSignal): Promise<string[] | null> {
  const id = schematicOfImage(image);
  if (id === null) return null;
  const before = known.get(id);
  if (before) return before;
  const runs = fleet()
    .states()
    .find(({ facts }) => facts.runningSchematicId === id && facts.runningSchematic !== null);
  const document = runs ? null : await knownDocument(id, signal);
  const found = runs?.facts.runningSchematic?.extensions ?? (document && [...extensionsOf(document)]);
  if (found && known.size < maxKnown) known.set(id, found);
  return found ?? null;
}
