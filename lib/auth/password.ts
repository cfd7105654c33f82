import "server-only";
import { hash, verify } from "@node-rs/argon2";
import { FairTurns, NoTurn } from "@/lib/core/bounds/fair-turns";
import { tryLater } from "@/lib/core/try-later";
import { addressGroup } from "./client-address";
import type { Place } from "./rate-limit";

// Argon2id, the library's default; OWASP's first choice of cost: 19 MiB, two passes, one lane.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Each hash takes 19 MiB and tens of milliseconds of a core: a flood of sign-ins must not take the server with it. Strangers have a
 * place of their own, fair by address, so that however many they are, people with a session or a known browser get theirs.
 */
const turns = {
  strangers: new FairTurns({ atOnce: 1, atOncePerHolder: 1, waiting: 20, waitingPerHolder: 6 }),
  known: new FairTurns({ atOnce: 1, atOncePerHolder: 1, waiting: 40, waitingPerHolder: 6 }),
};
/** A full line is worked off in less. */
const lineMs = 2_000;

async function inTurn<T>(place: Place, work: () => Promise<T>): Promise<T> {
  const entered = "own" in place ? turns.known.enter(place.own) : turns.strangers.enter(addressGroup(place.address));
  const end = await entered.catch((cause: unknown) => {
    if (!(cause instanceof NoTurn)) throw cause;
    throw tryLater("rate-limited", "Too many people are signing in at this moment.", lineMs, { cause });
  });
  try {
    return await work();
  } finally {
    end();
  }
}

/** The PHC string of a password, argon2id. @throws AppError `rate-limited` where too many are made or checked. */
export const hashPassword = (password: string): Promise<string> =>
  inTurn({ own: "a new password" }, () => hash(password, cost));

let decoy: Promise<string> | null = null;

/**
 * Whether the password is the one. Where there is no such account (`null`), a decoy is verified all the same, so that
 * the time taken does not tell which names exist.
 *
 * @param place where the attempt comes from, as `takeAttempt` counts it.
 * @throws AppError `rate-limited` where too many are checked.
 */
export async function verifyPassword(passwordHash: string | null, password: string, place: Place): Promise<boolean> {
  // Never in a line: a refusal would stay the decoy for good.
  decoy ??= hash("no account has this password", cost);
  const against = passwordHash ?? (await decoy);
  const matches = await inTurn(place, () => verify(against, password));
  return passwordHash !== null && matches;
}
