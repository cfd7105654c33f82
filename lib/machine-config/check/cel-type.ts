/** The type of a CEL expression. `dyn` fits everything. */
export type CelType =
  | { is: "bool" | "int" | "uint" | "double" | "string" | "bytes" | "null" | "dyn" | "duration" | "timestamp" | "type" }
  | { is: "list"; of: CelType }
  | { is: "map"; key: CelType; of: CelType }
  | { is: "optional"; of: CelType }
  /** `since`: the first release of fields that not all have. */
  | { is: "object"; name: string; fields: ReadonlyMap<string, CelType>; since: ReadonlyMap<string, string> };

export type CelFunction = { name: string; args: readonly CelType[]; gives: CelType };
export type CelEnvironment = { names: ReadonlyMap<string, CelType>; functions: readonly CelFunction[] };

export const showCelType = (type: CelType): string => {
  if (type.is === "list") return `a list of ${showCelType(type.of)}`;
  return type.is === "object" ? type.name : type.is;
};

/** May a value of the one stand where the other is wanted? */
export function fitsCelType(left: CelType, right: CelType): boolean {
  if (left.is === "dyn" || right.is === "dyn") return true;
  if (left.is === "list" && right.is === "list") return fitsCelType(left.of, right.of);
  if (left.is === "optional" && right.is === "optional") return fitsCelType(left.of, right.of);
  if (left.is === "map" && right.is === "map")
    return fitsCelType(left.key, right.key) && fitsCelType(left.of, right.of);
  if (left.is === "object" && right.is === "object") return left.name === right.name;
  // null stands for any message, duration and timestamp.
  const nullable = (type: CelType) => type.is === "object" || type.is === "duration" || type.is === "timestamp";
  if (left.is === "null") return right.is === "null" || nullable(right);
  if (right.is === "null") return nullable(left);
  return left.is === right.is;
}
