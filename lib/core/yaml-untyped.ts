import type { YamlValue } from "@/lib/core/go-yaml";
import { resolvePlain, type ResolvedScalar } from "@/lib/core/go-yaml-resolve";
import { verbatim } from "@/lib/core/go-yaml-verbatim";
import { numberText, type GoYamlFlavor } from "@/lib/core/go-yaml-scalar";
import { YamlProblem } from "@/lib/core/yaml-compose";
import type { YamlMapNode, YamlNode, YamlScalar } from "@/lib/core/yaml-node";

/** A scalar with its tag honoured. `!!binary` holds bytes; a tag that go-yaml does not know leaves a text. */
export type TaggedScalar = ResolvedScalar | { tag: "!!binary"; value: Buffer } | { tag: "other"; value: string };

const resolvable = ["!!bool", "!!int", "!!float", "!!null", "!!timestamp"];
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * What a scalar is to go-yaml when no Go type says otherwise (constructor.go, resolver.go).
 *
 * @param flavor whose reading: `v4-rc6` is that of Talos 1.14, `v4-rc4` that of older releases.
 * @throws YamlProblem for a tag that its text does not fit.
 */
export function resolveScalar(scalar: YamlScalar, flavor: GoYamlFlavor = "v4-rc6"): TaggedScalar {
  const { text, plain } = scalar;
  // The older one takes `! 12` for a number.
  const tag = scalar.tag === "!" && flavor === "v4-rc4" ? "" : scalar.tag;
  if (tag === "!!str" || ((tag === "" || tag === "!") && !plain)) return { tag: "!!str", value: text };
  if (tag === "") return resolvePlain(text);
  if (tag === "!!merge") return { tag: "!!merge", value: text };
  if (tag === "!!binary") {
    const digits = text.replace(/[\r\n]/g, "");
    if (!base64.test(digits)) throw new YamlProblem("a binary value is not base64", scalar);
    return { tag: "!!binary", value: Buffer.from(digits, "base64") };
  }
  if (!resolvable.includes(tag)) return { tag: "other", value: text };
  const resolved = resolvePlain(text);
  if (resolved.tag === tag) return resolved;
  if (tag === "!!float" && resolved.tag === "!!int" && resolved.value < 2n ** 63n)
    return { tag: "!!float", value: Number(resolved.value) };
  throw new YamlProblem(`a value does not fit its tag ${tag}`, scalar);
}

/** What go-yaml reads as nothing: `~`, `null`, an empty place. @throws YamlProblem for a tag that does not fit. */
export const isNullScalar = (node: YamlNode, flavor?: GoYamlFlavor): boolean =>
  node.kind === "scalar" && resolveScalar(node, flavor).tag === "!!null";

/** Bytes as go-yaml keeps them in a Go string. */
export function bytesValue(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : verbatim(`!!binary ${bytes.toString("base64")}`);
}

