import { canonicalSchematic } from "./canonical";
import { extensionsOf, kernelArgsOf, parseSchematic, type SchematicDocument } from "./document";

/** What people are shown of a schematic. */
export type ShownSchematic = {
  /** Its canonical text; an embedded machine configuration, which holds a cluster's secrets, is only named. */
  text: string;
  extensions: string[];
  kernelArgs: string[];
};

const hidden = "(not shown: it may hold secrets)";

function withoutSecrets(document: SchematicDocument): SchematicDocument {
  const { customization } = document;
  if (!customization?.embeddedMachineConfiguration) return document;
  return { ...document, customization: { ...customization, embeddedMachineConfiguration: hidden } };
}

export const shownSchematic = (document: SchematicDocument): ShownSchematic => ({
  text: canonicalSchematic(withoutSecrets(document)),
  extensions: [...extensionsOf(document)],
  kernelArgs: [...kernelArgsOf(document)],
});

// The nodes of a fleet run a handful of schematics, and each tells its own anew at every connection.
const recent = new Map<string, ShownSchematic | null>();
const recentEntries = 64;

/** A schematic as a node carries it; null where it cannot be read: a newer factory's document may have members unknown here. */
export function schematicOfNode(yaml: string): ShownSchematic | null {
  if (yaml.trim() === "") return null;
  const known = recent.get(yaml);
  if (known !== undefined) return known;
  let shown: ShownSchematic | null = null;
  try {
    shown = shownSchematic(parseSchematic(yaml));
  } catch {
    // Then only the ID is known.
  }
  const oldest = recent.size >= recentEntries ? recent.keys().next() : null;
  if (oldest && !oldest.done) recent.delete(oldest.value);
  recent.set(yaml, shown);
  return shown;
}
