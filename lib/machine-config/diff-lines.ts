import { lineEdits, type LineEdit } from "@/lib/core/line-diff";

/** One line of a diff. A context line of `gapText` alone stands for lines that were left out. */
export type DiffLine = { kind: "context" | "add" | "remove"; text: string };

export const gapText = "…";
const context = 3;

const gap: DiffLine = { kind: "context", text: gapText };
const kinds: Record<LineEdit["kind"], DiffLine["kind"]> = { same: "context", added: "add", removed: "remove" };

/** Two texts as the lines of a unified diff with three lines of context; empty where they are the same. See `lineEdits` for its bounds. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let unshown: LineEdit[] = [];
  // How many lines in both texts may still follow the last one that differs.
  let following = 0;
  for (const edit of lineEdits(before, after)) {
    if (edit.kind !== "same") {
      const shown = unshown.slice(-context);
      if (shown.length < unshown.length) lines.push(gap);
      for (const { text } of shown) lines.push({ kind: "context", text });
      unshown = [];
      following = context;
      lines.push({ kind: kinds[edit.kind], text: edit.text });
    } else if (following > 0) {
      following -= 1;
      lines.push({ kind: "context", text: edit.text });
    } else unshown.push(edit);
  }
  return lines;
}
