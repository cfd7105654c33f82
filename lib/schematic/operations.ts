import "server-only";
import { z } from "zod";
import { defineOperation } from "@/lib/operation/define-operation";
import { canonicalSchematic, schematicId, serverOnlyReasons } from "./canonical";
import { ensureSchematic } from "./commands";
import { parseSchematic, readSchematic, type SchematicDocument } from "./document";
import { ensuredSchematic, schematicInput } from "./schema";

const read = (document: z.infer<typeof schematicInput>): SchematicDocument =>
  typeof document === "string" ? parseSchematic(document) : readSchematic(document);

/** Canonical text and ID of a document, computed here: the factory is not asked. */
export const previewSchematic = defineOperation({
  name: "schematic.preview",
  role: "viewer",
  kind: "compute",
  summary: "Computes the canonical YAML and the ID that the Image Factory gives a schematic, without asking it.",
  input: z.object({ document: schematicInput }),
  output: z.object({
    canonical: z.string(),
    id: z.string(),
    /** Why the ID is only a forecast; empty for ordinary documents. */
    forecastReasons: z.array(z.string()),
  }),
  run: async (_ctx, { document }) => {
    const parsed = read(document);
    return {
      canonical: canonicalSchematic(parsed),
      id: schematicId(parsed),
      forecastReasons: serverOnlyReasons(parsed),
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
  run: (ctx, { document }) => ensureSchematic(ctx, read(document)),
});
