import { AppError } from "@/lib/core/errors";
import { kernelArgMark } from "@/lib/core/unrendered/kernel-args";
import { isMarkAlone, markHint, markWords, unrenderedMark, type UnrenderedMark } from "@/lib/core/unrendered/marks";
import { unrenderedValues, type ValuePath } from "@/lib/core/unrendered/values";
import { parseYamlNodes } from "@/lib/core/yaml";
import { enrollKeysModes, maxSchematicBytes, parseSchematic, readSchematic, type SchematicDocument } from "./document";

/** A text of several lines is for another program, which may have marks of its own: only what stands for all of it counts. */
function markOf(text: string, path: ValuePath): UnrenderedMark | null {
  if (path[0] === "customization" && path[1] === "extraKernelArgs") return kernelArgMark(text);
  const mark = unrenderedMark(text);
  return mark !== null && text.includes("\n") && mark.kind !== "encrypted" && !isMarkAlone(text) ? null : mark;
}

function refuseUnrendered(document: SchematicDocument): void {
  const [first, ...more] = unrenderedValues(document, markOf);
  if (!first) return;
  const fields: Record<string, string> = {};
  for (const { path, mark } of [first, ...more].slice(0, 20)) fields[path.join(".")] ??= markWords(mark);
  const { path, mark } = first;
  throw new AppError("invalid-input", `The schematic is not filled in: at ${path.join(".")} ${markWords(mark)}.`, {
    fields,
    hint: markHint(mark),
  });
}

/** What a text holds beside its first document, as a sentence; the factory never reads that, so it may be anything. */
function restOf(text: string): string | null {
  try {
    const filled = parseYamlNodes(text, { maxBytes: maxSchematicBytes }).filter(
      (tree) => !(tree.kind === "scalar" && tree.plain && tree.text === ""),
    );
    return filled.length > 1
      ? `The text holds ${filled.length} documents, of which the Image Factory reads the first alone.`
      : null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return "What comes after the first document cannot be read; the Image Factory reads the first document alone.";
  }
}

/** True things about a document that the factory takes, but that will surprise. */
function warningsOf(document: SchematicDocument): string[] {
  const warnings: string[] = [];
  if (document.owner)
    warnings.push(
      "It names an owner, which only the Enterprise edition of the Image Factory takes: a free one, such as factory.talos.dev, refuses it.",
    );
  const mode = document.customization?.secureboot?.enrollKeys;
  if (mode && !enrollKeysModes.some((known) => known === mode.toLowerCase()))
    warnings.push(
      `secureboot.enrollKeys is none of ${enrollKeysModes.join(", ")}: the factory registers it, and then refuses to build an image of it.`,
    );
  return warnings;
}

/**
 * A schematic as a person gives it, YAML or JSON text or the values themselves.
 *
 * @throws AppError `invalid-input` as `parseSchematic`, and for texts that another tool should have filled in.
 */
export function givenSchematic(given: unknown): { document: SchematicDocument; warnings: string[] } {
  if (typeof given !== "string") {
    const document = readSchematic(given);
    refuseUnrendered(document);
    return { document, warnings: warningsOf(document) };
  }
  const document = parseSchematic(given);
  refuseUnrendered(document);
  const rest = restOf(given);
  return { document, warnings: [...warningsOf(document), ...(rest === null ? [] : [rest])] };
}
