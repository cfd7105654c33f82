/** A line of a YAML text that makes its structure: nothing inside block texts, or inside quoted texts of several lines, is given. */
export type StructureLine = {
  /** Counted from 1. */
  number: number;
  raw: string;
  /** `raw` without its quoted texts. */
  bare: string;
  comment: boolean;
};

const blockStart = /(?:^|[:\-?][ \t]+(?:[!&][^ \t]+[ \t]+)?)[|>][-+0-9]{0,2}[ \t]*(?:#.*)?$/;
// Longer lines are data, not structure.
const maxLine = 4_000;

/** The column that a block text's lines have to stand right of: that of its key, or of its list's dash. */
function blockParent(line: string): number {
  const dashes = /^\s*(?:-\s+)*/.exec(line)?.[0] ?? "";
  return /^[|>!&]/.test(line.slice(dashes.length)) ? Math.max(dashes.lastIndexOf("-"), 0) : dashes.length;
}

/** Where a quoted text that begins before `from` ends (the index after its quote), or -1. */
function endOfQuoted(line: string, from: number, quote: string): number {
  for (let index = from; index < line.length; index++) {
    if (quote === '"' && line[index] === "\\") index += 1;
    else if (line[index] === quote) {
      if (quote === "'" && line[index + 1] === "'") index += 1;
      else return index + 1;
    }
  }
  return -1;
}

/** A line without its quoted texts, and the quote that stays open at its end. */
function unquoted(line: string): { bare: string; open: string } {
  let bare = "";
  for (let index = 0; index < line.length; index++) {
    const char = line[index] ?? "";
    // A quote inside a word or a template's call opens no text of YAML.
    if ((char === '"' || char === "'") && /(?:^\s*|[-:,?]\s+|[[{,]\s*)$/.test(bare.slice(-8))) {
      const end = endOfQuoted(line, index + 1, char);
      if (end < 0) return { bare, open: char };
      index = end - 1;
      bare += "_";
    } else bare += char;
  }
  return { bare, open: "" };
}

/**
 * The lines of a text that YAML would read as structure, found in one pass without parsing, since the text may be no YAML at all.
 * Good enough to tell a template from a text that holds one.
 */
export function* structureLines(text: string): Generator<StructureLine> {
  let blockColumn = -1;
  let quote = "";
  for (const [index, whole] of text.split("\n").entries()) {
    const line = whole.slice(0, maxLine).replace(/\r$/, "");
    if (quote !== "") {
      // The line that closes it is not looked at either.
      if (endOfQuoted(line, 0, quote) >= 0) quote = "";
      continue;
    }
    const indent = line.length - line.trimStart().length;
    if (blockColumn >= 0 && (line.trim() === "" || indent > blockColumn)) continue;
    blockColumn = -1;
    const comment = /^\s*#/.test(line);
    const { bare, open } = comment ? { bare: "", open: "" } : unquoted(line);
    yield { number: index + 1, raw: line, bare, comment };
    if (blockStart.test(bare)) blockColumn = blockParent(line);
    quote = open;
  }
}
