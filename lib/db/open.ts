import "server-only";
import fs from "node:fs";
import path from "node:path";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { migrateDatabase, type MigrationReport } from "./migrate";
import { openKeyring } from "./secrets";
import { storageError } from "./storage-error";

/**
 * Makes the data directory, brings the database to this version, and opens the secret box: what a start needs.
 * @throws AppError `refused` or `unavailable` with a sentence for the console.
 */
export function openDatabase(): MigrationReport {
  const { dataDir, databaseFile } = env();
  try {
    fs.mkdirSync(/* turbopackIgnore: true */ dataDir, { recursive: true, mode: 0o700 });
    fs.accessSync(/* turbopackIgnore: true */ dataDir, fs.constants.W_OK);
  } catch (cause) {
    throw new AppError("unavailable", `The data directory ${dataDir} cannot be written to.`, {
      hint: "Set ICHOR_DATA_DIR to a directory that this user may write to.",
      cause,
    });
  }
  const report = migrateDatabase(
    databaseFile,
    path.join(/* turbopackIgnore: true */ process.cwd(), "prisma/migrations"),
  );
  try {
    for (const suffix of ["", "-wal", "-shm"]) {
      const file = databaseFile + suffix;
      if (fs.existsSync(/* turbopackIgnore: true */ file)) fs.chmodSync(/* turbopackIgnore: true */ file, 0o600);
    }
    openKeyring();
  } catch (error) {
    throw storageError(error, databaseFile) ?? error;
  }
  return report;
}
