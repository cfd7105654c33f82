/** Go's `omitempty`: nothing in place of a zero value, an empty list or an empty map. */
export function omitEmpty<Value>(value: Value): Value | undefined {
  if (value === "" || value === 0 || value === 0n || value === false || value === null) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value;
  if (typeof value === "object" && Object.keys(value ?? {}).length === 0) return undefined;
  return value;
}
