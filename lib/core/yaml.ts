import { LineCounter, parseAllDocuments, type Document, type ErrorCode, type ScalarTag } from "yaml";
import { AppError } from "@/lib/core/errors";
import type { YamlValue } from "@/lib/core/go-yaml";
import { templateRefusal, unrenderedRefusal } from "@/lib/core/unrendered/raw-text";
import { isNestedTooDeep } from "@/lib/core/yaml-nesting";

export type ParseYamlOptions = {
  /** How often anchors may be used in one document (default 100): guards against a few lines that expand to gigabytes. */
  maxAliases?: number;
  /** Refuses longer text (default 4 MiB, more than Talos accepts for a machine config). */
  maxBytes?: number;
  /** What the text is, for the sentence: "The patch". */
  what?: string;
};

const defaultMaxBytes = 4 * 1024 * 1024;
const maxDepth = 100;

// Integers as go-yaml reads them (resolve.go): leading-zero octal, 0b, underscores; beyond 2^53 as bigint.
const goInteger: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)$/,
  resolve: (text) => {
    const digits = text.replaceAll("_", "").replace(/^[-+]/, "");
    const octal = /^0[0-7]+$/.exec(digits);
    const size = BigInt(octal ? `0o${digits}` : digits);
    const value = text.startsWith("-") ? -size : size;
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  },
};

const problems: Partial<Record<ErrorCode, string>> = {
  ALIAS_PROPS: "an alias cannot have an anchor or a tag",
  BAD_ALIAS: "an alias names an anchor that does not exist",
  BAD_INDENT: "the indentation does not fit",
  BAD_DQ_ESCAPE: "a double-quoted text has an unknown escape",
  BAD_SCALAR_START: "a plain text cannot start with this character",
  BLOCK_AS_IMPLICIT_KEY: "a nested mapping or list stands where a key is expected",
  DUPLICATE_KEY: "the same key appears twice in a mapping",
  MISSING_CHAR: "a closing quote, bracket or comma is missing",
  MULTILINE_IMPLICIT_KEY: "a key goes over several lines",
  RESOURCE_EXHAUSTION: `it is nested more than ${maxDepth} levels deep`,
  TAB_AS_INDENT: "a tab is used to indent; YAML allows only spaces",
  TAG_RESOLVE_FAILED: "a tag is not supported",
  UNEXPECTED_TOKEN: "a character is not expected here",
};

/**
 * Parses text that holds any number of YAML documents, as go-yaml would read it into untyped values: YAML 1.2 core (so `off` is a text),
 * merge keys, octal `0644`.
 *
 * @throws AppError `invalid-input` with line and column; the text itself is never quoted, since it may hold secrets.
 */
export function parseYamlDocuments(text: string, options: ParseYamlOptions = {}): YamlValue[] {
  const what = options.what ?? "The YAML";
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  if (new TextEncoder().encode(text).length > maxBytes) {
    throw new AppError("invalid-input", `${what} is longer than ${maxBytes} bytes.`, {
      hint: "Split it, or remove what is not needed.",
    });
  }
  if (isNestedTooDeep(text)) throw tooDeep(new RangeError("nesting"), what);
  const lines = new LineCounter();
  const parsed = parse(text, lines, what);
  if (!Array.isArray(parsed)) return [];
  refuseUnrendered(text, parsed, lines, what);
  return parsed.map((document) => valueOf(document, lines, what, options.maxAliases ?? 100));
}

/** Speaks of a template in place of YAML's grammar, where that is the cause. */
function refuseUnrendered(text: string, parsed: Document.Parsed[], lines: LineCounter, what: string): void {
  const error = parsed.find(({ errors }) => errors.length > 0)?.errors[0];
  const refusal = error ? unrenderedRefusal(text, what, lines.linePos(error.pos[0]).line) : templateRefusal(text, what);
  if (refusal) throw refusal;
}

function parse(text: string, lines: LineCounter, what: string) {
  try {
    return parseAllDocuments(text, {
      schema: "core",
      merge: true,
      prettyErrors: false,
      lineCounter: lines,
      logLevel: "silent",
      customTags: (tags) => [goInteger, ...tags],
    });
  } catch (error) {
    throw tooDeep(error, what);
  }
}

function valueOf(document: Document.Parsed, lines: LineCounter, what: string, maxAliases: number): YamlValue {
  const [first] = document.errors;
  if (first) {
    const { line, col } = lines.linePos(first.pos[0]);
    const problem = problems[first.code] ?? "it is not valid YAML";
    throw new AppError("invalid-input", `${what} cannot be read: ${problem} (line ${line}, column ${col}).`, {
      hint: "Correct that line and try again.",
    });
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: maxAliases });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw tooDeep(error, what);
    throw new AppError(
      "invalid-input",
      `${what} uses anchors more than ${maxAliases} times, or an anchor that refers to itself.`,
      {
        hint: "Write the repeated parts out.",
      },
    );
  }
  return toYamlValue(value, what, 0);
}

function tooDeep(error: unknown, what: string): unknown {
  if (!(error instanceof RangeError)) return error;
  return new AppError("invalid-input", `${what} is nested more than ${maxDepth} levels deep.`, { cause: error });
}

function toYamlValue(value: unknown, what: string, depth: number): YamlValue {
  if (depth > maxDepth) throw tooDeep(new RangeError("depth"), what);
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return value;
  if (value instanceof Date) return value.toISOString();
  // `!!binary`, which go-yaml reads as the text that it stands for.
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (Array.isArray(value)) return value.map((item) => toYamlValue(item, what, depth + 1));
  if (typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, toYamlValue(member, what, depth + 1)]),
    );
  }
  throw new AppError("invalid-input", `${what} holds a value that YAML cannot express.`);
}

/**
 * Parses one YAML document (empty text is null).
 *
 * @throws AppError `invalid-input` with line and column, and when there is more than one document.
 */
export function parseYaml(text: string, options: ParseYamlOptions = {}): YamlValue {
  const documents = parseYamlDocuments(text, options);
  if (documents.length > 1) {
    throw new AppError(
      "invalid-input",
      `${options.what ?? "The YAML"} holds ${documents.length} documents where one is expected.`,
      {
        hint: "Keep one document and remove the lines with three dashes.",
      },
    );
  }
  return documents[0] ?? null;
}
