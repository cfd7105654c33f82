import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import { AppError, errorMessage } from "@/lib/core/errors";
import { restoreHint } from "./own-database";
import { storageError } from "./storage-error";

export type Migration = { name: string; sql: string; checksum: string };
type Applied = { migration_name: string; checksum: string; finished_at: unknown };
export type MigrationReport = { applied: string[]; backup: string | null };

// The table that `prisma migrate` keeps, so that its commands work on the same file.
const ledger = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL,
  "logs" TEXT, "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
  "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0)`;

/**
 * Brings a database file to this version's schema: checks it, copies it aside (`<file>.before-<migration>`), then applies
 * the checked-in migrations in order, each whole or not at all.
 * @throws AppError `refused` when the file is damaged, or was written by a newer version; `unavailable` when this user may
 * not write it, the disk is full, or another process holds it for `busyMs`. It is then left as it was.
 */
export function migrateDatabase(file: string, migrationsDir: string, busyMs = 30_000): MigrationReport {
  const known = readMigrations(migrationsDir);
  let db: Database.Database | null = null;
  try {
    db = new Database(/* turbopackIgnore: true */ file, { timeout: busyMs });
    checkIntegrity(db, file);
    refuseOthers(db, file);
    db.pragma("journal_mode = WAL");
    // Off before BEGIN (inside it does nothing): a table that a migration rebuilds would else cascade its deletes.
    db.pragma("foreign_keys = OFF");
    db.exec(ledger);
    const applied = db
      .prepare<[], Applied>(
        "SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL",
      )
      .all();
    refuseForeign(applied, known);
    const pending = known.filter((migration) => !applied.some((row) => row.migration_name === migration.name));
    const backup = pending[0] && applied.length > 0 ? backUp(db, file, pending[0].name) : null;
    for (const migration of pending) apply(db, migration);
    return { applied: pending.map((migration) => migration.name), backup };
  } catch (error) {
    throw storageError(error, file) ?? error;
  } finally {
    db?.close();
  }
}

/** The checked-in migrations; commands and the server are started in the repository's directory. */
export const migrationsDir = (): string => path.join(/* turbopackIgnore: true */ process.cwd(), "prisma/migrations");
export const knownMigrations = (): Migration[] => readMigrations(migrationsDir());

function readMigrations(dir: string): Migration[] {
  return fs
    .readdirSync(/* turbopackIgnore: true */ dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = fs.readFileSync(
        /* turbopackIgnore: true */ path.join(/* turbopackIgnore: true */ dir, name, "migration.sql"),
        "utf8",
      );
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    });
}

function checkIntegrity(db: Database.Database, file: string): void {
  let findings: string;
  try {
    findings = db
      .prepare<[], { integrity_check: string }>("PRAGMA integrity_check(5)")
      .all()
      .map((row) => row.integrity_check)
      .join("; ");
  } catch (error) {
    // A file that could not be read now may well be whole: who is told to restore a back-up would lose what came after it.
    if (storageError(error, file)) throw error;
    findings = errorMessage(error);
  }
  if (findings === "ok") return;
  throw new AppError("refused", `The database ${file} is damaged, so it is not opened.`, {
    hint: `${restoreHint} Copies that were made before migrations lie beside it.`,
    details: findings,
  });
}

/** A file of another program would otherwise get our tables beside its own. */
function refuseOthers(db: Database.Database, file: string): void {
  const tables = db
    .prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all();
  if (tables.length === 0 || tables.some(({ name }) => name === "_prisma_migrations")) return;
  throw new AppError("refused", `The database ${file} is not Ichor's, so it is not opened.`, {
    hint: restoreHint,
    details: `It has the tables ${tables
      .slice(0, 5)
      .map(({ name }) => name)
      .join(", ")}.`,
  });
}

function refuseForeign(applied: Applied[], known: Migration[]): void {
  for (const row of applied) {
    const ours = known.find((migration) => migration.name === row.migration_name);
    if (!ours) {
      throw new AppError(
        "refused",
        `The database was written by a newer version of Ichor (${row.migration_name}), so this one does not open it.`,
        {
          hint: "Start the newer version, or restore a back-up of this version with `npm run restore -- FILE` (docs/backup.md).",
        },
      );
    }
    if (ours.checksum !== row.checksum || row.finished_at === null) {
      throw new AppError(
        "refused",
        `The migration ${ours.name} in the database is not the one of this version, so it is not opened.`,
        {
          hint: "Restore the database from a back-up, or start the version that wrote it.",
        },
      );
    }
  }
}

function backUp(db: Database.Database, file: string, before: string): string {
  const copy = `${file}.before-${before}`;
  fs.rmSync(/* turbopackIgnore: true */ copy, { force: true });
  try {
    db.prepare("VACUUM INTO ?").run(copy);
  } catch (error) {
    // A part of a copy would be taken for one, and fills the disk that it did not fit on.
    fs.rmSync(/* turbopackIgnore: true */ copy, { force: true });
    throw error;
  }
  fs.chmodSync(/* turbopackIgnore: true */ copy, 0o600);
  return copy;
}

function apply(db: Database.Database, migration: Migration): void {
  const time = () => new Date().toISOString().replace("Z", "+00:00");
  const startedAt = time();
  db.exec("BEGIN IMMEDIATE");
  try {
    db.exec(migration.sql);
    const broken = db.prepare("PRAGMA foreign_key_check").all();
    if (broken.length > 0) throw new Error(`migration ${migration.name} leaves ${broken.length} broken foreign keys`);
    db.prepare(
      "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES (?, ?, ?, ?, ?, 1)",
    ).run(randomUUID(), migration.checksum, migration.name, startedAt, time());
    db.exec("COMMIT");
  } catch (error) {
    if (db.inTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
