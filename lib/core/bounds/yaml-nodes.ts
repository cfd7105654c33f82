// Each value of a document, each key, comment and error of the parser begins or ends with one of these.
const marks = new Set([...",[]{}:?-&*!#\"'%|>@`"].map((mark) => mark.charCodeAt(0)));
const space = 32;
/** A line of a block text costs the parser so much of a value. */
const blockLineShare = 0.25;
const longestPlainLine = 4_096;

// Lines as go-yaml writes most of them. Only after such lines is `key: |` surely the head of a block text.
const plainLine =
  /^ *((?:- )*)(?:([\w./-]+):(?: ([\w./+=@ -]+|"[^"\\]*"|'[^']*'|\[\]|\{\}))?|[\w./+=@-]+|"[^"\\]*"|'[^']*')$/;
const blockHead = /^ *((?:- )*)([\w./-]+: )?[|>][+-]?$/;

function marksIn(text: string, from: number, to: number): number {
  let count = 1;
  for (let at = from; at < to; at++) if (marks.has(text.charCodeAt(at))) count += 1;
  return count;
}

function indentOf(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && text.charCodeAt(at) === space) at += 1;
  return at - from;
}

/** Follows a text line by line as long as it is what go-yaml writes, and says which lines are within a block text. */
class BlockTexts {
  private plain = true;
  private opens = true;
  private indent = -1;
  /** Column of what the block text stands in, and where its content begins; null outside of one. */
  private block: { parent: number; content: number | null } | null = null;

  /** @param line the whole line; @param indent its blanks. */
  isWithin(line: string, indent: number): boolean {
    if (this.block) {
      if (indent === line.length) return true;
      this.block.content ??= indent > this.block.parent ? indent : Infinity;
      if (indent >= this.block.content) return true;
      // Between the two is nothing that go-yaml writes.
      this.plain &&= indent <= this.block.parent;
      this.block = null;
    }
    if (this.plain && indent < line.length) this.outside(line, indent);
    return false;
  }

  private outside(line: string, indent: number): void {
    const head = line.length > longestPlainLine ? null : blockHead.exec(line);
    const match = head ?? (line.length > longestPlainLine ? null : plainLine.exec(line));
    // Deeper than a key that has its value: a value's second line.
    this.plain = match !== null && (this.opens || indent <= this.indent);
    this.opens =
      match !== null && head === null && (match[1] !== "" || (match[2] !== undefined && match[3] === undefined));
    this.indent = indent;
    if (!this.plain || !head) return;
    const dashes = head[1]?.length ?? 0;
    this.block = { parent: Math.max(0, indent + dashes - (head[2] === undefined ? 2 : 0)), content: null };
  }
}

/**
 * How many values, keys, comments and errors a YAML parser can find in a text at most: counted in one pass, without parsing. It may be
 * more than there are (a colon within a text counts), never less, but that four lines of a block text count as one value.
 */
export function yamlNodesBound(text: string): number {
  const texts = new BlockTexts();
  let count = 0;
  for (let from = 0; from <= text.length;) {
    const end = text.indexOf("\n", from);
    const to = end === -1 ? text.length : end;
    const within = texts.isWithin(text.slice(from, to), indentOf(text, from, to));
    count += within ? blockLineShare : marksIn(text, from, to);
    from = to + 1;
  }
  return Math.ceil(count);
}
