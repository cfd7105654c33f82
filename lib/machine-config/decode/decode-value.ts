import type { YamlValue } from "@/lib/core/go-yaml";
import type { GoYamlFlavor } from "@/lib/core/go-yaml-scalar";
import { decodeText, type Decoded } from "@/lib/core/go-yaml-decode";
import { markHint, markWords, unrenderedMark } from "@/lib/core/unrendered/marks";
import type { YamlListNode, YamlMapNode, YamlNode, YamlScalar } from "@/lib/core/yaml-node";
import {
  isNullScalar,
  mergedMaps,
  ownMembers,
  resolveScalar,
  resolveUntyped,
  untypedKey,
  untypedScalar,
} from "@/lib/core/yaml-untyped";
import type { ConfigPath, DecodeContext } from "@/lib/machine-config/decode/decode-context";
import { decodeByText, decodePlainType, decodePort, keptScalar } from "@/lib/machine-config/decode/decode-scalar";
import type { FieldType } from "@/lib/machine-config/fields/field-type";
import { memberType } from "@/lib/machine-config/fields/field-at";

const nil: Decoded = { is: "nil" };
const made = (value: YamlValue): Decoded => ({ is: "value", value });

/** Types whose empty value is nothing, so that null can be one of them in a list. */
const holdsNil = (type: FieldType): boolean => type.pointer || ["any", "list", "map", "bytes"].includes(type.is);

/** A tree as a Go value of the type would hold it: see `decodeDocument`. */
export function decodeValue(node: YamlNode, type: FieldType, path: ConfigPath, context: DecodeContext): Decoded {
  if (type.is === "any") return decodeAny(node, context);
  if (node.kind === "scalar") return decodeScalar(node, type, path, context);
  const target = beneath(type, context);
  if (node.kind === "list" && target.is === "list") return decodeList(node, target.of, path, context);
  if (node.kind === "list" && type.is === "named" && type.name.endsWith(".ArgValue")) {
    return decodeList(node, { pointer: false, is: "string" }, path, context);
  }
  if (node.kind === "map" && takesMap(target, context)) return decodeMap(node, target, path, context);
  context.refuse(path, node, expected(target));
  return made(kept(node, context.flavor));
}

function decodeAny(node: YamlNode, { flavor }: DecodeContext): Decoded {
  if (node.kind !== "scalar") return made(resolveUntyped(node, { keys: "typed", flavor }));
  const value = untypedScalar(node, flavor);
  return value === undefined ? { is: "unset" } : value === null ? nil : made(value);
}

/** Lists with a decoder of their own are lists. */
function beneath(type: FieldType, context: DecodeContext): FieldType {
  const base = type.is === "named" ? context.table.named.get(type.name)?.base : null;
  return base?.is === "list" ? base : type;
}

const takesMap = (type: FieldType, { table }: DecodeContext): boolean =>
  type.is === "map" ||
  type.is === "struct" ||
  (type.is === "named" && (table.named.get(type.name)?.fields ?? null) !== null);

export const listExpected = "a list is expected";

function expected(type: FieldType): string {
  if (type.is === "list") return listExpected;
  if (type.is === "map" || type.is === "struct") return "a mapping is expected";
  return "a single value is expected";
}

function decodeScalar(scalar: YamlScalar, type: FieldType, path: ConfigPath, context: DecodeContext): Decoded {
  const decoded = scalarOf(scalar, type, context);
  if (decoded.is === "unset" && isNullScalar(scalar, context.flavor) && holdsNil(beneath(type, context))) return nil;
  if (decoded.is !== "wrong") return decoded;
  // A bare << that is no key: go-yaml of 1.14 neither takes nor refuses it (`constructMerge`).
  if (context.flavor === "v4-rc6" && resolveScalar(scalar, context.flavor).tag === "!!merge") return { is: "unset" };
  // What another tool should have filled in is the cause; a list is judged once it is merged.
  const mark = decoded.problem === listExpected ? null : unrenderedMark(scalar.text);
  if (mark) context.refuse(path, scalar, markWords(mark), markHint(mark));
  else context.refuse(path, scalar, decoded.problem);
  return made(keptScalar(scalar, context.flavor) ?? null);
}

function scalarOf(scalar: YamlScalar, type: FieldType, context: DecodeContext): Decoded {
  const plain = decodePlainType(scalar, type, context.flavor);
  if (plain) return plain;
  if (type.is === "named" && beneath(type, context) === type) {
    const named = context.table.named.get(type.name);
    if (named?.decoder === "text") return decodeByText(scalar, context.flavor);
    if (type.name === "network.PortRange") return decodePort(scalar, context.flavor);
    if (!named?.fields) return decodeText(scalar, context.flavor);
  }
  if (isNullScalar(scalar, context.flavor)) return { is: "unset" };
  const target = beneath(type, context);
  return { is: "wrong", problem: target.is === "named" ? "a mapping is expected" : expected(target) };
}

