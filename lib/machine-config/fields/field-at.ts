import type { FieldType } from "@/lib/machine-config/fields/field-type";
import { fieldTable, type FieldTable } from "@/lib/machine-config/fields/table";
import type { VersionContract } from "@/lib/machine-config/schema";

/** The document without a kind has this name in the table. */
export const legacyKind = "v1alpha1";

/** The type of a whole document. Undefined where the release does not know the kind. */
export function documentType(table: FieldTable, kind: string): FieldType | undefined {
  const name = table.kinds.get(kind === "" ? legacyKind : kind);
  return name === undefined ? undefined : { pointer: false, is: "struct", name };
}

/**
 * The type of a member: of a struct's field, a map's value, a list's item. Undefined where there is none: an unknown field, or a step into a
 * scalar. Everything below `any` is `any`.
 */
export function memberType(table: FieldTable, type: FieldType, step: string | number): FieldType | undefined {
  switch (type.is) {
    case "struct": {
      const fields = table.structs.get(type.name);
      return typeof step === "string" ? (fields?.get(step) ?? fields?.get("*")) : undefined;
    }
    case "map":
      return typeof step === "string" ? type.of : undefined;
    case "list":
      return typeof step === "number" ? type.of : undefined;
    case "named": {
      const named = table.named.get(type.name);
      if (named?.fields && typeof step === "string") return named.fields.get(step);
      return named?.base ? memberType(table, named.base, step) : undefined;
    }
    case "any":
      return type;
    default:
      return undefined;
  }
}

/**
 * The type of the field at a path of keys and indexes, `["machine", "kubelet", "nodeIP", "validSubnets", 0]`; `kind` is empty for the v1alpha1
 * document. Undefined where the release knows no such kind or field.
 */
export function fieldAt(
  contract: VersionContract,
  kind: string,
  path: readonly (string | number)[],
): FieldType | undefined {
  const table = fieldTable(contract);
  let type = documentType(table, kind);
  for (const step of path) {
    if (type === undefined) return undefined;
    type = memberType(table, type, step);
  }
  return type;
}
