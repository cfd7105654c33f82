import { isYamlSequence, type GoYamlInput, type YamlValue } from "@/lib/core/go-yaml";
import { verbatimText } from "@/lib/core/go-yaml-verbatim";

const isLetter = (character: string): boolean => /\p{L}/u.test(character);
const isDigit = (character: string): boolean => /\p{Nd}/u.test(character);

// Go's kinds of keys, as it numbers them (`reflect.Kind`): go-yaml puts keys of different kinds in that order.
const kinds = { bool: 1, int: 2, uint64: 11, float: 14, nil: 20, text: 24, time: 25 };

/** A key as Go holds it. `number` where it is a number or a bool. */
type GoKey = { kind: number; number: number | bigint | null; text: string };

const numberKey = (text: string): GoKey => {
  if (/^-?\d+$/.test(text)) {
    const number = BigInt(text);
    return { kind: number < 2n ** 63n ? kinds.int : kinds.uint64, number, text };
  }
  const infinite = text === ".inf" ? Infinity : text === "-.inf" ? -Infinity : null;
  return { kind: kinds.float, number: infinite ?? Number(text), text };
};

function goKey(key: string): GoKey {
  const text = verbatimText(key);
  if (text === null) return { kind: kinds.text, number: null, text: key };
  if (text === "null") return { kind: kinds.nil, number: null, text };
  if (text === "true" || text === "false") return { kind: kinds.bool, number: text === "true" ? 1 : 0, text };
  if (text.startsWith("!!binary "))
    return { kind: kinds.text, number: null, text: Buffer.from(text.slice("!!binary ".length), "base64").toString() };
  return /^\d+-/.test(text) ? { kind: kinds.time, number: null, text } : numberKey(text);
}

/**
 * go-yaml's order of map keys (representer.go `keyList.Less`): numbers and booleans by their value, then null, texts and dates. Texts:
 * runs of digits by number, letters after other signs, else by code point.
 */
export function compareGoKeys(left: string, right: string): number {
  if (left === right) return 0;
  const one = goKey(left);
  const other = goKey(right);
  if (one.number !== null && other.number !== null)
    return one.number < other.number ? -1 : one.number > other.number ? 1 : one.kind - other.kind;
  if (one.kind !== kinds.text || other.kind !== kinds.text) return one.kind - other.kind;
  return compareTexts(Array.from(one.text), Array.from(other.text));
}

function compareTexts(a: string[], b: string[]): number {
  let digits = false;
  for (let i = 0; i < a.length && i < b.length; i++) {
    const x = a[i] ?? "";
    const y = b[i] ?? "";
    if (x === y) {
      digits = isDigit(x);
      continue;
    }
    const xLetter = isLetter(x);
    const yLetter = isLetter(y);
    if (xLetter && yLetter) return codePoint(x) - codePoint(y);
    if (xLetter || yLetter) return digits ? (xLetter ? -1 : 1) : xLetter ? 1 : -1;
    return compareDigits(a, b, i);
  }
  return a.length - b.length;
}

const codePoint = (character: string): number => character.codePointAt(0) ?? 0;

// Go's int64 wraps around, and so do its keys' numbers.
const int64 = (value: bigint): bigint => BigInt.asIntN(64, value);

function compareDigits(a: string[], b: string[], at: number): number {
  const leadingZeros = a[at] === "0" || b[at] === "0";
  let aNumber = 0n;
  let bNumber = 0n;
  if (leadingZeros) {
    // Only zeros before: the shorter run of zeros is not a different number, so what follows a non-zero digit counts as such.
    for (let j = at - 1; j >= 0 && isDigit(a[j] ?? ""); j--) {
      if (a[j] !== "0") {
        aNumber = 1n;
        bNumber = 1n;
        break;
      }
    }
  }
  let aEnd = at;
  let bEnd = at;
  for (; aEnd < a.length && isDigit(a[aEnd] ?? ""); aEnd++)
    aNumber = int64(aNumber * 10n + BigInt(codePoint(a[aEnd] ?? "0") - 48));
  for (; bEnd < b.length && isDigit(b[bEnd] ?? ""); bEnd++)
    bNumber = int64(bNumber * 10n + BigInt(codePoint(b[bEnd] ?? "0") - 48));
  if (aNumber !== bNumber) return aNumber < bNumber ? -1 : 1;
  if (aEnd !== bEnd) return aEnd - bEnd;
  return codePoint(a[at] ?? "") - codePoint(b[at] ?? "");
}

/** The value with the keys of every map in it in go-yaml's natural order, as Go marshals a `map[string]any`. */
export function naturalSort(value: YamlValue): GoYamlInput {
  if (value === null || typeof value !== "object") return value;
  if (isYamlSequence(value)) return value.map(naturalSort);
  // A Map, since an object would move keys that look like array indexes to the front.
  const entries = Object.entries(value).sort(([left], [right]) => compareGoKeys(left, right));
  return new Map(
    entries.flatMap(([key, member]) => (member === undefined ? [] : [[key, naturalSort(member)] as const])),
  );
}
