import { lineEdits, type LineEdit } from "@/lib/core/line-diff";
import { shownKernelArg } from "@/lib/gpu/meaning/kernel-args";
import { canonicalSchematic } from "./canonical";
import { extensionsOf, kernelArgsOf, type SchematicDocument } from "./document";

export type DiffLine = LineEdit;

export type SchematicDiff = {
  lines: DiffLine[];
  extensionsAdded: string[];
  extensionsRemoved: string[];
  kernelArgsAdded: string[];
  kernelArgsRemoved: string[];
  /** What changes, in words; "Nothing changes." where both are equal. */
  sentence: string;
};

function without(items: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return items.filter((item) => !known.has(item));
}

const short = (extension: string): string => extension.replace(/^siderolabs\//, "");

/** Kernel arguments whose order alone differs boot differently, and so does anything outside of the two lists. */
function restChanges(from: SchematicDocument, to: SchematicDocument): boolean {
  const bare = (document: SchematicDocument) =>
    canonicalSchematic({
      ...document,
      customization: { ...document.customization, systemExtensions: null, extraKernelArgs: null },
    });
  return bare(from) !== bare(to);
}

/** Line by line, two canonical texts; what an upgrade from one schematic to the other changes. Pure. */
export function diffSchematics(from: SchematicDocument, to: SchematicDocument): SchematicDiff {
  const before = canonicalSchematic(from);
  const after = canonicalSchematic(to);
  const diff = {
    extensionsAdded: without(extensionsOf(to), extensionsOf(from)),
    extensionsRemoved: without(extensionsOf(from), extensionsOf(to)),
    kernelArgsAdded: without(kernelArgsOf(to), kernelArgsOf(from)),
    kernelArgsRemoved: without(kernelArgsOf(from), kernelArgsOf(to)),
  };
  const parts = [
    diff.extensionsAdded.length > 0 && `adds ${diff.extensionsAdded.map(short).join(", ")}`,
    diff.extensionsRemoved.length > 0 && `drops ${diff.extensionsRemoved.map(short).join(", ")}`,
    diff.kernelArgsAdded.length > 0 &&
      `adds the kernel arguments ${diff.kernelArgsAdded.map(shownKernelArg).join(" ")}`,
    diff.kernelArgsRemoved.length > 0 &&
      `drops the kernel arguments ${diff.kernelArgsRemoved.map(shownKernelArg).join(" ")}`,
    restChanges(from, to) && "changes other settings of the image",
  ].filter((part) => part !== false);
  if (parts.length === 0 && before !== after) parts.push("changes the order of its lists");
  return {
    lines: lineEdits(before, after),
    ...diff,
    sentence: parts.length === 0 ? "Nothing changes." : `The new image ${parts.join("; ")}.`,
  };
}
