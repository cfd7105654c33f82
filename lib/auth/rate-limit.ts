import "server-only";
import { createHmac } from "node:crypto";
import { deriveSecret } from "@/lib/db/secrets";
import { type Tx, withTransaction } from "@/lib/db/transaction";
import { addressGroup } from "./client-address";

/**
 * Failures that cost nothing, and the longest wait after more of them. There is no limit by account alone: whoever knows a name
 * could lock its owner out with it.
 */
const limits = {
  // One name from one place: a person mistyping, or somebody guessing.
  pair: { free: 4, capMs: 15 * 60_000 },
  // Many names from one address. Short, since people share one behind a router or a proxy.
  address: { free: 20, capMs: 60_000 },
} as const;
type LimitKind = keyof typeof limits;

const forgetAfterMs = 24 * 60 * 60_000;
const pruneEveryMs = 60 * 60_000;
let prunedAtMs = -Infinity;

/** The wait after this many failures in a row: none at first, then 2 s, doubled each time up to the cap. */
export function backoffMs(kind: LimitKind, failures: number): number {
  const beyond = failures - limits[kind].free;
  return beyond <= 0 ? 0 : Math.min(limits[kind].capMs, 1000 * 2 ** Math.min(beyond, 20));
}

/**
 * Where an attempt comes from: an address, or something that only the account's own people have (`own`: a session, or a browser
 * that has signed in before), whose attempts count for themselves and are not held up by anybody else's.
 */
export type Place = { address: string } | { own: string };

/** Digests, with a key of ours: a name that was typed may be a password in the wrong field. */
const keysOf = (account: string, place: Place): [LimitKind, string][] => {
  const name = account.trim().toLowerCase().slice(0, 100);
  const secret = deriveSecret("sign-in-attempts");
  const key = (kind: LimitKind, text: string): [LimitKind, string] => [
    kind,
    `${kind}:${createHmac("sha256", secret).update(text).digest("hex")}`,
  ];
  if ("own" in place) return [key("pair", JSON.stringify([name, "own", place.own]))];
  const group = addressGroup(place.address);
  return [key("pair", JSON.stringify([name, group])), key("address", group)];
};

/** Removes what no longer counts, now and then: strangers make these rows, with any names. */
async function prune(tx: Tx, nowMs: number): Promise<void> {
  if (Math.abs(nowMs - prunedAtMs) < pruneEveryMs) return;
  prunedAtMs = nowMs;
  const firstAt = { lt: new Date(nowMs - forgetAfterMs) };
  const over = [{ blockedTo: null }, { blockedTo: { lt: new Date(nowMs) } }];
  await tx.signInAttempt.deleteMany({ where: { firstAt, OR: over } });
}

export type AttemptVerdict = { state: "allowed" } | { state: "blocked"; retryAfterMs: number };

/**
 * Takes one attempt to sign in. It counts as failed until `forgiveAttempts`, so that guesses sent all at once are
 * counted before any of them is checked. Survives a restart.
 */
export function takeAttempt(account: string, place: Place, nowMs: number): Promise<AttemptVerdict> {
  return withTransaction(async (tx) => {
    await prune(tx, nowMs);
    const keys = keysOf(account, place);
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

/** After a sign-in that worked: forgets the failures of this account there, and this one of the address. */
export function forgiveAttempts(account: string, place: Place): Promise<void> {
  return withTransaction(async (tx) => {
    const keys = keysOf(account, place);
    await tx.signInAttempt.deleteMany({
      where: { key: { in: keys.filter(([kind]) => kind !== "address").map(([, key]) => key) } },
    });
    await tx.signInAttempt.updateMany({
      where: { key: { in: keys.filter(([kind]) => kind === "address").map(([, key]) => key) }, failures: { gt: 0 } },
      data: { failures: { decrement: 1 }, blockedTo: null },
    });
  });
}
