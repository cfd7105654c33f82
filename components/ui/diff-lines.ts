import { lineEdits, type LineEdit } from "@/lib/core/line-diff";

export type DiffLine = LineEdit | { kind: "gap"; count: number };

/**
 * Two texts as one list of lines; what did not change is folded away beyond `context` lines around a change.
 * Equal texts give an empty list.
 */
export function diffOf(before: string, after: string, context = 3): DiffLine[] {
  const lines = lineEdits(before, after);
  const near = new Set<number>();
  lines.forEach((line, index) => {
    if (line.kind === "same") return;
    for (let at = index - context; at <= index + context; at += 1) near.add(at);
  });
  if (near.size === 0) return [];
  const folded: DiffLine[] = [];
  let skipped = 0;
  const flush = () => {
    if (skipped > 0) folded.push({ kind: "gap", count: skipped });
    skipped = 0;
  };
  lines.forEach((line, index) => {
    if (!near.has(index)) {
      skipped += 1;
      return;
    }
    flush();
    folded.push(line);
  });
  flush();
  return folded;
}
