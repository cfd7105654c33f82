import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { WireValue } from "./wire-value";
import { jsonOfStruct, structOfJson } from "./wire-struct";

/** What the generated code takes and gives for a message. */
type Members = Record<string, unknown>;

const wide = new Set<ScalarType | undefined>([
  ScalarType.INT64,
  ScalarType.SINT64,
  ScalarType.SFIXED64,
  ScalarType.UINT64,
  ScalarType.FIXED64,
]);

const structName = "google.protobuf.Struct";

/** The generated code's names: `current_frequency` is `currentFrequency`. */
const nameOf = (field: DescField): string => field.localName;

function singleToObject(field: DescField, value: unknown): unknown {
  if (field.message) return toObject(field.message, value as WireValue);
  if (wide.has(field.scalar)) return BigInt(String(value));
  return field.scalar === ScalarType.BYTES ? Buffer.from(String(value), "base64") : value;
}

function singleToValue(field: DescField, object: unknown): unknown {
  if (field.message) return toValue(field.message, object);
  if (wide.has(field.scalar)) return String(object);
  return field.scalar === ScalarType.BYTES ? Buffer.from(object as Uint8Array).toString("base64") : object;
}

const each = (map: unknown, change: (value: unknown) => unknown): Members =>
  Object.fromEntries(Object.entries(map as Members).map(([key, value]) => [key, change(value)]));

function memberToObject(field: DescField, value: unknown): unknown {
  if (field.fieldKind === "list")
    return ((value as unknown[] | undefined) ?? []).map((item) => singleToObject(field, item));
  if (field.fieldKind === "map") return each(value ?? {}, (item) => singleToObject(field, item));
  if (value !== undefined) return singleToObject(field, value);
  // Unset: a message or an `optional` field is undefined, everything else its zero value.
  if (field.message || field.proto.proto3Optional) return undefined;
  if (wide.has(field.scalar)) return 0n;
  if (field.scalar === ScalarType.STRING) return "";
  if (field.scalar === ScalarType.BYTES) return Buffer.alloc(0);
  return field.scalar === ScalarType.BOOL ? false : 0;
}

/** A value in the form of the generated code (`ts-proto`: bigint, Date, Buffer, oneofs as unions). */
export function toObject(descriptor: DescMessage, value: WireValue): unknown {
  if (descriptor.typeName === "google.protobuf.Timestamp")
    return new Date(Number(value.seconds ?? 0) * 1000 + Number(value.nanos ?? 0) / 1_000_000);
  if (descriptor.typeName === structName) return jsonOfStruct(value);
  const object: Members = {};
  for (const part of descriptor.members) {
    if (part.kind === "field") {
      object[nameOf(part)] = memberToObject(part, value[part.name]);
      continue;
    }
    const chosen = part.fields.find(({ name }) => value[name] !== undefined);
    object[part.localName] = chosen && { $case: nameOf(chosen), value: singleToObject(chosen, value[chosen.name]) };
  }
  return object;
}

/** Does the wire carry it? Fields without presence are left out where they are zero. */
function isCarried(field: DescField, object: unknown): boolean {
  if (object === undefined) return false;
  if (Array.isArray(object)) return object.length > 0;
  if (field.fieldKind === "map") return Object.keys(object as Members).length > 0;
  if (field.message || field.proto.proto3Optional) return true;
  if (Buffer.isBuffer(object) || object instanceof Uint8Array) return object.length > 0;
  return object !== 0 && object !== 0n && object !== "" && object !== false;
}

function memberToValue(field: DescField, object: unknown): unknown {
  if (field.fieldKind === "list") return (object as unknown[]).map((item) => singleToValue(field, item));
  if (field.fieldKind === "map") return each(object, (item) => singleToValue(field, item));
  return singleToValue(field, object);
}

/** The inverse of `toObject`; what is not carried on the wire is absent. */
export function toValue(descriptor: DescMessage, object: unknown): WireValue {
  if (object instanceof Date) {
    const seconds = Math.floor(object.getTime() / 1000);
    const nanos = (object.getTime() - seconds * 1000) * 1_000_000;
    return { ...(seconds !== 0 && { seconds: String(seconds) }), ...(nanos !== 0 && { nanos }) };
  }
  if (descriptor.typeName === structName) return structOfJson(object as Parameters<typeof structOfJson>[0]);
  const value: WireValue = {};
  for (const part of descriptor.members) {
    const member = (object as Members)[part.kind === "oneof" ? part.localName : nameOf(part)];
    if (part.kind === "field") {
      if (isCarried(part, member)) value[part.name] = memberToValue(part, member);
      continue;
    }
    const union = member as { $case: string; value: unknown } | undefined;
    const chosen = union && part.fields.find((field) => nameOf(field) === union.$case);
    if (union && chosen) value[chosen.name] = memberToValue(chosen, union.value);
  }
  return value;
}
