import { goTimestamp } from "@/lib/core/go-yaml-timestamp";

/** What a scalar is to go-yaml when no Go type says otherwise. Integers are in the range of int64 or uint64. */
export type ResolvedScalar =
  | { tag: "!!str"; value: string }
  | { tag: "!!null"; value: null }
  | { tag: "!!bool"; value: boolean }
  | { tag: "!!int"; value: bigint }
  | { tag: "!!float"; value: number }
  | { tag: "!!merge"; value: string }
  /** As go-yaml writes it: RFC 3339. */
  | { tag: "!!timestamp"; value: string };

const nullText = /^(?:|~|null|Null|NULL)$/;
const trueText = /^(?:true|True|TRUE)$/;
const falseText = /^(?:false|False|FALSE)$/;
const infinity = /^([-+]?)\.(?:inf|Inf|INF)$/;
const notANumber = /^\.(?:nan|NaN|NAN)$/;

const floatText = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const dotFloatText = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
const intText = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+)|([1-9][0-9]*|0))$/;

const minInt64 = -(2n ** 63n);
const maxUint64 = 2n ** 64n - 1n;
// Longer digits are out of range anyway, and BigInt takes more than linear time on them.
const longestInteger = 80;

function integer(text: string): bigint | null {
  const match = text.length > longestInteger ? longInteger(text) : intText.exec(text);
  if (!match) return null;
  const [, sign, hex, octal, binary, decimal] = match;
  let size: bigint;
  if (hex !== undefined) size = BigInt(`0x${hex}`);
  else if (octal !== undefined) size = BigInt(`0o${octal}`);
  else if (binary !== undefined) size = BigInt(`0b${binary}`);
  else size = BigInt(decimal ?? "0");
  const value = sign === "-" ? -size : size;
  // A "+" keeps strconv.ParseUint from reading it, so that only the signed range is left.
  return value >= minInt64 && value <= (sign === "" ? maxUint64 : 2n ** 63n - 1n) ? value : null;
}

/** Leading zeros are all that can make a number in range so long. */
const longInteger = (text: string): RegExpExecArray | null =>
  intText.exec(
    text
      .replace(/^([-+]?0[xXbB])0+(?=.)/, "$1")
      .replace(/^([-+]?)0[oO]?0+(?=.)/, "$10")
      .slice(0, longestInteger + 1),
  );

/**
 * go-yaml's reading of a plain scalar without a tag (resolve.go of go.yaml.in/yaml/v4: YAML 1.2 core, with octal `0644`, underscores
 * and timestamps; `on` and `1:20` are texts). Texts that look like numbers out of range are texts.
 */
export function resolvePlain(text: string): ResolvedScalar {
  if (nullText.test(text)) return { tag: "!!null", value: null };
  if (trueText.test(text)) return { tag: "!!bool", value: true };
  if (falseText.test(text)) return { tag: "!!bool", value: false };
  if (text === "<<") return { tag: "!!merge", value: text };
  if (!/^[-+.0-9]/.test(text)) return { tag: "!!str", value: text };
  const infinite = infinity.exec(text);
  if (infinite) return { tag: "!!float", value: infinite[1] === "-" ? -Infinity : Infinity };
  if (notANumber.test(text)) return { tag: "!!float", value: NaN };
  if (text === "-0" || text === "-0.0") return { tag: "!!float", value: -0 };
  const timestamp = goTimestamp(text);
  if (timestamp !== null) return { tag: "!!timestamp", value: timestamp };
  return number(text) ?? { tag: "!!str", value: text };
}

function number(text: string): ResolvedScalar | null {
  const bare = text.replaceAll("_", "");
  // After a leading dot go-yaml asks strconv.ParseFloat, which wants underscores between digits; else it drops them all.
  const dotted = text.startsWith(".");
  const whole = dotted ? null : integer(bare);
  if (whole !== null) return { tag: "!!int", value: whole };
  if (!(dotted ? dotFloatText.test(text) : floatText.test(bare))) return null;
  const value = Number(bare);
  return Number.isFinite(value) ? { tag: "!!float", value } : null;
}
