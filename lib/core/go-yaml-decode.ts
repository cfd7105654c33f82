import type { YamlValue } from "@/lib/core/go-yaml";
import type { GoYamlFlavor } from "@/lib/core/go-yaml-scalar";
import type { YamlScalar } from "@/lib/core/yaml-node";
import { bytesValue, integerValue, resolveScalar } from "@/lib/core/yaml-untyped";

/** `unset`: go-yaml leaves the place as it is. `nil`: it clears it. `wrong`: it refuses; what is expected, as a clause. */
export type Decoded = { is: "value"; value: YamlValue } | { is: "unset" | "nil" } | { is: "wrong"; problem: string };

/** A value that was read. */
export const decodedValue = (made: YamlValue): Decoded => ({ is: "value", value: made });
/** What go-yaml refuses; `problem` says what is expected. */
export const decodedWrong = (problem: string): Decoded => ({ is: "wrong", problem });

/**
 * A scalar into a Go string: what was written, whatever it looks like; go-yaml never makes a text of the number that it saw.
 *
 * @param flavor `v4-rc6` refuses a bare timestamp here (constructor.go of v4.0.0-rc.6); older ones take it.
 */
export function decodeText(scalar: YamlScalar, flavor: GoYamlFlavor): Decoded {
  const resolved = resolveScalar(scalar, flavor);
  switch (resolved.tag) {
    case "!!null":
      return { is: "unset" };
    case "!!binary":
      return decodedValue(bytesValue(resolved.value));
    case "!!timestamp":
      return flavor === "v4-rc6"
        ? decodedWrong("a text is expected, and this is read as a date; put it in quotes")
        : decodedValue(scalar.text);
    default:
      return decodedValue(scalar.text);
  }
}

// What people write for a bool in YAML 1.1; go-yaml takes it where a bool is expected, in quotes too.
const oldTrue = /^(?:y|Y|yes|Yes|YES|on|On|ON)$/;
const oldFalse = /^(?:n|N|no|No|NO|off|Off|OFF)$/;

export function decodeBool(scalar: YamlScalar, flavor: GoYamlFlavor): Decoded {
  const resolved = resolveScalar(scalar, flavor);
  if (resolved.tag === "!!null") return { is: "unset" };
  if (resolved.tag === "!!bool") return decodedValue(resolved.value);
  if (resolved.tag === "!!str" && oldTrue.test(resolved.value)) return decodedValue(true);
  if (resolved.tag === "!!str" && oldFalse.test(resolved.value)) return decodedValue(false);
  return decodedWrong("true or false is expected");
}

/** Floats are taken where nothing is lost (`1e3`), numbers in quotes are not. */
function wholeNumber(scalar: YamlScalar, flavor: GoYamlFlavor): bigint | null {
  const resolved = resolveScalar(scalar, flavor);
  if (resolved.tag === "!!int") return resolved.value;
  return resolved.tag === "!!float" && Number.isInteger(resolved.value) ? BigInt(resolved.value) : null;
}

/** @param bits of Go's type; a number that does not fit is refused. */
export function decodeInteger(scalar: YamlScalar, signed: boolean, bits: number, flavor: GoYamlFlavor): Decoded {
  if (resolveScalar(scalar, flavor).tag === "!!null") return { is: "unset" };
  const number = wholeNumber(scalar, flavor);
  if (number === null) return decodedWrong("a whole number is expected");
  const size = BigInt(signed ? bits - 1 : bits);
  const fits = number < 2n ** size && number >= (signed ? -(2n ** size) : 0n);
  return fits ? decodedValue(integerValue(number)) : decodedWrong(`a whole number of ${bits} bits is expected`);
}
