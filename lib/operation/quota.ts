import type { Actor } from "@/lib/auth/ctx";
import { tryLater } from "@/lib/core/try-later";

/** How much of what is expensive one account may have; a page in use stays far below. */
export const quota = { concurrent: 6, perMinute: 240 } as const;

const minuteMs = 60_000;
type Account = { running: number; startedMs: number[] };
const quotaKey = Symbol.for("ichor.operation-quota");
const accounts = (): Map<string, Account> =>
  ((globalThis as { [quotaKey]?: Map<string, Account> })[quotaKey] ??= new Map());

/** Most expensive operations are over by then. */
const usualMs = 5_000;

/** Tokens of an account count as the account: a quota that a new token renews is none. Null for jobs of the system. */
export const accountOf = (actor: Actor): string | null =>
  actor.kind === "system" ? null : actor.kind === "token" ? (actor.ownerId ?? actor.id) : actor.id;

/** Accounts of which nothing counts any more go, so that the table does not grow with tokens made and dropped. */
function forget(known: Map<string, Account>, nowMs: number): void {
  for (const [id, { running, startedMs }] of known)
    if (running === 0 && (startedMs.at(-1) ?? 0) <= nowMs - minuteMs) known.delete(id);
}

/**
 * Takes a turn for an expensive operation; jobs of the system have no quota.
 *
 * @returns what gives the turn back when the operation has ended.
 * @throws AppError `rate-limited` with the time to wait.
 */
export function takeTurn(actor: Actor, nowMs: number): () => void {
  const id = accountOf(actor);
  if (id === null) return () => {};
  const known = accounts();
  if (known.size > 1_000) forget(known, nowMs);
  const account = known.get(id) ?? { running: 0, startedMs: [] };
  known.set(id, account);
  account.startedMs = account.startedMs.filter((startedMs) => startedMs > nowMs - minuteMs && startedMs <= nowMs);
  if (account.running >= quota.concurrent) {
    throw tryLater(
      "rate-limited",
      `${account.running} expensive operations of your account are running, which is as many as one may have at a time.`,
      usualMs,
      { hint: "Wait until one of them has ended." },
    );
  }
  const [oldestMs] = account.startedMs;
  if (oldestMs !== undefined && account.startedMs.length >= quota.perMinute) {
    throw tryLater(
      "rate-limited",
      `Your account has started ${quota.perMinute} expensive operations within a minute, so this one was not begun.`,
      oldestMs + minuteMs - nowMs,
    );
  }
  account.startedMs.push(nowMs);
  account.running += 1;
  let given = false;
  return () => {
    if (!given) account.running -= 1;
    given = true;
  };
}
