/** Which go-yaml wrote the text: they quote the words of YAML 1.1 differently (`go-yaml.ts`). */
export type GoYamlFlavor = "v4-rc4" | "v4-rc6";

export type ScalarStyle = "plain" | "single" | "double" | "literal";

// Words that YAML 1.1 read as booleans, and base-60 numbers: go-yaml never leaves them plain (resolve.go, encode.go).
const oldBoolean = /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

const otherType =
  /^(?:|~|null|Null|NULL|true|True|TRUE|false|False|FALSE|\.nan|\.NaN|\.NAN|[-+]?\.inf|[-+]?\.Inf|[-+]?\.INF|-0|-0\.0)$/;
const floatText = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const dotFloatText = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
const intText = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+)|([1-9][0-9]*|0))$/;

const minInt64 = -(2n ** 63n);
const maxUint64 = 2n ** 64n - 1n;

function fitsInteger(text: string): boolean {
  const match = intText.exec(text);
  if (!match) return false;
  const [, sign, hex, octal, binary, decimal] = match;
  let size: bigint;
  if (hex !== undefined) size = BigInt(`0x${hex}`);
  else if (octal !== undefined) size = BigInt(`0o${octal}`);
  else if (binary !== undefined) size = BigInt(`0b${binary}`);
  else size = BigInt(decimal ?? "0");
  const value = sign === "-" ? -size : size;
  // A "+" keeps strconv.ParseUint from reading it, so that only the signed range is left.
  return value >= minInt64 && value <= (sign === "" ? maxUint64 : 2n ** 63n - 1n);
}

const dayText = /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|\s)\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})?)?$/;

/** go-yaml's `parseTimestamp`: RFC 3339 with one or two digits a field, lower-case t, a space without a zone, or a bare day. */
function isTimestamp(text: string): boolean {
  if (!dayText.test(text)) return false;
  const [year, month, day, hour = 0, minute = 0, second = 0] = text.split(/[-Tt :Z+.]/).map(Number);
  const zoned = /(?:Z|[-+]\d{2}:\d{2})$/.test(text.slice(10)) && /[Tt]/.test(text);
  const spaced = /\s/.test(text);
  const timed = /[Tt]/.test(text);
  if (timed && !zoned) return false;
  if (spaced && /(?:Z|[-+]\d{2}:\d{2})$/.test(text.slice(11))) return false;
  if (year === undefined || month === undefined || day === undefined) return false;
  const days = new Date(Date.UTC(2000, month, 0)).getUTCDate();
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const last = month === 2 ? (leap ? 29 : 28) : days;
  return month >= 1 && month <= 12 && day >= 1 && day <= last && hour < 24 && minute < 60 && second < 60;
}

/** Would go-yaml read this plain text as something other than a string? (resolve.go) */
export function resolvesToOtherType(text: string): boolean {
  if (otherType.test(text)) return true;
  if (!/^[-+.0-9]/.test(text)) return false;
  const bare = text.replaceAll("_", "");
  if (fitsInteger(bare)) return true;
  // After a leading dot go-yaml asks strconv.ParseFloat, which wants underscores between digits; else it drops them all.
  const float = text.startsWith(".") ? dotFloatText.test(text) : floatText.test(bare);
  if (float && Number.isFinite(Number(bare))) return true;
  return isTimestamp(text);
}

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
