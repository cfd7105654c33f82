import { Composer, Lexer, Parser, isMap, isScalar, isSeq, type Document, type LineCounter } from "yaml";
import type { DocumentOptions, ParseOptions, SchemaOptions } from "yaml";

/** What a text may cost: parsing one takes a few microseconds for each of its words and marks. */
export type YamlBudget = {
  /** Words, marks, blanks and line ends, as the lexer gives them; a text of many lines in a block counts as one. */
  mostTokens: number;
  mostAliases: number;
};

/** A line `name: value` has seven tokens: this is about 70,000 of them, more than any file of Talos or Kubernetes. */
export const mostYamlTokens = 500_000;
export const mostYamlAliases = 50_000;

// Only the first one of a document is ever told.
const mostErrorsBetweenDocuments = 100;

/** The text is over its budget. `problem` is a clause: "it has more than …". */
export class YamlOverBudget extends Error {
  constructor(
    readonly problem: string,
    readonly isOfAliases = false,
  ) {
    super(problem);
  }
}

type Options = Omit<ParseOptions & DocumentOptions & SchemaOptions, "uniqueKeys" | "prettyErrors" | "lineCounter"> & {
  lineCounter?: LineCounter;
  /** Stops behind the first document. */
  firstOnly?: boolean;
  /** Gives one document for a text that holds none, with what is wrong between documents. */
  forced?: boolean;
};

/**
 * The documents of a text, in time proportional to it: keys are not compared with each other (the library would compare each one with
 * all before it; see `firstSameKey`), and a text over its budget is left in the middle.
 *
 * @throws YamlOverBudget; RangeError where it is nested deeper than the stack, which `isNestedTooDeep` tells before.
 */
export function parseYamlStream(
  source: string,
  { firstOnly = false, forced = false, ...options }: Options,
  { mostTokens, mostAliases }: YamlBudget = { mostTokens: mostYamlTokens, mostAliases: mostYamlAliases },
): Document.Parsed[] {
  const parser = new Parser(options.lineCounter?.addNewLine);
  const composer = new Composer({ ...options, uniqueKeys: false, prettyErrors: false });
  options.lineCounter?.addNewLine(0);
  const documents: Document.Parsed[] = [];
  let errors = 0;
  const take = (tokens: ReturnType<Parser["next"]>): void => {
    for (const token of tokens) {
      if (token.type === "error") errors += 1;
      for (const document of composer.next(token)) documents.push(document as Document.Parsed);
    }
  };
  const isEnough = (): boolean => errors > mostErrorsBetweenDocuments || (firstOnly && documents.length > 0);
  let tokens = 0;
  let aliases = 0;
  withoutStacks(() => {
    for (const token of new Lexer().lex(source)) {
      tokens += 1;
      if (token.startsWith("*")) aliases += 1;
      if (tokens > mostTokens) throw new YamlOverBudget(`it has more than ${written(mostTokens)} words and marks`);
      if (aliases > mostAliases) throw new YamlOverBudget(`it has more than ${written(mostAliases)} aliases`, true);
      take(parser.next(token));
      if (isEnough()) break;
    }
    take(parser.end());
    for (const document of composer.end(forced, source.length)) documents.push(document as Document.Parsed);
  });
  return firstOnly ? documents.slice(0, 1) : documents;
}

const written = (count: number): string => count.toLocaleString("en");

/** The library makes an Error object of each problem, whose stack nobody reads and which costs more than the parsing. */
function withoutStacks(parse: () => void): void {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    parse();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Where the library, asked for unique keys, would find the first key that a mapping has twice: its offset, or null. */
export function firstSameKey({ contents }: Document.Parsed): number | null {
  let first: number | null = null;
  const open: unknown[] = [contents];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isSeq(node)) for (const item of node.items) open.push(item ?? null);
    if (!isMap(node)) continue;
    const seen = new Set<unknown>();
    for (const { key, value } of node.items) {
      open.push(key ?? null, value ?? null);
      // NaN is never the same as itself.
      if (!isScalar(key) || Number.isNaN(key.value)) continue;
      const at = key.range?.[0] ?? 0;
      if (seen.has(key.value) && (first === null || at < first)) first = at;
      seen.add(key.value);
    }
  }
  return first;
}
