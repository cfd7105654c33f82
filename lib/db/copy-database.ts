import "server-only";
import Sqlite from "better-sqlite3";

/**
 * Copies the database as it is at one moment, with SQLite's backup interface, while others go on reading and writing. A
 * transaction of its own holds that moment: without one the copy would begin anew at each write of another connection.
 * The copy is one file, without a log beside it.
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const source = new Sqlite(/* turbopackIgnore: true */ from, { readonly: true, timeout: 0 });
  try {
    source.exec("BEGIN");
    source.prepare("SELECT count(*) FROM sqlite_master").get();
    await source.backup(to);
    source.exec("COMMIT");
  } finally {
    source.close();
  }
  const copy = new Sqlite(/* turbopackIgnore: true */ to);
  try {
    copy.pragma("journal_mode = DELETE");
  } finally {
    copy.close();
  }
}
