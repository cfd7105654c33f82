import Sqlite from "better-sqlite3";
import { type AuditRow, type ChainPoint, chainStart, verifyRows } from "@/lib/audit/chain";
import { checkpointText } from "@/lib/audit/checkpoint";
import { isSigned, openSigningKey } from "@/lib/audit/signature";
import { AppError } from "@/lib/core/errors";

/** How a verification ended, as the exit code says it. */
export const exitCodes = { good: 0, bad: 1, unknown: 2 } as const;
export type Told = { code: (typeof exitCodes)[keyof typeof exitCodes]; lines: string[] };

type Row = Omit<AuditRow, "at"> & { at: string; hash: string };
type KeyRow = { id: string; sealed: string; dataKeyId: string };
type CheckpointRow = { seq: number; hash: string; at: string; keyId: string; signature: string };

function* rowsAfter(db: Sqlite.Database, seq: number): Generator<AuditRow & { hash: string }> {
  const rows = db.prepare<[number], Row>(`SELECT * FROM "AuditEntry" WHERE "seq" > ? ORDER BY "seq"`).iterate(seq);
  for (const row of rows) yield { ...row, at: new Date(row.at) };
}

class Broken extends Error {}

/** Where the stored log begins. @throws Broken where the note of what was removed is not signed by this key. */
function firstPoint(db: Sqlite.Database): ChainPoint {
  const row = db.prepare<[], CheckpointRow>(`SELECT * FROM "AuditCheckpoint" WHERE "kind" = 'removed'`).get();
  if (!row) return chainStart;
  const text = checkpointText({ kind: "removed", seq: row.seq, hash: row.hash, at: new Date(row.at) });
  // Where the signing key is, the data keys are: the secret box makes none.
  const key = db.prepare<[], KeyRow>(`SELECT * FROM "AuditKey"`).get();
  if (key && isSigned(text, row, openSigningKey(key))) return row;
  throw new Broken(`Entries up to ${row.seq} are gone, and the note of that is not signed by this Ichor.`);
}

function parseHead(text: string): ChainPoint {
  const found = /^(\d{1,15}):([0-9a-f]{12,64})$/i.exec(text);
  if (!found) throw new AppError("invalid-input", "A head is a number, a colon and a hash, such as 120:9f86d081884c.");
  return { seq: Number(found[1]), hash: String(found[2]).toLowerCase() };
}

/**
 * Verifies the audit log in a database file, of a running server or a stopped one, and changes nothing.
 * @param noted a head that was kept elsewhere, `120:9f86d081884c…`, or null.
 * @throws AppError for a head that is none; where the file or the key cannot be read.
 */
export function verifyFile(file: string, noted: string | null): Told {
  const expected = noted === null ? null : parseHead(noted);
  const db = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 30_000 });
  try {
    // One transaction, so that a running server adds nothing in between.
    return db.transaction(() => report(db, expected))();
  } catch (error) {
    if (error instanceof Broken) return { code: exitCodes.bad, lines: [error.message] };
    throw error;
  } finally {
    db.close();
  }
}

function report(db: Sqlite.Database, expected: ChainPoint | null): Told {
  const from = firstPoint(db);
  let there: string | null = expected?.seq === from.seq ? from.hash : null;
  const noting = function* () {
    for (const row of rowsAfter(db, from.seq)) {
      if (row.seq === expected?.seq) there = row.hash;
      yield row;
    }
  };
  const verdict = verifyRows(noting(), from);
  if (verdict.state === "broken")
    return { code: exitCodes.bad, lines: [`Broken at entry ${verdict.seq}. ${verdict.reason}`] };
  const since = from.seq > 0 ? `, from entry ${from.seq + 1}: older ones were removed, which is signed` : "";
  const intact = `Intact up to entry ${verdict.seq}${since}. Head: ${verdict.seq}:${verdict.hash}`;
  if (!expected) return { code: exitCodes.good, lines: [intact] };
  const told = (code: Told["code"], line: string): Told => ({ code, lines: [intact, line] });
  if (expected.seq < from.seq)
    return told(exitCodes.unknown, `Entry ${expected.seq} is older than what is kept, so it cannot be compared.`);
  if (there !== null && String(there).startsWith(expected.hash))
    return told(exitCodes.good, `Entry ${expected.seq} is the one that was noted.`);
  return told(
    exitCodes.bad,
    expected.seq > verdict.seq
      ? `The log ends before entry ${expected.seq}: newer entries were cut off.`
      : `Entry ${expected.seq} has another hash than was noted: the log was computed anew.`,
  );
}
