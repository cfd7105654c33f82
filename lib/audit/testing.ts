import Sqlite from "better-sqlite3";
import { beforeEach } from "vitest";
import { type Actor, systemContext } from "@/lib/auth/ctx";
import { env } from "@/lib/core/env";
import { recordSystem } from "./record";
import { forgetAuditStatus } from "./verification";

export const ada: Actor = { kind: "user", id: "user_a", name: "ada", role: "admin" };

/** For the top of a test file: no test knows what an earlier one verified. */
export function forgetVerification(): void {
  beforeEach(forgetAuditStatus);
}

/** Writes so many entries. */
export async function writeEntries(count: number): Promise<void> {
  const { actor } = systemContext("test");
  for (let entry = 1; entry <= count; entry += 1)
    await recordSystem({ actor, requestId: `request_${entry}` }, { action: "test.note", detail: { entry } });
}

/** The database as somebody with the file has it: another connection, with any SQL. */
export function raw<T>(work: (db: Sqlite.Database) => T): T {
  const db = new Sqlite(env().databaseFile);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/** Runs SQL with the log's guards out of the way, and puts them back: what an attacker with the file does. */
export function forge(sql: string): void {
  raw((db) => {
    const guards = db
      .prepare<[], { name: string; sql: string }>(`SELECT "name", "sql" FROM sqlite_master WHERE "type" = 'trigger'`)
      .all();
    for (const { name } of guards) db.exec(`DROP TRIGGER "${name}"`);
    db.exec(sql);
    for (const { sql: create } of guards) db.exec(create);
  });
}
