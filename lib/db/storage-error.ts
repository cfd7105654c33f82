import { AppError, StorageUnavailable } from "@/lib/core/errors";
import { fullJitterMs } from "@/lib/core/time";

type Sentence = { message: string; hint: string };

const sentences: [codes: RegExp, (file: string) => Sentence][] = [
  [
    /^(SQLITE_(CANTOPEN|READONLY|PERM)|EACCES|EPERM|EROFS|EISDIR)/,
    (file) => ({
      message: `The database ${file} cannot be opened and written by this user.`,
      hint: "Everything in the data directory must belong to the user that Ichor runs as; a start as root leaves files that are root's.",
    }),
  ],
  [
    /^SQLITE_(BUSY|LOCKED)/,
    (file) => ({ message: `Another process uses the database ${file}.`, hint: "End it, then start Ichor again." }),
  ],
  [
    /^(SQLITE_FULL|ENOSPC|EDQUOT)/,
    (file) => ({
      message: `The disk that holds the database ${file} is full.`,
      hint: "Make room, then start Ichor again: nothing was changed.",
    }),
  ],
  [
    /^(SQLITE_IOERR|EIO)/,
    (file) => ({
      message: `The disk that holds the database ${file} could not be read or written.`,
      hint: "Look at the disk and its file system first; the database itself may be whole.",
    }),
  ],
];

/** What keeps a database from being opened although nothing is wrong with it, as a sentence; null for any other error. */
export function storageError(cause: unknown, file: string): AppError | null {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const found = sentences.find(([codes]) => codes.test(code))?.[1](file);
  if (!found || cause instanceof AppError) return null;
  return new AppError("unavailable", found.message, { hint: found.hint, details: code, cause });
}

/** How long a database that another process locks is waited for. */
export type BusyWait = { forMs: number; baseMs: number; capMs: number; nowMs: () => number };
const patience: BusyWait = { forMs: 15_000, baseMs: 10, capMs: 250, nowMs: () => performance.now() };

/** The waits between attempts, with full jitter; it ends when the patience does. */
export function* waitsOf(given: Partial<BusyWait> = {}): Generator<number, undefined> {
  const { forMs, baseMs, capMs, nowMs } = { ...patience, ...given };
  const endMs = nowMs() + forMs;
  for (let attempt = 0; nowMs() < endMs; attempt++) yield 1 + fullJitterMs(attempt, { baseMs, capMs });
  return undefined;
}

/** SQLite's own code of an error that came through Prisma's adapter: `SQLITE_BUSY`, `SQLITE_FULL`. */
function codeOf(error: unknown): string {
  const cause: unknown = error instanceof Error && "cause" in error ? error.cause : null;
  const code: unknown = typeof cause === "object" && cause !== null ? Reflect.get(cause, "originalCode") : null;
  return typeof code === "string" ? code : "";
}

export const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));

const whileRunning: [codes: RegExp, sentence: Sentence][] = [
  [
    /^SQLITE_(BUSY|LOCKED)/,
    { message: "Another process holds Ichor's database.", hint: "End that process, then try again." },
  ],
  [
    /^SQLITE_FULL/,
    {
      message: "The disk of Ichor's database is full, so this could not be stored.",
      hint: "Make room on the disk of the data directory, then try again.",
    },
  ],
  [
    /^SQLITE_(IOERR|READONLY|CANTOPEN|PERM)/,
    {
      message: "Ichor's database could not be read or written.",
      hint: "Look at the disk of the data directory and its rights, then try again.",
    },
  ],
];

/** The failure of the storage behind an error of a statement; null where the statement itself is what failed. */
export function runtimeStorageError(error: unknown): StorageUnavailable | null {
  if (error instanceof StorageUnavailable) return error;
  const code = codeOf(error);
  const found = whileRunning.find(([codes]) => codes.test(code))?.[1];
  return found ? new StorageUnavailable(found.message, found.hint, { details: code, cause: error }) : null;
}
