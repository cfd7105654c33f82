import type Database from "better-sqlite3";

/** Names of our own schema, and still: only what is a plain word is put into a statement. */
const isWord = (name: string): boolean => /^[A-Za-z_]+$/.test(name);

/** A table with sealed values, and the one column of its primary key. */
export type SealedTable = { table: string; key: string };

/**
 * Every table that holds sealed values. The rule of the house: such a row has `sealed`, `dataKeyId` and a primary key of one column,
 * and its place is { table, rowId: that key, field: "sealed" }. Read from the database itself, so that no list can forget one.
 */
export function sealedTables(db: Database.Database): SealedTable[] {
  const tables = db.prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  return tables
    .map(({ name }) => name)
    .filter(isWord)
    .flatMap((table) => {
      const columns = db.prepare<[], { name: string; pk: number }>(`PRAGMA table_info("${table}")`).all();
      const names = columns.map(({ name }) => name);
      const [key, ...more] = columns.filter(({ pk }) => pk > 0).map(({ name }) => name);
      const sealed = ["sealed", "dataKeyId"].every((column) => names.includes(column));
      return sealed && key !== undefined && more.length === 0 && isWord(key) ? [{ table, key }] : [];
    });
}

export type SealedRow = { id: string; sealed: string; dataKeyId: string };

/** The sealed rows of one table; `id` is their primary key. */
export const sealedRows = (db: Database.Database, { table, key }: SealedTable): SealedRow[] =>
  db
    .prepare<[], SealedRow>(`SELECT "${key}" AS "id", "sealed", "dataKeyId" FROM "${table}" WHERE "sealed" IS NOT NULL`)
    .all();
