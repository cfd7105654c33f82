import "server-only";
import { z } from "zod";
import { defineOperation } from "@/lib/operation/define-operation";
import { canonicalSchematic, schematicId, serverOnlyReasons } from "./canonical";
import { ensureSchematic } from "./commands";
import { givenSchematic } from "./given";
import { ensuredSchematic, schematicInput } from "./schema";

/** Canonical text and ID of a document, computed here: the factory is not asked. */
export const previewSchematic = defineOperation({
  name: "schematic.preview",
  role: "viewer",
  kind: "compute",
  unaudited: "It works on the caller's own text.",
  summary: "Computes the canonical YAML and the ID that the Image Factory gives a schematic, without asking it.",
  input: z.object({ document: schematicInput }),
  output: z.object({
    canonical: z.string(),
    id: z.string(),
    /** Why the ID is only a forecast; empty for ordinary documents. */
    forecastReasons: z.array(z.string()),
    /** What the factory takes now but will refuse later, or takes otherwise than meant; empty for ordinary documents. */
    warnings: z.array(z.string()),
  }),
  run: async (_ctx, { document }) => {
    const { document: parsed, warnings } = givenSchematic(document);
    return {
      canonical: canonicalSchematic(parsed),
      id: schematicId(parsed),
      forecastReasons: serverOnlyReasons(parsed),
      warnings,
    };
  },
});

/** Stores and registers a document. */
export const registerSchematic = defineOperation({
  name: "schematic.register",
  role: "operator",
  kind: "change",
  summary: "Stores a schematic and registers it with the Image Factory, whose answer must equal the ID computed here.",
  input: z.object({ document: schematicInput }),
  output: ensuredSchematic,
  run: (ctx, { document }) => ensureSchematic(ctx, givenSchematic(document).document),
});
