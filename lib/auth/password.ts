import "server-only";
import { hash, verify } from "@node-rs/argon2";
import { AppError } from "@/lib/core/errors";

// Argon2id, the library's default; OWASP's first choice of cost: 19 MiB, two passes, one lane.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const mostAtOnce = 2;
const mostWaiting = 20;

let running = 0;
const waiting: (() => void)[] = [];

/** Each hash takes 19 MiB and tens of milliseconds of a core: a flood of sign-ins must not take the server with it. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= mostAtOnce) {
    if (waiting.length >= mostWaiting) {
      throw new AppError("rate-limited", "Too many people are signing in at this moment.", {
        hint: "Try again in a few seconds.",
      });
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running += 1;
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

/** The PHC string of a password, argon2id. */
export const hashPassword = (password: string): Promise<string> => inTurn(() => hash(password, cost));

let decoy: Promise<string> | null = null;

/**
 * Whether the password is the one. Where there is no such account (`null`), a decoy is verified all the same, so that
 * the time taken does not tell which names exist.
 */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  decoy ??= hashPassword("no account has this password");
  const against = passwordHash ?? (await decoy);
  const matches = await inTurn(() => verify(against, password));
  return passwordHash !== null && matches;
}
