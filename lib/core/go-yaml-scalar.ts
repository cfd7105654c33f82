import { resolvePlain } from "@/lib/core/go-yaml-resolve";

/** Which go-yaml wrote the text: they quote the words of YAML 1.1 differently (`go-yaml.ts`). */
export type GoYamlFlavor = "v4-rc4" | "v4-rc6";

export type ScalarStyle = "plain" | "single" | "double" | "literal";

// Words that YAML 1.1 read as booleans, and base-60 numbers: go-yaml never leaves them plain (resolve.go, encode.go).
const oldBoolean = /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/** Would go-yaml read this plain text as something other than a string? (resolve.go) */
export const resolvesToOtherType = (text: string): boolean => {
  const { tag } = resolvePlain(text);
  return tag !== "!!str" && tag !== "!!merge";
};

const printable = /^[\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;

/** Can the text stand unquoted in block context, as far as its characters go? (`yaml_emitter_analyze_scalar`) */
function plainAllowed(text: string): boolean {
  if (text === "") return true;
  if (/^(?:---|\.\.\.)/.test(text)) return false;
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text)) return false;
  if (/^[-?:](?:[ \t]|$)/.test(text)) return false;
  if (/:(?:[ \t]|$)/.test(text)) return false;
  if (/[ \t\n]#/.test(text)) return false;
  if (/^[ \n]|[ \n]$/.test(text)) return false;
  return !/[\t\n]/.test(text) && printable.test(text);
}

const singleAllowed = (text: string): boolean => printable.test(text) && !/\t| \n|\n /.test(text);

const literalAllowed = (text: string): boolean =>
  text !== "" && !/ $| \n/.test(text) && printable.test(text.replaceAll("\t", ""));

/** The style go-yaml gives a string: `simpleKey` where it is a map key on one line. */
export function scalarStyle(text: string, flavor: GoYamlFlavor, simpleKey: boolean): ScalarStyle {
  if (text.includes("\n")) return /^\s*$/.test(text) || simpleKey || !literalAllowed(text) ? "double" : "literal";
  const old = oldBoolean.test(text) || base60.test(text) || text === "<<";
  if (old && flavor === "v4-rc6") return "single";
  if (old || resolvesToOtherType(text)) return "double";
  if (plainAllowed(text)) return "plain";
  return singleAllowed(text) ? "single" : "double";
}

const shortEscapes: Record<string, string> = {
  "\0": "\\0",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\u0085": "\\N",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

function escapeCharacter(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  if (printable.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/** A double-quoted YAML scalar with go-yaml's escapes. */
export const doubleQuoted = (text: string): string => `"${Array.from(text, escapeCharacter).join("")}"`;

/** A single-quoted YAML scalar on one line. */
export const singleQuoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Header (`|`, `|-`, `|4+`…) of a literal block. go-yaml's indentation hint is always its best indent, 4. */
export function literalHeader(text: string): string {
  const hint = text.startsWith(" ") ? "4" : "";
  if (!text.endsWith("\n")) return `|${hint}-`;
  return text === "\n" || text.endsWith("\n\n") ? `|${hint}+` : `|${hint}`;
}

/** A number as Go writes it: integers in decimal, floats as `strconv.FormatFloat(f, 'g', -1, 64)`. */
export function numberText(value: number | bigint): string {
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return Object.is(value, -0) ? "-0" : String(value);
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  const [mantissa = "0", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return plainDecimal(value);
  const sign = exponent < 0 ? "-" : "+";
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function plainDecimal(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(20).replace(/0+$/, "") : text;
}
