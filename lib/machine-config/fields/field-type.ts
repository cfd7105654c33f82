/** How Talos' Go code types a field, which decides what a YAML scalar means there. `pointer`: unset and zero differ. */
export type FieldType = { pointer: boolean } & (
  | { is: "string" }
  | { is: "bool" }
  | { is: "duration" }
  | { is: "any" }
  | { is: "bytes" }
  | { is: "int"; bits: number }
  | { is: "uint"; bits: number }
  | { is: "float"; bits: number }
  | { is: "list"; of: FieldType }
  | { is: "map"; key: FieldType; of: FieldType }
  | { is: "struct"; name: string }
  /** A type with a decoder of its own: an address, a size, an enumeration (see `NamedType`). */
  | { is: "named"; name: string }
);

type Names = { structs: ReadonlySet<string>; named: ReadonlySet<string> };

const plain = ["string", "bool", "duration", "any", "bytes"] as const;

/** Reads Go's notation: `*v1alpha1.MachineConfig`, `[]string`, `map[string]bool`, `uint16`. Throws for names that are not in `names`. */
export function parseFieldType(text: string, names: Names): FieldType {
  const pointer = text.startsWith("*");
  const rest = pointer ? text.slice(1) : text;
  if (rest.startsWith("[]")) return { pointer, is: "list", of: parseFieldType(rest.slice(2), names) };
  const map = /^map\[([^\]]*)\](.*)$/.exec(rest);
  if (map) {
    const [, key = "", value = ""] = map;
    return { pointer, is: "map", key: parseFieldType(key, names), of: parseFieldType(value, names) };
  }
  const number = /^(int|uint|float)(8|16|32|64)?$/.exec(rest);
  if (number)
    return {
      pointer,
      is: number[1] as "int" | "uint" | "float",
      bits: number[2] === undefined ? 64 : Number(number[2]),
    };
  for (const is of plain) if (is === rest) return { pointer, is };
  if (names.structs.has(rest)) return { pointer, is: "struct", name: rest };
  if (names.named.has(rest)) return { pointer, is: "named", name: rest };
  throw new Error(`The field table names a type ${rest} that it does not have.`);
}
