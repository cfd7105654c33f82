import "server-only";
import fs from "node:fs";
import path from "node:path";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { migrateDatabase, type MigrationReport } from "./migrate";
import { hasDatabase, markUsed } from "./own-database";
import { openKeyring } from "./secrets";
import { storageError } from "./storage-error";

/** The checked-in migrations; commands and the server are started in the repository's directory. */
const migrationsDir = (): string => path.join(/* turbopackIgnore: true */ process.cwd(), "prisma/migrations");

/** The first start: whole under its name or not at all, so that a crash never leaves an empty database. */
function makeDatabase(file: string): MigrationReport {
  const coming = `${file}.first`;
  for (const suffix of ["", "-wal", "-shm"]) fs.rmSync(/* turbopackIgnore: true */ coming + suffix, { force: true });
  const report = migrateDatabase(coming, migrationsDir());
  fs.renameSync(/* turbopackIgnore: true */ coming, /* turbopackIgnore: true */ file);
  return report;
}

/**
 * Makes the data directory, brings the database to this version, and opens the secret box: what a start needs.
 * @throws AppError `refused` or `unavailable` with a sentence for the console.
 */
export function openDatabase(): MigrationReport {
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
  const report = hasDatabase({ dataDir, databaseFile, keyFile })
    ? migrateDatabase(databaseFile, migrationsDir())
    : makeDatabase(databaseFile);
  try {
    for (const suffix of ["", "-wal", "-shm"]) {
      const file = databaseFile + suffix;
      if (fs.existsSync(/* turbopackIgnore: true */ file)) fs.chmodSync(/* turbopackIgnore: true */ file, 0o600);
    }
    openKeyring();
    markUsed(dataDir, new Date());
  } catch (error) {
    throw storageError(error, databaseFile) ?? error;
  }
  return report;
}
