import { AppError } from "@/lib/core/errors";

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
