import Sqlite from "better-sqlite3";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { newDataKey, seal, unseal, unwrapDataKey } from "@/lib/core/secret-box";
import { sealedRows, sealedTables } from "./sealed-tables";

type DataKeyRow = { id: string; wrapped: string };
/** `resealed`: so many secrets were sealed anew; `none`: the new key fits already. */
export type Rotation = { state: "resealed"; secrets: number } | { state: "none" };

function unwrapWith(row: DataKeyRow, masters: readonly Buffer[]): Buffer {
  for (const master of masters) {
    try {
      return unwrapDataKey(row.wrapped, master, row.id);
    } catch {
      // The next one may fit.
    }
  }
  throw new AppError("refused", "Neither the key nor the old key fits this database, so nothing was changed.", {
    hint: "ICHOR_KEY is the new key, ICHOR_KEY_OLD the one that the database was sealed with until now.",
  });
}

const fits = (rows: readonly DataKeyRow[], master: Buffer): boolean =>
  rows.every((row) => {
    try {
      unwrapDataKey(row.wrapped, master, row.id);
      return true;
    } catch {
      return false;
    }
  });

/**
 * Seals every secret of a database anew, with a new data key under a new master key, and forgets the old data keys. One
 * transaction: a crash leaves the old key in force, and the next start does it again. Each secret is opened again before the
 * transaction ends. `onStep` is told of each step, for tests.
 * @throws AppError `refused` where no key fits or a secret does not open; then nothing is changed.
 */
export function rotateKey(
  file: string,
  { oldKey, newKey, onStep = () => undefined }: { oldKey: Buffer; newKey: Buffer; onStep?: (step: string) => void },
): Rotation {
  const db = new Sqlite(/* turbopackIgnore: true */ file, { timeout: 30_000 });
  try {
    const rows = db.prepare<[], DataKeyRow>(`SELECT "id", "wrapped" FROM "DataKey"`).all();
    if (rows.length === 0 || fits(rows, newKey)) return { state: "none" };
    const keys = new Map(rows.map((row) => [row.id, unwrapWith(row, [oldKey, newKey])]));
    // What was sealed with the old key must not lie in pages that are free now.
    db.pragma("secure_delete = ON");
    const id = newId("secret");
    const { key, wrapped } = newDataKey(newKey, id);
    let secrets = 0;
    const work = db.transaction(() => {
      for (const of of sealedTables(db)) {
        const { table, key: idColumn } = of;
        const update = db.prepare(`UPDATE "${table}" SET "sealed" = ?, "dataKeyId" = ? WHERE "${idColumn}" = ?`);
        for (const row of sealedRows(db, of)) {
          const place = { table, rowId: row.id, field: "sealed" };
          const dataKey = keys.get(row.dataKeyId);
          if (!dataKey) throw unopened(table, row.id);
          const plain = openOrRefuse(row.sealed, dataKey, place);
          update.run(seal(plain, key, place), id, row.id);
          secrets += 1;
          onStep(`${table} ${row.id}`);
        }
        for (const row of sealedRows(db, of)) openOrRefuse(row.sealed, key, { table, rowId: row.id, field: "sealed" });
      }
      db.prepare(`DELETE FROM "DataKey"`).run();
      db.prepare(`INSERT INTO "DataKey" ("id", "wrapped", "createdAt") VALUES (?, ?, ?)`).run(
        id,
        wrapped,
        new Date().toISOString(),
      );
      onStep("before the end");
    });
    work.immediate();
    onStep("after the end");
    db.pragma("wal_checkpoint(TRUNCATE)");
    return { state: "resealed", secrets };
  } finally {
    db.close();
  }
}

const unopened = (table: string, rowId: string): AppError =>
  new AppError("refused", `The key was not changed: a secret of ${table} does not open with the old key.`, {
    hint: "Start with the old key alone, remove or enter that secret again, then change the key.",
    details: `${table} ${rowId}`,
  });

function openOrRefuse(sealed: string, key: Buffer, place: { table: string; rowId: string; field: string }): string {
  try {
    return unseal(sealed, key, place);
  } catch {
    throw unopened(place.table, place.rowId);
  }
}
