import "server-only";
import { AppError } from "@/lib/core/errors";
import type { ImageFactory } from "@/lib/image-factory/client";
import { FactoryError } from "@/lib/image-factory/factory-error";
import { acceptableForms, idOfCanonical } from "./canonical";
import type { SchematicDocument } from "./document";

export type Registration =
  /** The factory knows it, under an ID that we computed too; `canonical` is that form of it. */
  | { state: "registered"; id: string; canonical: string }
  /** The factory could not be asked, or made no sense. */
  | { state: "waiting"; reason: string };

/**
 * Registers a document and checks the answer: the ID must be one that we compute from the document ourselves, since an
 * image of any other ID would not be what was asked for.
 * @throws AppError `refused` where the factory refuses the document or answers with another ID.
 */
export async function registerAt(
  factory: ImageFactory,
  document: SchematicDocument,
  signal?: AbortSignal,
): Promise<Registration> {
  const forms = acceptableForms(document);
  const [expected] = forms;
  if (!expected) throw new AppError("internal", "The schematic has no canonical form.");
  try {
    const answer = await factory.registerSchematic(expected.canonical, signal);
    const form = forms.find(({ id }) => id === answer.id);
    if (!form || (answer.canonical !== null && idOfCanonical(answer.canonical) !== answer.id)) {
      throw new AppError(
        "refused",
        "The Image Factory gave the schematic another ID than its content has, so it is not used.",
        {
          hint: "Check ICHOR_FACTORY_URL. An Enterprise factory adds the owner to each schematic, which changes its ID: set owner in the document.",
          details: `expected ${expected.id}, answered ${answer.id}`,
        },
      );
    }
    return { state: "registered", ...form };
  } catch (error) {
    if (error instanceof FactoryError && error.kind !== "refused") return { state: "waiting", reason: error.message };
    throw error;
  }
}
