export type LogEntry = { seq: number; kind: "line"; text: string } | { seq: number; kind: "gap" };

/** What the viewer holds at most; older lines make way. */
export const maxLogLines = 10_000;

/** The entries with new ones behind, oldest dropped beyond the limit. */
export function appendLines(entries: readonly LogEntry[], added: readonly (string | null)[]): LogEntry[] {
  let seq = (entries.at(-1)?.seq ?? 0) + 1;
  const next = [...entries];
  for (const text of added) next.push(text === null ? { seq: seq++, kind: "gap" } : { seq: seq++, kind: "line", text });
  return next.length > maxLogLines ? next.slice(next.length - maxLogLines) : next;
}
