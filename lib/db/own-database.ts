import fs from "node:fs";
import path from "node:path";
import { AppError } from "@/lib/core/errors";

type Place = { dataDir: string; databaseFile: string; keyFile: string };

/** Written at the end of the first good start: from then on a database that is not there has been lost. */
const markOf = (dataDir: string): string => path.join(/* turbopackIgnore: true */ dataDir, "ichor.first-start");

const there = (file: string): boolean => fs.existsSync(/* turbopackIgnore: true */ file);

/** Where every refusal of a database leads. */
export const restoreHint =
  "Restore it with `npm run restore -- FILE` (docs/backup.md), or put the file back where it was.";

/** Has Ichor been started with this data directory before? Then nothing new may take the place of what is missing. */
export const wasUsed = (dataDir: string): boolean => there(markOf(dataDir));

export function markUsed(dataDir: string, now: Date): void {
  if (wasUsed(dataDir)) return;
  fs.writeFileSync(/* turbopackIgnore: true */ markOf(dataDir), `${now.toISOString()}\n`, { mode: 0o600, flush: true });
}

/**
 * Tells a first start from a database that was lost: never silently a new one in its place.
 * @returns whether there is a database to open; false = this is the first start.
 * @throws AppError `refused` where it is empty, or missing beside what belongs to it (its key, its log, our own mark).
 */
export function hasDatabase({ dataDir, databaseFile, keyFile }: Place): boolean {
  if (there(databaseFile)) {
    if (fs.statSync(/* turbopackIgnore: true */ databaseFile).size > 0) return true;
    throw new AppError("refused", `The database ${databaseFile} is empty, so it is not opened.`, { hint: restoreHint });
  }
  const ownKey = path.dirname(keyFile) === dataDir && there(keyFile);
  const left = ownKey
    ? `its key ${keyFile} is there`
    : there(`${databaseFile}-wal`)
      ? `a part of it (${databaseFile}-wal) is there`
      : wasUsed(dataDir)
        ? "Ichor has used this data directory before"
        : null;
  if (left === null) return false;
  const anew = `To begin anew without anything of it, choose another ICHOR_DATA_DIR.`;
  throw new AppError("refused", `The database ${databaseFile} is missing, although ${left}.`, {
    hint: `${restoreHint} ${anew}`,
  });
}
