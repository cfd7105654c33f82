import "server-only";
import { withTransaction } from "@/lib/db/transaction";

/** Failures that cost nothing, and the longest wait after more of them. */
const limits = {
  // One person mistyping.
  pair: { free: 4, capMs: 15 * 60_000 },
  // Many names from one place.
  address: { free: 20, capMs: 15 * 60_000 },
  // One name from many places. Short, since a stranger could else lock people out of their own account.
  account: { free: 20, capMs: 2 * 60_000 },
} as const;
type LimitKind = keyof typeof limits;

const forgetAfterMs = 24 * 60 * 60_000;

/** The wait after this many failures in a row: none at first, then 2 s, doubled each time up to the cap. */
export function backoffMs(kind: LimitKind, failures: number): number {
  const beyond = failures - limits[kind].free;
  return beyond <= 0 ? 0 : Math.min(limits[kind].capMs, 1000 * 2 ** Math.min(beyond, 20));
}

const keysOf = (account: string, address: string): [LimitKind, string][] => {
  const name = account.trim().toLowerCase().slice(0, 100);
  return [
    ["pair", `pair:${name}|${address}`],
    ["address", `address:${address}`],
    ["account", `account:${name}`],
  ];
};

export type AttemptVerdict = { state: "allowed" } | { state: "blocked"; retryAfterMs: number };

/**
 * Takes one attempt to sign in. It counts as failed until `forgiveAttempts`, so that guesses sent all at once are
 * counted before any of them is checked. Survives a restart.
 */
export function takeAttempt(account: string, address: string, nowMs: number): Promise<AttemptVerdict> {
  return withTransaction(async (tx) => {
    const keys = keysOf(account, address);
    const rows = new Map(
      (await tx.signInAttempt.findMany({ where: { key: { in: keys.map(([, key]) => key) } } })).map((row) => [
        row.key,
        row,
      ]),
    );
    const retryAfterMs = Math.max(0, ...keys.map(([, key]) => (rows.get(key)?.blockedTo?.getTime() ?? 0) - nowMs));
    if (retryAfterMs > 0) return { state: "blocked", retryAfterMs };
    for (const [kind, key] of keys) {
      const before = rows.get(key);
      const fresh = before !== undefined && nowMs - before.firstAt.getTime() < forgetAfterMs;
      const failures = (fresh ? before.failures : 0) + 1;
      const waitMs = backoffMs(kind, failures);
      const data = {
        failures,
        firstAt: fresh ? before.firstAt : new Date(nowMs),
        blockedTo: waitMs > 0 ? new Date(nowMs + waitMs) : null,
      };
      await tx.signInAttempt.upsert({ where: { key }, create: { key, ...data }, update: data });
    }
    return { state: "allowed" };
  });
}

/** After a sign-in that worked: forgets the failures of this account, and this one of the address. */
export function forgiveAttempts(account: string, address: string): Promise<void> {
  return withTransaction(async (tx) => {
    const keys = keysOf(account, address);
    await tx.signInAttempt.deleteMany({
      where: { key: { in: keys.filter(([kind]) => kind !== "address").map(([, key]) => key) } },
    });
    await tx.signInAttempt.updateMany({
      where: { key: { in: keys.filter(([kind]) => kind === "address").map(([, key]) => key) }, failures: { gt: 0 } },
      data: { failures: { decrement: 1 }, blockedTo: null },
    });
  });
}
