import "server-only";
import Sqlite from "better-sqlite3";
import { AppError, errorMessage } from "@/lib/core/errors";
import { unseal, unwrapDataKey } from "@/lib/core/secret-box";
import { knownMigrations } from "./migrate";
import { sealedRows, sealedTables } from "./sealed-tables";

export type FileProof = { migrations: number; secrets: number };

/** In a thread of its own: on a large file it takes seconds, in which nobody else would be answered. */
const integrityScript = `const { parentPort, workerData } = require("node:worker_threads");
const db = require("better-sqlite3")(workerData, { readonly: true });
parentPort.postMessage(db.pragma("integrity_check(5)").map((row) => row.integrity_check).join("; "));
db.close();`;

function integrityOf(file: string): Promise<string> {
  // Not imported: the bundler would take the script for the path of a module.
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  return new Promise((resolve) => {
    const worker = new Worker(integrityScript, { eval: true, workerData: file });
    worker.once("message", (findings: unknown) => resolve(String(findings)));
    worker.once("error", (error) => resolve(errorMessage(error)));
    worker.once("exit", () => resolve("the check did not come to its end"));
  });
}

const notOpened = (why: string, details = ""): AppError =>
  new AppError("refused", `The database in it does not open: ${why}`, details === "" ? {} : { details });

/**
 * Proves that a database file could be started with: its pages are whole, its migrations are known here, and the master key
 * opens its data keys and every secret.
 * @throws AppError `refused` with what does not hold.
 */
export async function proveDatabaseFile(file: string, masterKey: Buffer): Promise<FileProof> {
  const integrity = await integrityOf(file);
  if (integrity !== "ok") throw notOpened("its pages are damaged.", integrity.slice(0, 300));
  const db = new Sqlite(/* turbopackIgnore: true */ file, { readonly: true });
  try {
    const applied = db
      .prepare<[], { migration_name: string; checksum: string }>(
        "SELECT migration_name, checksum FROM _prisma_migrations WHERE rolled_back_at IS NULL",
      )
      .all();
    const known = new Map(knownMigrations().map(({ name, checksum }) => [name, checksum]));
    const stranger = applied.find(({ migration_name: name, checksum }) => known.get(name) !== checksum);
    if (stranger) throw notOpened(`another version of Ichor wrote it (${stranger.migration_name}).`);
    return { migrations: applied.length, secrets: openAll(db, masterKey) };
  } finally {
    db.close();
  }
}

function openAll(db: Sqlite.Database, masterKey: Buffer): number {
  const keys = new Map<string, Buffer>();
  for (const { id, wrapped } of db
    .prepare<[], { id: string; wrapped: string }>(`SELECT "id", "wrapped" FROM "DataKey"`)
    .all()) {
    try {
      keys.set(id, unwrapDataKey(wrapped, masterKey, id));
    } catch {
      throw notOpened("its secrets were sealed with another key.");
    }
  }
  if (keys.size === 0) throw notOpened("it has no data keys.");
  let secrets = 0;
  for (const of of sealedTables(db)) {
    const { table } = of;
    for (const { id, sealed, dataKeyId } of sealedRows(db, of)) {
      const key = keys.get(dataKeyId);
      if (!key) throw notOpened(`a secret of ${table} names a data key that is not there.`);
      try {
        unseal(sealed, key, { table, rowId: id, field: "sealed" });
      } catch {
        throw notOpened(`a secret of ${table} does not open.`);
      }
      secrets += 1;
    }
  }
  return secrets;
}
