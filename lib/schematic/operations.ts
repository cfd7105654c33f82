import "server-only";
import { z } from "zod";
import { offThread } from "@/lib/core/off-thread/pool";
import { defineOperation } from "@/lib/operation/define-operation";
import { ensureSchematic } from "./commands";
import { ensuredSchematic, schematicInput } from "./schema";
import { previewTask, readGiven } from "./tasks";

/** Canonical text and ID of a document, computed here: the factory is not asked. */
export const previewSchematic = defineOperation({
  name: "schematic.preview",
  role: "viewer",
  kind: "compute",
  unaudited: "It works on the caller's own text.",
  cost: "expensive",
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
  run: (_ctx, { document }) => offThread(previewTask, document),
});

/** Stores and registers a document. */
export const registerSchematic = defineOperation({
  name: "schematic.register",
  role: "operator",
  kind: "change",
  cost: "expensive",
  summary: "Stores a schematic and registers it with the Image Factory, whose answer must equal the ID computed here.",
  input: z.object({ document: schematicInput }),
  output: ensuredSchematic,
  run: async (ctx, { document }) => ensureSchematic(ctx, (await offThread(readGiven, document)).document),
});
