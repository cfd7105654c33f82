import type { Random } from "../random";
import { hostileText, type Json } from "./hostile";

/*
 * Cases as plain JSON that are written as YAML which means what it can mean: a text that begins with the mark stands there as it is, so that
 * `§0x10` is a bare 0x10, `§&` names the next alias, `§*` is that alias, and `§|-` begins a block text. All other texts are quoted.
 */
const mark = "§";

/** Bare scalars that one type takes for something else than another. */
const bare =
  "1.10 0644 007 1e3 0x10 1_000 TRUE true False yes on off y N ~ null Null .5 1. 1:20 0o17 09 0b11 +1 -0 -0.0 .inf -.Inf .nan 18446744073709551615 18446744073709551616 9007199254740993 1e6 1000000.0 1e21 123456789.125 1e-7 1_0.5 _1 1_ 0_7 0x 1e999 12e03 = a b 10.0.0.0/8 0000:04:00.00 -9223372036854775808 1.0 0.1e-5".split(
    " ",
  );
// To Go, 1000 and 1e3 are two keys, which it writes alike. go-yaml has no order for NaN and for keys with numbers of more than 18 digits, and Go writes such a map in different ways.
const bareKeys = bare.filter((text) => !/\d{19}|nan|^1(?:\.0?|e3)$/.test(text));
const tagged = [
  "!!str 12",
  '!!int "12"',
  "!!float 3",
  "!!binary aGVsbG8=",
  "!!binary gIE=",
  "! 12",
  "!foo 12",
  "!!bool true",
];
const dates = [
  "2024-01-02",
  "2024-1-2",
  "2024-01-01 01:02:03",
  "2001-12-14t21:59:43.10-05:00",
  "2024-02-30",
  '"2024-01-02"',
];
const wrong = ["!!int x", "*none", "!!binary x", "!!bool 1", "<<"];

/** A scalar for a text field. What Talos refuses is rare, so that most cases are about what it takes. */
export function scalar(random: Random): Json {
  const draw = random.next();
  if (draw < 0.5) return mark + random.pick(bare);
  if (draw < 0.58) return mark + random.pick(tagged);
  if (draw < 0.6) return mark + random.pick(dates);
  if (draw < 0.605) return mark + random.pick(wrong);
  if (draw < 0.66) return `${mark}& ${random.pick(bare)}`;
  if (draw < 0.72) return `${mark}*`;
  if (draw < 0.82) return block(random);
  if (draw < 0.9) return mark + `'${random.pick(bare)}'`;
  return hostileText(random).replaceAll(mark, "");
}

const pieces = ["x", " y", "  z", "a: b", "# c", "", "", "1"];

const block = (random: Random): string =>
  mark +
  random.pick(["|", "|-", "|+", ">", ">-", ">+"]) +
  "\n" +
  ["x", ...random.list(4, () => random.pick(pieces)), random.pick(["", "q"])].join("\n");

/** A key of a map, bare or quoted. */
export function key(random: Random): string {
  const draw = random.next();
  if (draw < 0.55) return mark + random.pick(bareKeys);
  if (draw < 0.6) return mark + random.pick(dates);
  return draw < 0.8 ? random.pick(bareKeys) : random.pick(["a", "b", "c"]);
}

/** Whether it is a bool or a whole number is written in one of many ways. */
export const bool = (random: Random): Json =>
  random.pick<Json>([true, false, ...["yes", "on", "False", "off", "y", "'no'", "TRUE"].map((word) => mark + word)]);
export const number = (random: Random, value: number): Json =>
  random.pick<Json>([
    value,
    value,
    `${mark}0x${value.toString(16)}`,
    `${mark}0o${value.toString(8)}`,
    `${mark}0${value.toString(8)}`,
    `${mark}${value}.0`,
    `${mark}+${value}`,
  ]);

class Writer {
  private anchors = 0;

  value(value: Json, column: number): string {
    if (Array.isArray(value)) {
      if (value.length === 0) return " []\n";
      return "\n" + value.map((item) => `${" ".repeat(column)}-${this.item(item, column + 2)}`).join("");
    }
    if (typeof value === "object" && value !== null) {
      const members = Object.entries(value);
      if (members.length === 0) return " {}\n";
      return "\n" + members.map((member) => " ".repeat(column) + this.member(member, column)).join("");
    }
    return ` ${this.scalar(value, column)}\n`;
  }

  /** An entry of a list begins on the line of its dash. */
  private item(item: Json, column: number): string {
    const text = this.value(item, column);
    return text.startsWith("\n") ? ` ${text.slice(1 + column)}` : text;
  }

  private member([name, value]: [string, Json], column: number): string {
    const written = name.startsWith(mark)
      ? name.slice(mark.length)
      : /^\w+$/.test(name) && !/^\d|^(?:y|n|on|off|yes|no|true|false|null)$/i.test(name)
        ? name
        : JSON.stringify(name);
    return `${written}:${this.value(value, column + 2)}`;
  }

  private scalar(value: Json, column: number): string {
    if (typeof value !== "string") return JSON.stringify(value);
    if (!value.startsWith(mark)) return quoted(value);
    const text = value.slice(mark.length);
    if (text.startsWith("&")) return `&a${(this.anchors += 1)}${text.slice(1)}`;
    if (text === "*") return this.anchors === 0 ? "1.10" : `*a${this.anchors}`;
    if (!/^[|>]/.test(text)) return text;
    const [header = "|", ...lines] = text.split("\n");
    return [header, ...lines.map((line) => (line === "" ? "" : " ".repeat(column) + line))].join("\n");
  }
}

/** JSON that YAML reads as the same: every character beyond printable ASCII as a YAML escape. */
const quoted = (value: string): string =>
  Array.from(JSON.stringify(value), (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0x20 && code < 0x7f) return character;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  }).join("");

/** @param cut leaves out the last line break. */
export function hostileYaml(documents: readonly Json[], cut: boolean): string {
  const text = documents.map((document) => new Writer().value(document, 0).replace(/^\s/, "")).join("---\n");
  return cut ? text.slice(0, -1) : text;
}
