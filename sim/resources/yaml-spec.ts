/** Plain data as a resource's spec holds it. `undefined` members are left out, as Go's omitempty does. */
export type SpecValue =
  string | number | bigint | boolean | null | undefined | readonly SpecValue[] | { readonly [key: string]: SpecValue };

const plain = /^[A-Za-z_/][A-Za-z0-9_./+@() -]*[A-Za-z0-9_./+@()-]$|^[A-Za-z/]$/;
const notAString = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i;

function scalar(value: string | number | bigint | boolean | null | undefined): string {
  if (value === null || value === undefined) return "null";
  if (typeof value !== "string") return String(value);
  return plain.test(value) && !notAString.test(value) ? value : JSON.stringify(value);
}

const isList = (value: SpecValue): value is readonly SpecValue[] => Array.isArray(value);
const isMap = (value: SpecValue): value is { readonly [key: string]: SpecValue } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function lines(value: SpecValue, indent: string): string {
  if (isList(value)) {
    return value.map((item) => `${indent}- ${block(item, `${indent}  `).trimStart()}`).join("");
  }
  if (isMap(value)) {
    let text = "";
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue;
      const nested = (isList(member) && member.length > 0) || (isMap(member) && Object.keys(member).length > 0);
      text += nested
        ? `${indent}${scalar(key)}:\n${lines(member, `${indent}    `)}`
        : `${indent}${scalar(key)}: ${block(member, "")}`;
    }
    return text;
  }
  return `${indent}${scalar(value)}\n`;
}

function block(value: SpecValue, indent: string): string {
  if (isList(value) && value.length === 0) return "[]\n";
  if (isMap(value) && Object.keys(value).length === 0) return "{}\n";
  return lines(value, indent);
}

/** The YAML that a node sends as `yaml_spec`: block style, four spaces, keys in the order given. */
export const yamlSpec = (value: SpecValue): string => block(value, "");
