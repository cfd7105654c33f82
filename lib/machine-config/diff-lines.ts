import { structuredPatch } from "diff";

/** One line of a diff. A context line of `gapText` alone stands for lines that were left out. */
export type DiffLine = { kind: "context" | "add" | "remove"; text: string };

export const gapText = "…";
const context = 3;

// The search for the shortest diff takes the square of this; what differs in more lines is shown as one block.
const mostEdits = 3_000;

const gap: DiffLine = { kind: "context", text: gapText };
const linesOf = (text: string): string[] => text.replace(/\n$/, "").split("\n");

/**
 * Two texts as the lines of a unified diff with three lines of context; empty where they are the same. In time about proportional to the
 * texts: where they differ in thousands of lines, all between the first and the last difference is removed and added.
 */
export function lineDiff(before: string, after: string): DiffLine[] {
  if (before === after) return [];
  const patch = structuredPatch("before", "after", before, after, "", "", { context, maxEditLength: mostEdits });
  if (!patch) return blockDiff(linesOf(before), linesOf(after));
  return patch.hunks.flatMap((hunk, index) => [
    ...(index > 0 || hunk.oldStart > 1 ? [gap] : []),
    ...hunk.lines.flatMap((line) => lineOf(line)),
  ]);
}

function lineOf(line: string): DiffLine[] {
  const text = line.slice(1);
  if (line.startsWith("+")) return [{ kind: "add", text }];
  if (line.startsWith("-")) return [{ kind: "remove", text }];
  return line.startsWith("\\") ? [] : [{ kind: "context", text }];
}

function blockDiff(before: readonly string[], after: readonly string[]): DiffLine[] {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const as = (kind: DiffLine["kind"], lines: readonly string[]) => lines.map((text): DiffLine => ({ kind, text }));
  return [
    ...(start > context ? [gap] : []),
    ...as("context", before.slice(Math.max(0, start - context), start)),
    ...as("remove", before.slice(start, before.length - end)),
    ...as("add", after.slice(start, after.length - end)),
    ...as("context", before.slice(before.length - end, before.length - end + context)),
  ];
}
