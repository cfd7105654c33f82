/** A token of a CEL expression; `at` counts characters from 0. */
export type CelToken = { at: number; text: string } & (
  { kind: "name" | "symbol" | "end" } | { kind: "int" | "uint" | "double" | "string" | "bytes" }
);

/** An expression that CEL cannot read. */
export class CelProblem extends Error {}

const spaces = /(?:\s|\/\/[^\n]*)+/y;
const number = /(?:0[xX][0-9a-fA-F]+|\d+\.\d+(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+)[uU]?/y;
const name = /[A-Za-z_]\w*/y;
const symbol = /\|\||&&|==|!=|<=|>=|[-+*/%<>!?:.,()[\]{}]/y;
const quotes = /([bB]?[rR]?|[rR][bB])("""|'''|"|')/y;

function quoted(text: string, start: number, quote: string, raw: boolean): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === "\\" && !raw) at += 1;
    else if (text.startsWith(quote, at)) return at + quote.length;
    else if (quote.length === 1 && /[\n\r]/.test(text.charAt(at))) break;
  }
  throw new CelProblem("a text is not closed");
}

/** @throws CelProblem for characters that CEL does not have, and texts without an end. */
export function celTokens(text: string): CelToken[] {
  const tokens: CelToken[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  while (at < text.length) {
    const space = match(spaces);
    if (space) {
      at += space[0].length;
      continue;
    }
    const opened = match(quotes);
    if (opened) {
      const [opening, prefix = "", quote = ""] = opened;
      const end = quoted(text, at + opening.length, quote, /r/i.test(prefix));
      tokens.push({ kind: /b/i.test(prefix) ? "bytes" : "string", at, text: text.slice(at, end) });
      at = end;
      continue;
    }
    const found = match(number) ?? match(name) ?? match(symbol);
    if (!found) throw new CelProblem(`${JSON.stringify(text.charAt(at))} is not expected`);
    tokens.push({ kind: kindOf(found[0]), at, text: found[0] });
    at += found[0].length;
  }
  return [...tokens, { kind: "end", at, text: "" }];
}

function kindOf(text: string): CelToken["kind"] {
  if (/^[A-Za-z_]/.test(text)) return "name";
  if (!/^\.?\d/.test(text)) return "symbol";
  if (/[uU]$/.test(text)) return "uint";
  return /^0[xX]/.test(text) || /^\d+$/.test(text) ? "int" : "double";
}
