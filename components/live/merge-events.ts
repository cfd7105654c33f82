import type { RunEvent } from "@/lib/upgrades/schema";

/** Two stretches of one log as one, by number; `hole` says that some between were missed. Both come sorted. */
export function mergeEvents(
  first: readonly RunEvent[],
  later: readonly RunEvent[],
): { events: readonly RunEvent[]; hole: boolean } {
  const newest = first.at(-1)?.seq ?? 0;
  const added = later.filter((event) => event.seq > newest);
  const events = added.length === 0 ? first : [...first, ...added];
  const hole = added.some((event, index) => event.seq !== (index === 0 ? newest : added[index - 1]!.seq) + 1);
  return { events, hole };
}
