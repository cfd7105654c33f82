import { defineTask } from "@/lib/core/off-thread/task";
import { canonicalSchematic, schematicId, serverOnlyReasons } from "./canonical";
import { givenSchematic } from "./given";

/** `givenSchematic`. */
export const readGiven = defineTask("schematic.read", givenSchematic);

/** A schematic as a person gives it, with what the factory will make of it. */
export const previewTask = defineTask("schematic.preview", (given: unknown) => {
  const { document, warnings } = givenSchematic(given);
  return {
    canonical: canonicalSchematic(document),
    id: schematicId(document),
    forecastReasons: serverOnlyReasons(document),
    warnings,
  };
});
