import { LineCounter, type Document, type ErrorCode } from "yaml";
import { AppError } from "@/lib/core/errors";
import type { YamlValue } from "@/lib/core/go-yaml";
import { templateRefusal, unrenderedRefusal } from "@/lib/core/unrendered/raw-text";
import { composeYaml, TooManyAliases, YamlProblem } from "@/lib/core/yaml-compose";
import { isNestedTooDeep } from "@/lib/core/yaml-nesting";
import type { YamlNode, YamlPlace } from "@/lib/core/yaml-node";
import { parseYamlStream, YamlOverBudget } from "@/lib/core/yaml-stream";
import { isNullScalar, resolveUntyped } from "@/lib/core/yaml-untyped";

export type ParseYamlOptions = {
  /** Refuses longer text (default 4 MiB, more than Talos accepts for a machine config). */
  maxBytes?: number;
  /** What the text is, for the sentence: "The patch". */
  what?: string;
  /** Reads the first document alone, as a go-yaml decoder that is asked once: what comes after it may be anything. */
  firstOnly?: boolean;
};

const defaultMaxBytes = 4 * 1024 * 1024;
const maxDepth = 100;
// What aliases may add when they are written out: guards against a few lines that expand to gigabytes.
const maxExpanded = 100_000;

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

const refuse = (what: string, problem: string, place: string): AppError =>
  new AppError("invalid-input", `${what} cannot be read: ${problem} (${place}).`, {
    hint: "Correct that line and try again.",
  });

/**
 * Runs what reads a tree and gives its refusals the form of the parser's own.
 *
 * @throws AppError `invalid-input` for a `YamlProblem`, with its line.
 */
export function readingYaml<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof YamlProblem)
      throw refuse(what, error.problem, `line ${error.place.line}, column ${error.place.column}`);
    if (error instanceof TooManyAliases) {
      const message = `${what} uses anchors so often that it would grow by more than ${maxExpanded} values.`;
      throw new AppError("invalid-input", message, { hint: "Write the repeated parts out." });
    }
    if (error instanceof YamlOverBudget) {
      throw new AppError("invalid-input", `${what} is too much to read: ${error.problem}.`, {
        hint: "Split it, or remove what is not needed.",
      });
    }
    throw tooDeep(error, what);
  }
}

/**
 * The text as trees that keep what was written: each scalar's text, style and tag. Documents without content are null scalars.
 *
 * @throws AppError `invalid-input` with line and column; the text itself is never quoted, since it may hold secrets.
 */
export function parseYamlNodes(text: string, options: ParseYamlOptions = {}): YamlNode[] {
  const what = options.what ?? "The YAML";
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  if (new TextEncoder().encode(text).length > maxBytes) {
    throw new AppError("invalid-input", `${what} is longer than ${maxBytes} bytes.`, {
      hint: "Split it, or remove what is not needed.",
    });
  }
  // Every line break is a line feed to go-yaml, also within texts; NEL is one.
  const source = withoutFirstEnds(text.replace(/\r\n?|\u0085/g, "\n"));
  refuseControls(source, what);
  refuseTwoDirectives(source, what);
  if (isNestedTooDeep(source)) throw tooDeep(new RangeError("nesting"), what);
  const lines = new LineCounter();
  const read = readingYaml(what, () =>
    parseYamlStream(source, {
      schema: "failsafe",
      resolveKnownTags: false,
      merge: false,
      keepSourceTokens: true,
      lineCounter: lines,
      logLevel: "silent",
      firstOnly: options.firstOnly ?? false,
    }),
  );
  refuseUnrendered(source, read, lines, what);
  return read.map((document) => treeOf(document, lines, what));
}

/**
 * As `parseYamlNodes`, without the documents that hold nothing.
 *
 * @throws AppError as `parseYamlNodes`, and for a document of one value that does not fit its tag (`!!int abc`).
 */
export function parseFilledYamlNodes(text: string, options: ParseYamlOptions = {}): YamlNode[] {
  const trees = parseYamlNodes(text, options);
  return readingYaml(options.what ?? "The YAML", () => trees.filter((tree) => !isNullScalar(tree)));
}

