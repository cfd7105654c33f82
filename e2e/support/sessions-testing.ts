import path from "node:path";
import Sqlite from "better-sqlite3";

/** Sets the last proof of an account's sessions back, in the console's own database: the five minutes are not waited for. */
export function ageProofs(name: string, minutes: number): void {
  const db = new Sqlite(path.join(process.env.ICHOR_E2E_DATA_DIR ?? "", "ichor.db"), { timeout: 10_000 });
  try {
    const { changes } = db
      .prepare(`UPDATE "Session" SET "lastProofAt" = ? WHERE "userId" IN (SELECT "id" FROM "User" WHERE "name" = ?)`)
      .run(new Date(Date.now() - minutes * 60_000).toISOString().replace("Z", "+00:00"), name);
    if (changes === 0) throw new Error(`${name} has no session`);
  } finally {
    db.close();
  }
}
