import type Database from "better-sqlite3";

/** Names of our own schema, and still: only what is a plain word is put into a statement. */
const isWord = (name: string): boolean => /^[A-Za-z_]+$/.test(name);

/**
 * Every table that holds sealed values. The rule of the house: such a row has `id`, `sealed` and `dataKeyId`, and its place is
 * { table, rowId: id, field: "sealed" }. Read from the database itself, so that no list can forget one.
 */
export function sealedTables(db: Database.Database): string[] {
  const tables = db.prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  return tables
    .map(({ name }) => name)
    .filter(isWord)
    .filter((name) => {
      const columns = db
        .prepare<[], { name: string }>(`PRAGMA table_info("${name}")`)
        .all()
        .map((column) => column.name);
      return ["id", "sealed", "dataKeyId"].every((column) => columns.includes(column));
    });
}

export type SealedRow = { id: string; sealed: string; dataKeyId: string };

/** The sealed rows of one table, one at a time. */
export const sealedRows = (db: Database.Database, table: string): SealedRow[] =>
  db.prepare<[], SealedRow>(`SELECT "id", "sealed", "dataKeyId" FROM "${table}" WHERE "sealed" IS NOT NULL`).all();
