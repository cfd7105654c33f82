import type { YamlValue } from "@/lib/core/go-yaml";
import {
  decodeBool,
  type Decoded,
  decodedValue,
  decodedWrong,
  decodeInteger,
  decodeText,
} from "@/lib/core/go-yaml-decode";
import { numberText, type GoYamlFlavor } from "@/lib/core/go-yaml-scalar";
import { verbatim, verbatimText } from "@/lib/core/go-yaml-verbatim";
import type { YamlScalar } from "@/lib/core/yaml-node";
import { bytesValue, floatValue, resolveScalar, untypedScalar } from "@/lib/core/yaml-untyped";
import type { FieldType } from "@/lib/machine-config/fields/field-type";

const value = decodedValue;
const wrong = decodedWrong;

export function decodeFloat(scalar: YamlScalar, flavor: GoYamlFlavor): Decoded {
  const resolved = resolveScalar(scalar, flavor);
  if (resolved.tag === "!!null") return { is: "unset" };
  if (resolved.tag === "!!int") return value(floatValue(Number(resolved.value)));
  return resolved.tag === "!!float" ? value(floatValue(resolved.value)) : wrong("a number is expected");
}

const duration = /^[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** A Go duration: `1m30s`, or a bare 0. */
export function decodeDuration(scalar: YamlScalar, flavor: GoYamlFlavor): Decoded {
  const resolved = resolveScalar(scalar, flavor);
  if (resolved.tag === "!!null") return { is: "unset" };
  if (resolved.tag === "!!str" && duration.test(resolved.value)) return value(resolved.value);
  if (resolved.tag === "!!int" && resolved.value === 0n) return value(0);
  if (flavor === "v4-rc6" && resolved.tag === "!!float" && Number.isInteger(resolved.value))
    return value(`${resolved.value}ns`);
  return wrong("a duration such as 30s or 1m30s is expected");
}

/** A type that Go decodes from the text of a scalar: an address, a size, an enumeration. */
export function decodeByText(scalar: YamlScalar, flavor: GoYamlFlavor): Decoded {
  const resolved = resolveScalar(scalar, flavor);
  if (resolved.tag === "!!null") return { is: "unset" };
  return value(resolved.tag === "!!binary" ? bytesValue(resolved.value) : scalar.text);
}

/** `network.PortRange` and the like: a number of 16 bits, else a text. */
export function decodePort(scalar: YamlScalar, flavor: GoYamlFlavor): Decoded {
  const port = decodeInteger(scalar, false, 16, flavor);
  return port.is === "wrong" ? decodeText(scalar, flavor) : port;
}

/** A value of no known type: read by its form, written as it was. */
export function keptScalar(scalar: YamlScalar, flavor: GoYamlFlavor): YamlValue | undefined {
  const read = untypedScalar(scalar, flavor);
  if (!scalar.plain || scalar.tag !== "" || read === null || read === undefined) return read;
  const written =
    typeof read === "string"
      ? (verbatimText(read) ?? read)
      : typeof read === "boolean"
        ? String(read)
        : numberText(Number(read));
  if (written === scalar.text) return read;
  const asWritten = verbatim(scalar.text);
  return verbatimText(asWritten) === null ? read : asWritten;
}

/** Decodes scalars of Go's own types. Null where the type takes no scalar. */
export function decodePlainType(scalar: YamlScalar, type: FieldType, flavor: GoYamlFlavor): Decoded | null {
  switch (type.is) {
    case "string":
    case "bytes":
      return decodeText(scalar, flavor);
    case "bool":
      return decodeBool(scalar, flavor);
    case "int":
    case "uint":
      return decodeInteger(scalar, type.is === "int", type.bits, flavor);
    case "float":
      return decodeFloat(scalar, flavor);
    case "duration":
      return decodeDuration(scalar, flavor);
    case "any":
    case "list":
    case "map":
    case "struct":
    case "named":
      return null;
  }
}
