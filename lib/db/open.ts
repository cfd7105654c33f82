import "server-only";
import fs from "node:fs";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { migrateDatabase, migrationsDir, type MigrationReport } from "./migrate";
import { hasDatabase, markUsed } from "./own-database";
import type { Rotation } from "./rotate-key";
import { openKeyring, rotateToNewKey } from "./secrets";
import { applyStagedRestore, type StagedRestore } from "./staged-restore";
import { storageError } from "./storage-error";

/** The first start: whole under its name or not at all, so that a crash never leaves an empty database. */
function makeDatabase(file: string): MigrationReport {
  const coming = `${file}.first`;
  for (const suffix of ["", "-wal", "-shm"]) fs.rmSync(/* turbopackIgnore: true */ coming + suffix, { force: true });
  const report = migrateDatabase(coming, migrationsDir());
  fs.renameSync(/* turbopackIgnore: true */ coming, /* turbopackIgnore: true */ file);
  return report;
}

/** What a start did to the data: a restore that was put in place, migrations, a change of the key (null where no old key is given). */
export type StartReport = MigrationReport & { restored: StagedRestore | null; rotation: Rotation | null };

/**
 * Puts a staged restore in place, makes the data directory, brings the database to this version, and opens the secret box: what a start needs.
 * @throws AppError `refused` or `unavailable` with a sentence for the console.
 */
export function openDatabase(): StartReport {
  const { dataDir, databaseFile, keyFile } = env();
  try {
    fs.mkdirSync(/* turbopackIgnore: true */ dataDir, { recursive: true, mode: 0o700 });
    fs.accessSync(/* turbopackIgnore: true */ dataDir, fs.constants.W_OK);
  } catch (cause) {
    throw new AppError("unavailable", `The data directory ${dataDir} cannot be written to.`, {
      hint: "Set ICHOR_DATA_DIR to a directory that this user may write to.",
      cause,
    });
  }
  const restored = applyStagedRestore({ dataDir, databaseFile, keyFile });
  const report = hasDatabase({ dataDir, databaseFile, keyFile })
    ? migrateDatabase(databaseFile, migrationsDir())
    : makeDatabase(databaseFile);
  try {
    for (const suffix of ["", "-wal", "-shm"]) {
      const file = databaseFile + suffix;
      if (fs.existsSync(/* turbopackIgnore: true */ file)) fs.chmodSync(/* turbopackIgnore: true */ file, 0o600);
    }
    const rotation = rotateToNewKey();
    openKeyring();
    markUsed(dataDir, new Date());
    return { ...report, restored, rotation };
  } catch (error) {
    throw storageError(error, databaseFile) ?? error;
  }
}
