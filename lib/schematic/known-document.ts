import "server-only";
import { AppError } from "@/lib/core/errors";
import { db } from "@/lib/db/client";
import { imageFactory } from "@/lib/image-factory/factory";
import { emptySchematicId } from "./canonical";
import { parseSchematic, type SchematicDocument } from "./document";
import { schematicAtFactory } from "./told-by-factory";

/**
 * The document of a schematic: Talos' own is empty; else from what is stored here, else from the Image Factory. Null where neither knows
 * it, or the factory cannot be asked.
 */
export async function knownDocument(id: string, signal?: AbortSignal): Promise<SchematicDocument | null> {
  if (id === emptySchematicId) return {};
  const row = await db.schematic.findUnique({ where: { id }, select: { canonical: true } });
  if (row) return parseSchematic(row.canonical);
  const limit = AbortSignal.timeout(10_000);
  try {
    const text = await schematicAtFactory(imageFactory(), id, signal ? AbortSignal.any([signal, limit]) : limit);
    return text === null ? null : parseSchematic(text);
  } catch (error) {
    signal?.throwIfAborted();
    // Away, or a document that is newer than we are: then it is simply not known.
    if (error instanceof AppError) return null;
    throw error;
  }
}
