import "server-only";
import { AppError } from "@/lib/core/errors";
import type { ImageFactory } from "@/lib/image-factory/client";
import { FactoryError } from "@/lib/image-factory/factory-error";
import { acceptableForms, idOfCanonical } from "./canonical";
import { parseSchematic } from "./document";

/** Is this the text of the schematic with this ID: by its hash, or by what an older factory would have hashed? */
function isTextOf(id: string, text: string): boolean {
  if (idOfCanonical(text) === id) return true;
  try {
    return acceptableForms(parseSchematic(text)).some((form) => form.id === id);
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

/**
 * The text of a schematic as the factory has it; null where it says that it does not. The one way to ask for it: a portal's sign-in
 * page or a proxy's error that comes with status 200 is not a factory that knows it.
 * @throws FactoryError; `nonsense` for any text that is not that schematic.
 */
export async function schematicAtFactory(
  factory: ImageFactory,
  id: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const text = await factory.schematic(id, signal);
  if (text === null || isTextOf(id, text)) return text;
  throw new FactoryError("nonsense", "The Image Factory did not answer with the schematic that has this ID.", {
    hint: "Check ICHOR_FACTORY_URL, and what stands between Ichor and the factory.",
  });
}
