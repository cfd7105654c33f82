import type { Json } from "./hostile";
import type { WireValue } from "./wire-value";

// Free-form values: the generated code has them as plain JSON, the wire as google.protobuf.Struct, Value and ListValue.

function valueOfJson(json: Json): WireValue {
  if (json === null) return { null_value: 0 };
  if (typeof json === "boolean") return { bool_value: json };
  if (typeof json === "number") return { number_value: json };
  if (typeof json === "string") return { string_value: json };
  if (Array.isArray(json)) return { list_value: json.length > 0 ? { values: json.map(valueOfJson) } : {} };
  return { struct_value: structOfJson(json) };
}

export function structOfJson(json: { [key: string]: Json }): WireValue {
  const entries = Object.entries(json);
  return entries.length > 0
    ? { fields: Object.fromEntries(entries.map(([key, item]) => [key, valueOfJson(item)])) }
    : {};
}

function jsonOfValue(value: WireValue): Json {
  if ("struct_value" in value) return jsonOfStruct(value.struct_value as WireValue);
  if ("list_value" in value) {
    const { values = [] } = value.list_value as { values?: WireValue[] };
    return values.map(jsonOfValue);
  }
  const [scalar] = Object.entries(value).flatMap(([name, member]) =>
    name === "null_value" ? [null] : [member as Json],
  );
  return scalar ?? null;
}

export const jsonOfStruct = ({ fields }: WireValue): { [key: string]: Json } =>
  Object.fromEntries(
    Object.entries((fields as Record<string, WireValue> | undefined) ?? {}).map(([key, value]) => [
      key,
      jsonOfValue(value),
    ]),
  );
