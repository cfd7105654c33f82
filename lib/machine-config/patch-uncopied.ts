import { AppError } from "@/lib/core/errors";
import { isYamlSequence, type YamlValue } from "@/lib/core/go-yaml";
import { verbatimText } from "@/lib/core/go-yaml-verbatim";
import { isYamlMap, type MachineConfigDocument } from "@/lib/machine-config/documents";

const date = /^\d{4}-\d\d-\d\dT/;

function walk(value: YamlValue | undefined, what: string, path: readonly string[]): void {
  if (typeof value === "string" && date.test(verbatimText(value) ?? "")) throw refuse("a bare date", what, path);
  if (isYamlSequence(value)) value.forEach((item, index) => walk(item, what, [...path, String(index)]));
  if (!isYamlMap(value)) return;
  for (const [key, member] of Object.entries(value)) {
    if (verbatimText(key) !== null) throw refuse("a key that is no text", what, path);
    walk(member, what, [...path, key]);
  }
}

const refuse = (found: string, what: string, path: readonly string[]): AppError =>
  new AppError("invalid-input", `${what} has ${found} at ${path.join(".")}, which Talos cannot patch.`, {
    hint: "Put it in quotes.",
  });

/**
 * A free-form part with a key such as a bare 1 or true, or with a bare date, can be loaded, but Talos panics as soon as it copies it, which it
 * does for every patch (`deepCopyUnstructured` of types/meta/unstructured.go).
 *
 * @throws AppError `invalid-input` naming the place.
 */
export const refuseUncopied = (document: MachineConfigDocument, what: string): void => walk(document, what, []);
