import { AppError } from "@/lib/core/errors";
import type { YamlMap } from "@/lib/core/go-yaml";
import { readingYaml } from "@/lib/core/yaml";
import { memberOf, type YamlMapNode } from "@/lib/core/yaml-node";
import { DecodeContext, type DecodeIssue } from "@/lib/machine-config/decode/decode-context";
import { decodeValue, kept } from "@/lib/machine-config/decode/decode-value";
import { documentType } from "@/lib/machine-config/fields/field-at";
import { fieldTable } from "@/lib/machine-config/fields/table";
import { contractAtLeast, type VersionContract } from "@/lib/machine-config/schema";

export type DecodedDocument = { document: YamlMap; issues: readonly DecodeIssue[] };

/** The kind that a document names; empty for the v1alpha1 one. */
export function kindOf(map: YamlMapNode): string {
  const kind = memberOf(map, "kind");
  return kind?.kind === "scalar" && !(kind.plain && /^(?:|~|null|Null|NULL)$/.test(kind.text)) ? kind.text : "";
}

/**
 * A document as the node reads it: the Go type of each field says what a scalar means there (machinery's decoder, cfg/configloader
 * internal/decoder/decoder.go, and go-yaml's constructor.go). Texts are what was written (`1.10` stays), `yes` is true in a bool, numbers
 * are numbers, free-form parts are read by form, nulls in lists of texts go. Fields and kinds that the release does not know keep what
 * was written.
 *
 * @param contract the release whose types count.
 * @returns the document, and what Talos would refuse in it; there the value is what was written.
 * @throws YamlProblem for a value that does not fit its tag, and for merge keys that name no mapping.
 */
export function decodeDocument(map: YamlMapNode, contract: VersionContract): DecodedDocument {
  const kind = kindOf(map);
  const flavor = contractAtLeast(contract, "1.14") ? "v4-rc6" : "v4-rc4";
  const table = fieldTable(contract);
  const type = documentType(table, kind);
  if (!type) {
    const value = kept(map, flavor);
    return { document: value as YamlMap, issues: [] };
  }
  const context = new DecodeContext(table, flavor);
  const decoded = decodeValue(map, type, [], context);
  return { document: (decoded.is === "value" ? decoded.value : {}) as YamlMap, issues: context.issues };
}

/** As `decodeDocument`, with what go-yaml refuses outright as an AppError. */
export const readDocument = (map: YamlMapNode, contract: VersionContract, what: string): DecodedDocument =>
  readingYaml(what, () => decodeDocument(map, contract));

/** The sentence for the first of the issues. Never holds a value. */
export function decodeRefusal(what: string, { path, place, problem, hint }: DecodeIssue): AppError {
  const at = path.length === 0 ? "" : `${path.map(String).join(".")}: `;
  return new AppError("invalid-input", `${what} cannot be used: ${at}${problem} (line ${place.line}).`, {
    hint: hint ?? "Correct that line and try again.",
  });
}
