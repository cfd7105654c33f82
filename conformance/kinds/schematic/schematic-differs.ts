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
  const theirs = JSON.stringify(output);
  if (JSON.stringify(ours) === theirs) return null;
  // Keys that Go cannot order (two dates): it writes such a map in another way each time.
  const again = await Promise.all(Array.from({ length: 12 }, () => judge.ask("schematic", { yaml })));
  if (again.some((verdict) => JSON.stringify(verdict.output) !== theirs)) return null;
  return `Ichor writes ${JSON.stringify(ours)}, the factory ${theirs}`;
}
