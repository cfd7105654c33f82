export type BlockScalar = {
  /** `|`, `>-`, `|2+`. */
  header: string;
  /** The lines below it, with their indentation and the last line break, if there is one. */
  body: string;
  /** Column of the collection that it stands in; -1 at the top of a document. */
  parentIndent: number;
};

/** Where the content begins: as the header says, else as far as the first line with text, but deeper than the parent. */
function contentIndent(lines: readonly string[], hint: number, parentIndent: number): number {
  if (hint > 0) return parentIndent >= 0 ? parentIndent + hint : hint + 1;
  let deepest = 0;
  for (const line of lines) {
    const blanks = /^ */.exec(line)?.[0].length ?? 0;
    deepest = Math.max(deepest, blanks);
    if (blanks < line.length) break;
  }
  return Math.max(deepest, parentIndent + 1, 1);
}

/**
 * The text of a block scalar as go-yaml's scanner reads it (`scanBlockScalar`). Unlike YAML 1.2 as written: a text that ends without a
 * line break gets none, and a last line of blanks deeper than the indentation is content.
 */
export function blockScalarText({ header, body, parentIndent }: BlockScalar): string {
  const literal = header.startsWith("|");
  const lines = body.split("\n");
  // What follows the last break is a line only where there is something in it.
  const ends = lines.map((_, index) => (index < lines.length - 1 ? "\n" : ""));
  const indent = contentIndent(lines, Number(/[1-9]/.exec(header)?.[0] ?? 0), parentIndent);
  let text = "";
  let lineBreak = "";
  let emptyLines = "";
  let leadingBlank = false;
  for (const [index, line] of lines.entries()) {
    const content = line.slice(indent);
    if (content === "" && line.trim() === "") {
      emptyLines += ends[index] ?? "";
      continue;
    }
    const blank = /^[ \t]/.test(content);
    const folds = !literal && !leadingBlank && !blank && lineBreak !== "";
    text += folds ? (emptyLines === "" ? " " : "") : lineBreak;
    text += emptyLines + content;
    emptyLines = "";
    leadingBlank = blank;
    lineBreak = ends[index] ?? "";
  }
  if (!header.includes("-")) text += lineBreak;
  if (header.includes("+")) text += emptyLines;
  return text;
}

/**
 * Does a tab stand where go-yaml wants the spaces of a block's indentation (`scanBlockScalarBreaks`)? It refuses such a text, also where
 * the first line of a block without an indentation of its own begins with a tab.
 */
export function hasTabAsIndentation({ header, body, parentIndent }: BlockScalar): boolean {
  const lines = body.split("\n");
  const hint = Number(/[1-9]/.exec(header)?.[0] ?? 0);
  const indent = contentIndent(lines, hint, parentIndent);
  let found = hint > 0;
  for (const line of lines) {
    const spaces = /^ */.exec(line)?.[0].length ?? 0;
    if (line[spaces] === "\t" && (!found || spaces < indent)) return true;
    found ||= spaces < line.length;
  }
  return false;
}
