import { YamlProblem } from "@/lib/core/yaml-compose";
import type { YamlScalar } from "@/lib/core/yaml-node";
import { isNullScalar as isNull } from "@/lib/core/yaml-untyped";
import { decodePlainType } from "@/lib/machine-config/decode/decode-scalar";
import type { FieldType } from "@/lib/machine-config/fields/field-type";

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof YamlProblem) return null;
    throw error;
  }
}

/** Is it nothing: `~`, `null`, or left out? Talos' decoder leaves such a field as it was. */
export const isNullScalar = (scalar: YamlScalar): boolean => attempt(() => isNull(scalar)) ?? false;

/**
 * What is wrong with a scalar in a field of one of Go's own types, or null.
 *
 * @param newest go-yaml as in Talos 1.14 (`DecodeContext`).
 */
export function scalarProblem(scalar: YamlScalar, type: FieldType, newest: boolean): string | null {
  const decoded = attempt(
    () => decodePlainType(scalar, type, newest ? "v4-rc6" : "v4-rc4") ?? { is: "unset" as const },
  );
  if (decoded === null) return "The value does not fit its YAML tag.";
  if (decoded.is !== "wrong") return null;
  return `${decoded.problem.charAt(0).toUpperCase()}${decoded.problem.slice(1)}.`;
}
