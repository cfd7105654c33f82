import { nodeCaps } from "@/lib/core/bounds/input-caps";
import { cleanText } from "@/lib/talos/text";

// A line longer than this is cut: a node could otherwise make us hold all of its output.
const maxLineChars = nodeCaps.lineBytes;

/** Said in place of lines that are not shown. */
export const leftOut = (count: number): string =>
  `[Ichor left out ${count} lines: the node sent more at once than can be shown]`;

/**
 * Turns byte frames, cut anywhere, into whole lines: UTF-8 and lines are put together again; control characters are dropped. Of a frame
 * with more lines than `nodeCaps.linesPerMessage` the first are taken, and a line says how many are not.
 */
export class LineReader {
  private readonly decoder = new TextDecoder("utf-8");
  private rest = "";

  /** The lines that this frame completes. */
  push(bytes: Uint8Array): string[] {
    return this.split(this.decoder.decode(bytes, { stream: true }));
  }

  /** As `push`, for text that is decoded already. */
  pushText(text: string): string[] {
    return this.split(text);
  }

  /** The last line when it had no end. */
  flush(): string[] {
    const lines = this.split(this.decoder.decode());
    const last = this.rest;
    this.rest = "";
    return last === "" ? lines : [...lines, clean(last)];
  }

  private split(text: string): string[] {
    const lines: string[] = [];
    let from = 0;
    let skipped = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
      if (lines.length >= nodeCaps.linesPerMessage) skipped += 1;
      else lines.push(clean(this.rest + text.slice(from, end)));
      this.rest = "";
      from = end + 1;
    }
    if (skipped > 0) lines.push(leftOut(skipped));
    this.rest += text.slice(from);
    while (this.rest.length > maxLineChars) {
      lines.push(clean(this.rest.slice(0, maxLineChars)));
      this.rest = this.rest.slice(maxLineChars);
    }
    return lines;
  }
}

const clean = (line: string) => cleanText(line.replace(/\r$/, ""), { max: maxLineChars + 1, keepLines: true });
