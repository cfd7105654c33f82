import { AppError } from "@/lib/core/errors";
import { isYamlSequence, type YamlValue } from "@/lib/core/go-yaml";
import { numberText } from "@/lib/core/go-yaml-scalar";
import { verbatimText } from "@/lib/core/go-yaml-verbatim";
import { readingYaml } from "@/lib/core/yaml";
import type { YamlMapNode, YamlMember, YamlNode, YamlScalar } from "@/lib/core/yaml-node";
import { bytesValue, integerValue, isMergeKey, mergedMaps, resolveScalar } from "@/lib/core/yaml-untyped";

/*
 * Talos applies JSON patches to the text of a config, which it turns into JSON and back without knowing its fields (configpatcher/json6902.go:
 * github.com/ghodss/yaml, which reads with gopkg.in/yaml.v2). What stands there without quotes is read by form: 1.10 is 1.1, `on` is true.
 */

const what = "The machine config";
const refuse = (problem: string, line: number): AppError =>
  new AppError("invalid-input", `${what} cannot be patched as JSON: ${problem} (line ${line}).`, {
    hint: "Write a strategic merge patch instead, or put the value in quotes.",
  });

const yes = /^(?:y|Y|yes|Yes|YES|on|On|ON)$/;
const no = /^(?:n|N|no|No|NO|off|Off|OFF)$/;

/** A float as Go's JSON has it: a whole one has no exponent below 1e21, so that it comes back as an integer where one can hold it. */
export function jsonNumber(value: number): number | bigint {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? integerValue(BigInt(value)) : value;
}

function scalarValue(scalar: YamlScalar): YamlValue {
  if (scalar.plain && scalar.tag === "") {
    if (yes.test(scalar.text)) return true;
    if (no.test(scalar.text)) return false;
  }
  const resolved = resolveScalar(scalar);
  switch (resolved.tag) {
    case "!!int":
      return integerValue(resolved.value);
    case "!!float":
      if (!Number.isFinite(resolved.value)) throw refuse("JSON has no infinity and no NaN", scalar.line);
      return jsonNumber(resolved.value);
    case "!!binary":
      return verbatimText(bytesValue(resolved.value)) === null ? bytesValue(resolved.value) : resolved.value.toString();
    case "!!timestamp":
      return scalar.text;
    default:
      return resolved.value;
  }
}

/** ghodss/yaml writes a float key with the precision of 32 bits. */
function floatKey(value: number): string {
  const single = Math.fround(value);
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return goFloat(short);
  }
  return goFloat(Number(single.toPrecision(9)));
}

function goFloat(value: number): string {
  if (!Number.isInteger(value) || Math.abs(value) < 1e6) return numberText(value);
  const [mantissa = "0", exponent = "0"] = value.toExponential().split("e");
  return `${mantissa}e+${exponent.slice(1).padStart(2, "0")}`;
}

function keyText(key: YamlNode): string {
  if (key.kind !== "scalar") throw refuse("a mapping or list is used as a key", key.line);
  if (key.plain && key.tag === "" && (yes.test(key.text) || no.test(key.text))) return String(yes.test(key.text));
  const resolved = resolveScalar(key);
  if (resolved.tag === "!!null" || (resolved.tag === "!!int" && resolved.value >= 2n ** 63n))
    throw refuse("JSON has no such key", key.line);
  if (resolved.tag === "!!float" && !/^-0(?:\.0)?$/.test(key.text)) {
    if (Number.isNaN(resolved.value)) return ".nan";
    return Number.isFinite(resolved.value) ? floatKey(resolved.value) : resolved.value > 0 ? ".inf" : "-.inf";
  }
  if (resolved.tag === "!!float") return key.text === "-0" ? "0" : "-0";
  if (resolved.tag === "!!binary") return resolved.value.toString();
  return resolved.tag === "!!timestamp" ? key.text : String(resolved.value);
}

/** yaml.v2 sets members in the order of the text, those of merge keys among them. */
function setMembers(map: YamlMapNode, into: Map<string, YamlValue>): void {
  for (const { key, value } of map.members) {
    if (isMergeKey(key)) for (const merged of mergedMaps(map).reverse()) setMembers(merged, into);
    else into.set(keyText(key), jsonValue(value));
  }
}

function jsonValue(node: YamlNode): YamlValue {
  if (node.kind === "scalar") return scalarValue(node);
  if (node.kind === "list") return node.items.map(jsonValue);
  const members = new Map<string, YamlValue>();
  setMembers(node, members);
  return Object.fromEntries(members);
}

/**
 * A config as the JSON that JSON patches are applied to.
 *
 * @throws AppError `invalid-input` for what JSON cannot hold.
 */
export const jsonOfYaml = (tree: YamlMapNode): YamlValue => readingYaml(what, () => jsonValue(tree));

const place = { line: 1, column: 1 };
// yaml.v2 writes the text << without quotes, which makes a merge key of it for whoever reads it next.
const written = (text: string, plain: boolean): YamlScalar => ({
  kind: "scalar",
  text,
  plain: plain || text === "<<",
  tag: "",
  ...place,
});

/** JSON as the YAML that yaml.v2 makes of it: texts are texts, numbers are written as Go writes them. */
export function yamlOfJson(value: YamlValue): YamlNode {
  if (value === null) return written("null", true);
  if (typeof value === "boolean") return written(String(value), true);
  if (typeof value === "number" || typeof value === "bigint") return written(numberText(value), true);
  if (typeof value === "string") {
    const asIs = verbatimText(value);
    return written(asIs ?? value, asIs !== null);
  }
  if (isYamlSequence(value)) return { kind: "list", items: value.map(yamlOfJson), ...place };
  const members = Object.entries(value).flatMap(([key, member]): YamlMember[] =>
    member === undefined ? [] : [{ key: written(key, false), value: yamlOfJson(member) }],
  );
  return { kind: "map", members, ...place };
}