/** Speaks of a template in place of YAML's grammar, where that is the cause. */
function refuseUnrendered(text: string, parsed: Document.Parsed[], lines: LineCounter, what: string): void {
  const error = parsed.find(({ errors }) => errors.length > 0)?.errors[0];
  const refusal = error ? unrenderedRefusal(text, what, lines.linePos(error.pos[0]).line) : templateRefusal(text, what);
  if (refusal) throw refusal;
}

function placeAt(lines: LineCounter, offset: number): YamlPlace {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function treeOf(document: Document.Parsed, lines: LineCounter, what: string): YamlNode {
  const [first] = document.errors;
  if (first) {
    const { line, col } = lines.linePos(first.pos[0]);
    throw refuse(what, problems[first.code] ?? "it is not valid YAML", `line ${line}, column ${col}`);
  }
  refuseDirectives(document, lines, what);
  return readingYaml(what, () => composeYaml(document, (offset) => placeAt(lines, offset), { maxDepth, maxExpanded }));
}

/** A document's end before any document is nothing to go-yaml; the line stays, so that others keep their numbers. */
const withoutFirstEnds = (text: string): string =>
  text.replace(/^(?:[ \t]*(?:#.*)?\n|\.\.\.[ \t]*(?:#.*)?\n)+/, (lines) => lines.replace(/^\.\.\..*$/gm, ""));

/** go-yaml knows `%YAML 1.1` and `%TAG` (`parser.go`, `scanner.go` of v4.0.0-rc.6), and no other version. */
function refuseDirectives({ directives, warnings }: Document.Parsed, lines: LineCounter, what: string): void {
  const unknown = warnings.find(({ code }) => code === "BAD_DIRECTIVE");
  if (unknown) {
    const { line, col } = lines.linePos(unknown.pos[0]);
    throw refuse(what, "a line that begins with % is neither %YAML 1.1 nor %TAG", `line ${line}, column ${col}`);
  }
  if (directives.yaml.explicit && directives.yaml.version !== "1.1")
    throw refuse(what, "it says %YAML 1.2, and Talos reads 1.1 only", "before the first ---");
}

/** The same directive twice before the first document. */
function refuseTwoDirectives(text: string, what: string): void {
  const seen = new Set<string>();
  for (const [at, line] of (/^(?:(?:[ \t]*(?:#.*)?|%.*)\n)*/.exec(text)?.[0] ?? "").split("\n").entries()) {
    const [, directive] = /^(%YAML|%TAG[ \t]+\S+)/.exec(line) ?? [];
    if (directive === undefined) continue;
    if (seen.has(directive)) throw refuse(what, "the same line with % is there twice", `line ${at + 1}, column 1`);
    seen.add(directive);
  }
}

// go-yaml's reader takes no others (`reader.go`).
const control = /[^\t\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
// To go-yaml they end a line and stay in the text as well; nobody means that.
const separator = /[\u2028\u2029]/;

function refuseControls(text: string, what: string): void {
  const refuseAt = (found: RegExpExecArray, problem: string): never => {
    const before = text.slice(0, found.index).split("\n");
    throw refuse(what, problem, `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`);
  };
  const found = control.exec(text);
  if (found) refuseAt(found, "it holds a control character or half of a character");
  const line = separator.exec(text);
  if (line) refuseAt(line, "it holds a line separator of Unicode, which Talos takes for the end of a line");
}

/**
 * Parses text that holds any number of YAML documents, as go-yaml would read it into untyped values: YAML 1.2 core (so `off` is a text),
 * merge keys, octal `0644`. Keys are texts as they were written.
 *
 * @throws AppError `invalid-input` with line and column; the text itself is never quoted, since it may hold secrets.
 */
export function parseYamlDocuments(text: string, options: ParseYamlOptions = {}): YamlValue[] {
  const what = options.what ?? "The YAML";
  return parseYamlNodes(text, options).map((tree) => readingYaml(what, () => resolveUntyped(tree)));
}

function tooDeep(error: unknown, what: string): unknown {
  if (!(error instanceof RangeError)) return error;
  return new AppError("invalid-input", `${what} is nested more than ${maxDepth} levels deep.`, { cause: error });
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
