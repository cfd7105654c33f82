import { cleanText } from "@/lib/talos/text";

// A line longer than this is cut: a node could otherwise make us hold all of its output.
const maxLineBytes = 64 * 1024;

/** Turns byte frames, cut anywhere, into whole lines: UTF-8 and lines are put together again; control characters are dropped. */
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
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    while (this.rest.length > maxLineBytes) {
      lines.push(this.rest.slice(0, maxLineBytes));
      this.rest = this.rest.slice(maxLineBytes);
    }
    return lines.map(clean);
  }
}

const clean = (line: string) => cleanText(line.replace(/\r$/, ""), { max: maxLineBytes + 1, keepLines: true });