/** go-yaml drops what it cannot put into an element, null among it. */
function decodeList(list: YamlListNode, of: FieldType, path: ConfigPath, context: DecodeContext): Decoded {
  const items: YamlValue[] = [];
  for (const [index, item] of list.items.entries()) {
    const decoded = decodeValue(item, of, [...path, index], context);
    if (decoded.is === "value") items.push(decoded.value);
    else if (decoded.is === "nil") items.push(null);
  }
  return made(items);
}

type Members = Map<string, YamlValue>;

function decodeMap(map: YamlMapNode, type: FieldType, path: ConfigPath, context: DecodeContext): Decoded {
  const members: Members = new Map();
  decodeMembers(map, type, path, context, members, null);
  return made(Object.fromEntries(members));
}

/**
 * Own members first, then those of merge keys that are not among them. As go-yaml does, what stands nearer is noted by what its key
 * resolves to, and looked up by the text that it becomes.
 *
 * @param taken keys that are given already; null outside of a merge.
 */
function decodeMembers(
  map: YamlMapNode,
  type: FieldType,
  path: ConfigPath,
  context: DecodeContext,
  members: Members,
  taken: Set<string> | null,
): void {
  for (const { key, value } of ownMembers(map)) {
    const name = keyOf(key, type, path, context);
    if (name === null) continue;
    if (taken?.has(name)) continue;
    taken?.add(name);
    putMember(members, name, value, type, [...path, name], context);
  }
  const merged = mergedMaps(map);
  if (merged.length === 0) return;
  const given = taken ?? new Set(ownMembers(map).flatMap(({ key }) => untypedKey(key, context.flavor) ?? []));
  for (const from of merged) decodeMembers(from, type, path, context, members, given);
}

/** null = go-yaml passes over the member. */
function keyOf(key: YamlNode, type: FieldType, path: ConfigPath, context: DecodeContext): string | null {
  if (key.kind !== "scalar") {
    context.refuse(path, key, "a mapping or list is used as a key");
    return null;
  }
  const decoded = decodeText(key, context.flavor);
  if (decoded.is === "value" && typeof decoded.value === "string") return decoded.value;
  if (decoded.is === "wrong") context.refuse(path, key, `of a key, ${decoded.problem}`);
  // A null key is nothing, but an unknown key of an object is for the validation to name.
  const open = type.is === "map" || memberType(context.table, type, key.text) !== undefined;
  return decoded.is === "unset" && open ? null : key.text;
}

function putMember(
  members: Members,
  name: string,
  value: YamlNode,
  type: FieldType,
  path: ConfigPath,
  context: DecodeContext,
): void {
  const field = memberType(context.table, type, name);
  if (!field) {
    members.set(name, kept(value, context.flavor));
    return;
  }
  const decoded = decodeValue(value, field, path, context);
  if (decoded.is === "value") members.set(name, decoded.value);
  // null in a map makes an empty value of its type; in an object it leaves the field alone, which a null says to all that read it.
  else if (type.is === "map" && decoded.is === "unset")
    putEmpty(members, name, isNullScalar(value, context.flavor), field);
  // What is dropped elsewhere is nil in an object that takes any key.
  else if (decoded.is === "nil" || (type.is === "struct" && field.is === "any") || isNullScalar(value, context.flavor))
    members.set(name, null);
}

function putEmpty(members: Members, name: string, isNull: boolean, field: FieldType): void {
  if (!isNull || members.has(name)) return;
  if (field.is === "string") members.set(name, "");
  else if (field.is === "bool") members.set(name, false);
  else members.set(name, null);
}

/** A tree of no known type: read by the form of its values, which are written as they were; keys are texts. */
export function kept(node: YamlNode, flavor: GoYamlFlavor): YamlValue {
  if (node.kind === "scalar") return keptScalar(node, flavor) ?? null;
  if (node.kind === "list") return node.items.map((item) => kept(item, flavor));
  const members: Members = new Map();
  keepMembers(node, members, flavor);
  return Object.fromEntries(members);
}

function keepMembers(map: YamlMapNode, members: Members, flavor: GoYamlFlavor): void {
  for (const { key, value } of ownMembers(map)) {
    const name = key.kind === "scalar" ? key.text : untypedKey(key, flavor);
    if (name !== undefined && !members.has(name)) members.set(name, kept(value, flavor));
  }
  for (const merged of mergedMaps(map)) keepMembers(merged, members, flavor);
}
