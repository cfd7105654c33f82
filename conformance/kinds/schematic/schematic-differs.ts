import { AppError } from "@/lib/core/errors";
import { canonicalSchematic, schematicId } from "@/lib/schematic/canonical";
import { parseSchematic } from "@/lib/schematic/document";
import type { Judge } from "../../judge";

/** What the Image Factory's own library and Ichor make of a schematic: null where bytes and ID are the same, or both refuse it. */
export async function schematicDiffers(yaml: string, judge: Judge): Promise<string | null> {
  const { output, refusal } = await judge.ask("schematic", { yaml });
  let ours: { canonical: string; id: string };
  try {
    const parsed = parseSchematic(yaml);
    ours = { canonical: canonicalSchematic(parsed), id: schematicId(parsed) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return refusal === undefined ? `only Ichor refuses it: ${error.message}` : null;
  }
  if (refusal !== undefined) return `only the factory refuses it: ${refusal}`;
  return JSON.stringify(ours) === JSON.stringify(output)
    ? null
    : `Ichor writes ${JSON.stringify(ours)}, the factory ${JSON.stringify(output)}`;
}
