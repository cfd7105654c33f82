import { canonicalSchematic, idOfCanonical } from "@/lib/schematic/canonical";
import type { SchematicDocument } from "@/lib/schematic/document";

export type RegisteredSchematic = {
  id: string;
  canonical: string;
  document: SchematicDocument;
  /** Official extensions without their `siderolabs/`, in the document's order. */
  extensions: string[];
  kernelArgs: string[];
};

/** The schematics that were registered with the simulated Image Factory. Nothing can be built from any other. */
export class SchematicRegistry {
  private readonly schematics = new Map<string, RegisteredSchematic>();

  register(document: SchematicDocument): RegisteredSchematic {
    const canonical = canonicalSchematic(document);
    const id = idOfCanonical(canonical);
    const known = this.schematics.get(id);
    if (known) return known;
    const registered: RegisteredSchematic = {
      id,
      canonical,
      document,
      extensions: (document.customization?.systemExtensions?.officialExtensions ?? []).map((name) =>
        name.replace(/^siderolabs\//, ""),
      ),
      kernelArgs: [...(document.customization?.extraKernelArgs ?? [])],
    };
    this.schematics.set(id, registered);
    return registered;
  }

  get(id: string): RegisteredSchematic | undefined {
    return this.schematics.get(id);
  }

  /** As a factory that has lost its storage. */
  forget(id: string): void {
    this.schematics.delete(id);
  }

  all(): RegisteredSchematic[] {
    return [...this.schematics.values()];
  }
}

/** The schematic of an operator who only chose extensions and kernel arguments. */
export const simpleSchematic = (
  extensions: readonly string[],
  kernelArgs: readonly string[] = [],
): SchematicDocument => ({
  customization: {
    ...(kernelArgs.length > 0 ? { extraKernelArgs: [...kernelArgs] } : {}),
    ...(extensions.length > 0 ? { systemExtensions: { officialExtensions: [...extensions].sort() } } : {}),
  },
});
