import type { YamlListNode, YamlMapNode, YamlNode } from "@/lib/core/yaml-node";
import { ownMembers } from "@/lib/core/yaml-untyped";
import { whereItBelongs } from "@/lib/machine-config/check/misplaced";
import {
  argumentProblem,
  certificatePartProblem,
  isMappedType,
  namedScalarProblem,
} from "@/lib/machine-config/check/named";
import { isNullScalar, scalarProblem } from "@/lib/machine-config/check/scalar";
import type { FieldType } from "@/lib/machine-config/fields/field-type";
import { documentType } from "@/lib/machine-config/fields/field-at";
import { fieldTable, type FieldTable } from "@/lib/machine-config/fields/table";
import { contractAtLeast, type VersionContract } from "@/lib/machine-config/schema";

/** A finding of the decoder: where, counted from the document's top, and what. */
export type DecodeIssue = { path: readonly string[]; message: string };

type Place = {
  table: FieldTable;
  newest: boolean;
  kind: string;
  path: readonly string[];
  report: (issue: DecodeIssue) => void;
};

const below = (place: Place, step: string | number): Place => ({ ...place, path: [...place.path, String(step)] });
const tell = ({ report, path }: Place, message: string): void => report({ path, message });

const shapes = { scalar: "a single value", list: "a list", map: "a mapping" } as const;

function isText(node: YamlNode): boolean {
  return node.kind === "scalar" && scalarProblem(node, { pointer: false, is: "string" }, true) === null;
}

/** `-10.0.0.0/24`, or `-interface: eth0`, which is a mapping. */
function startsWithDash(node: YamlNode): boolean {
  if (node.kind === "map") return node.members.some(({ key }) => key.kind === "scalar" && /^-\S/.test(key.text));
  return node.kind === "scalar" && /^-\S/.test(node.text);
}

function wrongShape(place: Place, wanted: string, node: YamlNode): void {
  const dash = wanted === "a list" && startsWithDash(node) ? " (a dash without a space?)" : "";
  const found = isText(node) ? "a text" : shapes[node.kind];
  tell(place, `${capital(wanted)} is wanted, this is ${found}${dash}.`);
}

const noSuchField = (advice: string): string =>
  `Talos knows no such field here${advice}${advice.endsWith("?") ? "" : "."}`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const isNull = (node: YamlNode): boolean => node.kind === "scalar" && isNullScalar(node);

/**
 * Decodes a document as Talos does, strictly and by Go type, and tells what Talos refuses: unknown fields, lists for texts, numbers out of
 * range, values that a decoder of its own does not read (configloader/internal/decoder, xyaml.CheckUnknownKeys). Nothing for kinds that the
 * release does not know.
 */
export function decodeIssues(kind: string, node: YamlNode, contract: VersionContract): DecodeIssue[] {
  const issues: DecodeIssue[] = [];
  const table = fieldTable(contract);
  const type = documentType(table, kind);
  const newest = contractAtLeast(contract, "1.14");
  if (type) decode({ table, newest, kind, path: [], report: (issue) => issues.push(issue) }, type, node);
  return issues;
}

function decode(place: Place, type: FieldType, node: YamlNode): void {
  if (type.is === "any" || isNull(node)) return;
  switch (type.is) {
    case "struct":
      return structure(place, place.table.structs.get(type.name) ?? new Map<string, FieldType>(), node);
    case "named":
      return named(place, type.name, node);
    case "list":
      return node.kind === "list" ? items(place, type.of, node) : wrongShape(place, "a list", node);
    case "map":
      return node.kind === "map" ? values(place, type.of, node) : wrongShape(place, "a mapping", node);
    case "bytes":
      throw new Error("No field of a config is plain bytes.");
    default: {
      if (node.kind !== "scalar") return wrongShape(place, type.is === "string" ? "a text" : "a single value", node);
      const problem = scalarProblem(node, type, place.newest);
      if (problem !== null) tell(place, problem);
    }
  }
}

function structure(place: Place, fields: ReadonlyMap<string, FieldType>, node: YamlNode): void {
  if (node.kind !== "map") return wrongShape(place, "a mapping", node);
  for (const { key, value } of ownMembers(node)) {
    if (key.kind !== "scalar") {
      tell(place, "A key has to be a text.");
      continue;
    }
    const type = fields.get(key.text) ?? fields.get("*");
    const at = below(place, key.text);
    if (type) decode(at, type, value);
    else tell(at, noSuchField(whereItBelongs(place.table, place.kind, at.path, fields)));
  }
}

function items(place: Place, type: FieldType, list: YamlListNode): void {
  for (const [index, item] of list.items.entries()) element(below(place, index), type, item);
}

function values(place: Place, type: FieldType, map: YamlMapNode): void {
  for (const { key, value } of ownMembers(map)) {
    if (key.kind === "scalar") element(below(place, key.text), type, value);
    else tell(place, "A key has to be a text.");
  }
}

/** A null in a list or map of structs crashed older releases, and is refused since 1.14 (xyaml.CheckNullElements). */
function element(place: Place, type: FieldType, node: YamlNode): void {
  if (type.pointer && isNull(node) && place.newest) tell(place, "It is empty.");
  else decode(place, type, node);
}

function named(place: Place, name: string, node: YamlNode): void {
  const type = place.table.named.get(name);
  if (!type) throw new Error(`The field table does not describe the type ${name}.`);
  if (name.endsWith(".ArgValue")) {
    const problem = argumentProblem(node, place.newest);
    if (problem !== null) tell(place, problem);
    return;
  }
  if (type.base?.is === "list") return decode(place, type.base, node);
  if (isMappedType(type)) return certificate(place, type.fields ?? new Map<string, FieldType>(), node);
  if (node.kind !== "scalar") return wrongShape(place, "a single value", node);
  const problem = namedScalarProblem(name, type, node, place.newest);
  if (problem !== null) tell(place, problem.replace("https://", schemeOf(place)));
}

/** What a URL of the field begins with. */
function schemeOf({ kind, path }: Place): string {
  if (kind === "KmsgLogConfig" || path.includes("logging")) return "tcp:// or udp://";
  return kind === "SideroLinkConfig" ? "grpc://" : "https://";
}

function certificate(place: Place, fields: ReadonlyMap<string, FieldType>, node: YamlNode): void {
  if (node.kind !== "map") return wrongShape(place, "a mapping", node);
  for (const { key, value } of ownMembers(node)) {
    const name = key.kind === "scalar" ? key.text : "";
    const at = below(place, name);
    if (!fields.has(name)) tell(at, noSuchField(whereItBelongs(place.table, place.kind, at.path, fields)));
    else if (value.kind !== "scalar") wrongShape(at, "a text", value);
    else if (!isNull(value)) {
      const problem = certificatePartProblem(name, value);
      if (problem !== null) tell(at, problem);
    }
  }
}