/** An integer as a number where that is exact, else as a bigint. */
export function integerValue(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A float that would read back as an integer (`1e6`) keeps the form that go-yaml gives it. */
export function floatValue(value: number): number | string {
  if (!Number.isSafeInteger(value) || Math.abs(value) < 1e6) return value;
  const [mantissa = "0", exponent = "0"] = value.toExponential().split("e");
  return verbatim(`${mantissa}e+${exponent.slice(1).padStart(2, "0")}`);
}

/** undefined = go-yaml leaves the place out: what `<<` is as a value since `v4-rc6`. */
export function untypedScalar(scalar: YamlScalar, flavor: GoYamlFlavor = "v4-rc6"): YamlValue | undefined {
  const resolved = resolveScalar(scalar, flavor);
  switch (resolved.tag) {
    case "!!int":
      return integerValue(resolved.value);
    case "!!float":
      return floatValue(resolved.value);
    case "!!binary":
      return bytesValue(resolved.value);
    case "!!timestamp":
      return verbatim(resolved.value);
    case "!!merge":
      return flavor === "v4-rc6" ? undefined : resolved.value;
    case "!!str":
    case "!!null":
    case "!!bool":
    case "other":
      return resolved.value;
  }
}

/** A key of a Go `map[any]any`: texts as they are, others as a verbatim text. */
export function untypedKey(key: YamlNode, flavor?: GoYamlFlavor): string | undefined {
  if (key.kind !== "scalar") throw new YamlProblem("a mapping or list is used as a key", key);
  const value = untypedScalar(key, flavor);
  if (value === undefined || typeof value === "string") return value;
  if (value === null || typeof value === "boolean") return verbatim(String(value));
  return verbatim(numberText(value as number | bigint));
}

export type UntypedOptions = {
  /** `text`: keys are what was written (a Go map with text keys). `typed`: as `map[any]any` has them, see `untypedKey`. */
  keys: "text" | "typed";
  /** As of `resolveScalar`. */
  flavor?: GoYamlFlavor;
};

/** A bare `<<`. */
export const isMergeKey = (key: YamlNode): boolean =>
  key.kind === "scalar" && (key.tag === "!!merge" || (key.tag === "" && key.plain && key.text === "<<"));

/** What `<<` names: maps, the first of which wins. @throws YamlProblem where it names anything else. */
export function mergedMaps(map: YamlMapNode): YamlMapNode[] {
  const named = map.members.filter(({ key }) => isMergeKey(key)).at(-1)?.value;
  if (named === undefined) return [];
  const maps = named.kind === "list" ? named.items : [named];
  return maps.map((item) => {
    if (item.kind === "map") return item;
    throw new YamlProblem("a merge key (<<) names something that is not a mapping", item);
  });
}

/** A mapping's own members, without merge keys. */
export const ownMembers = (map: YamlMapNode): YamlMapNode["members"] =>
  map.members.filter(({ key }) => !isMergeKey(key));

/** What a map makes of a key; undefined = go-yaml passes over the member. */
type KeyReader = (key: YamlNode) => string | undefined;

const writtenKey: KeyReader = (key) => {
  if (key.kind === "scalar") return key.text;
  throw new YamlProblem("a mapping or list is used as a key", key);
};

/** go-yaml makes a map with text keys where all keys are texts, and reads those of merge keys as such, too. */
function keyReader(map: YamlMapNode, { keys, flavor }: UntypedOptions): KeyReader {
  if (keys === "text") return writtenKey;
  const texts = ownMembers(map).every(({ key }) => key.kind === "scalar" && resolveScalar(key, flavor).tag === "!!str");
  if (!texts) return (key) => untypedKey(key, flavor);
  return (key) => {
    if (isNullScalar(key, flavor)) return undefined;
    if (flavor !== "v4-rc4" && key.kind === "scalar" && resolveScalar(key, flavor).tag === "!!timestamp")
      throw new YamlProblem("a date stands where a key that is a text is expected", key);
    return writtenKey(key);
  };
}

// In Go, what is under NaN cannot be found again.
const lostKey = verbatim(".nan");

function untypedMap(
  map: YamlMapNode,
  options: UntypedOptions,
  read: KeyReader,
  into: Map<string, YamlValue>,
  taken: Set<string> | null,
): void {
  for (const { key, value } of ownMembers(map)) {
    const name = read(key);
    if (name === undefined || taken?.has(name)) continue;
    taken?.add(name);
    const resolved = untyped(value, options);
    if (resolved !== undefined) into.set(name, name === lostKey ? null : resolved);
  }
  const merged = mergedMaps(map);
  if (merged.length === 0) return;
  const given = taken ?? new Set(ownMembers(map).flatMap(({ key }) => untypedKey(key, options.flavor) ?? []));
  for (const from of merged) untypedMap(from, options, read, into, given);
}

function untyped(node: YamlNode, options: UntypedOptions): YamlValue | undefined {
  if (node.kind === "scalar") return untypedScalar(node, options.flavor);
  if (node.kind === "list")
    return node.items.map((item) => untyped(item, options)).filter((item) => item !== undefined);
  const members = new Map<string, YamlValue>();
  untypedMap(node, options, keyReader(node, options), members, null);
  return Object.fromEntries(members);
}

/**
 * A tree as go-yaml reads it where no Go type says what a value is: scalars by their form, merge keys followed, aliases written out.
 *
 * @throws YamlProblem for what go-yaml refuses: tags that do not fit, mappings as keys, merge keys that name no mapping.
 */
export const resolveUntyped = (node: YamlNode, options: UntypedOptions = { keys: "text" }): YamlValue =>
  untyped(node, options) ?? null;
