const mostPerHour = 5;
const hourMs = 60 * 60_000;
/** Accounts times operations that are remembered; then all of them may start over. */
const mostKeys = 2000;

const slot = Symbol.for("ichor.denied-limit");
type Seen = Map<string, { sinceMs: number; count: number }>;
const holder = globalThis as { [slot]?: Seen };

/** Whether one more refused attempt of this account at this action gets an entry of its own: five an hour do. */
export function mayRecordDenied(actor: string, action: string, nowMs: number): boolean {
  const seen = (holder[slot] ??= new Map());
  const key = JSON.stringify([actor, action]);
  const before = seen.get(key);
  const fresh = before !== undefined && nowMs >= before.sinceMs && nowMs - before.sinceMs < hourMs;
  if (!fresh && seen.size >= mostKeys) seen.clear();
  const now = fresh ? { ...before, count: before.count + 1 } : { sinceMs: nowMs, count: 1 };
  seen.set(key, now);
  return now.count <= mostPerHour;
}
