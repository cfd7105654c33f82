import { beforeAll, describe, expect, test } from "vitest";
import { setUpTestDatabase } from "@/lib/db/testing";
import { missingGuards } from "./guards";
import { forge, raw, writeEntries } from "./testing";
import { verifyAuditLog } from "./verification";

setUpTestDatabase();

const columns = `"id","at","phase","action","actor","actorName","requestId","detail","prevHash","hash"`;
const values = (id: string, prevHash = `'x'`) =>
  `'${id}','2026-01-01T00:00:00.000+00:00','system','forged.entry','user:eve','eve','request_x','{}',${prevHash},'x'`;
const newestHash = `(SELECT "hash" FROM "AuditEntry" ORDER BY "seq" DESC LIMIT 1)`;
const idOf = (seq: number) => `(SELECT "id" FROM "AuditEntry" WHERE "seq" = ${seq})`;
const select = (seq: string, id: string) =>
  `SELECT ${seq}, ${id}, "at","phase","action",'user:eve',"actorName","requestId","detail","prevHash","hash" FROM "AuditEntry" WHERE "seq" = 2`;

beforeAll(() => writeEntries(5));

/** Each way to take a row's place, take it away or slip one in. */
const attacks: Record<string, string> = {
  update: `UPDATE "AuditEntry" SET "actorName" = 'eve' WHERE "seq" = 2`,
  "update or replace": `UPDATE OR REPLACE "AuditEntry" SET "seq" = 2 WHERE "seq" = 3`,
  "update or ignore": `UPDATE OR IGNORE "AuditEntry" SET "seq" = 9 WHERE "seq" = 5`,
  "update from": `UPDATE "AuditEntry" SET "hash" = other."hash" FROM "AuditEntry" AS other WHERE other."seq" = 3`,
  delete: `DELETE FROM "AuditEntry" WHERE "seq" = 2`,
  "delete the newest": `DELETE FROM "AuditEntry" WHERE "seq" = 5`,
  "delete all": `DELETE FROM "AuditEntry"`,
  replace: `REPLACE INTO "AuditEntry" ("seq",${columns}) VALUES (2,${values("audit_x")})`,
  "insert or replace by number": `INSERT OR REPLACE INTO "AuditEntry" ("seq",${columns}) VALUES (2,${values("audit_x")})`,
  "insert or replace by a number as text": `INSERT OR REPLACE INTO "AuditEntry" ("seq",${columns}) VALUES ('2',${values("audit_x")})`,
  "insert or replace by a number as real": `INSERT OR REPLACE INTO "AuditEntry" ("seq",${columns}) VALUES (2.0,${values("audit_x")})`,
  "insert or replace by rowid": `INSERT OR REPLACE INTO "AuditEntry" (rowid,${columns}) VALUES (2,${values("audit_x")})`,
  "insert or replace by _rowid_": `INSERT OR REPLACE INTO "AuditEntry" (_rowid_,${columns}) VALUES (2,${values("audit_x")})`,
  "insert or replace by id": `INSERT OR REPLACE INTO "AuditEntry" ("seq","id","at","phase","action","actor","actorName","requestId","detail","prevHash","hash") SELECT 6, ${idOf(2)}, "at","phase","action",'user:eve',"actorName","requestId","detail",${newestHash},'x' FROM "AuditEntry" WHERE "seq" = 2`,
  "insert or replace a copy": `INSERT OR REPLACE INTO "AuditEntry" ("seq","id","at","phase","action","actor","actorName","requestId","detail","prevHash","hash") ${select("2", `"id"`)}`,
  "insert or ignore out of order": `INSERT OR IGNORE INTO "AuditEntry" ("seq",${columns}) VALUES (99,${values("audit_x", newestHash)})`,
  "insert without a number": `INSERT OR REPLACE INTO "AuditEntry" (${columns}) VALUES (${values("audit_x")})`,
  "insert with a null number": `INSERT INTO "AuditEntry" ("seq",${columns}) VALUES (NULL,${values("audit_x", newestHash)})`,
  "insert behind another entry": `INSERT INTO "AuditEntry" ("seq",${columns}) VALUES (6,${values("audit_x", `(SELECT "hash" FROM "AuditEntry" WHERE "seq" = 2)`)})`,
  "insert before the first": `INSERT INTO "AuditEntry" ("seq",${columns}) VALUES (0,${values("audit_x", `'${"0".repeat(64)}'`)})`,
  "insert a negative number": `INSERT INTO "AuditEntry" ("seq",${columns}) VALUES (-1,${values("audit_x")})`,
  "upsert that updates": `INSERT INTO "AuditEntry" ("seq",${columns}) VALUES (2,${values("audit_x")}) ON CONFLICT ("seq") DO UPDATE SET "actorName" = 'eve'`,
  "upsert by id that updates": `INSERT INTO "AuditEntry" ("seq",${columns}) SELECT 6, "id", "at","phase","action","actor","actorName","requestId","detail",${newestHash},'x' FROM "AuditEntry" WHERE "seq" = 2 ON CONFLICT ("id") DO UPDATE SET "actorName" = 'eve'`,
};
const pragmas = [
  "",
  "PRAGMA recursive_triggers = OFF",
  "PRAGMA recursive_triggers = ON",
  "PRAGMA foreign_keys = OFF",
  "PRAGMA ignore_check_constraints = ON",
  "PRAGMA defer_foreign_keys = ON",
  "PRAGMA legacy_alter_table = ON",
  "PRAGMA writable_schema = ON",
  "PRAGMA trusted_schema = OFF",
];

describe("the database refuses", () => {
  const rows = () => raw((db) => db.prepare(`SELECT * FROM "AuditEntry" ORDER BY "seq"`).all());

  test.each(Object.entries(attacks))("%s, whatever pragma is set", (_name, sql) => {
    const before = rows();
    for (const pragma of pragmas) {
      raw((db) => {
        if (pragma) db.exec(pragma);
        expect(() => db.exec(sql), pragma).toThrow("append-only");
        expect(() => db.exec(`BEGIN; ${sql}`), pragma).toThrow("append-only");
        if (db.inTransaction) db.exec("COMMIT");
      });
    }
    expect(rows()).toEqual(before);
  });

  test.each([
    [`DELETE FROM sqlite_master WHERE "name" = 'AuditEntry_no_delete'`],
    [`UPDATE sqlite_master SET "sql" = 'x' WHERE "name" = 'AuditEntry_no_update'`],
  ])("%s", (sql) => {
    raw((db) => {
      db.pragma("writable_schema = ON");
      expect(() => db.exec(sql)).toThrow("may not be modified");
    });
  });

  test("a checkpoint that names no entry, goes back, goes away or comes twice", () => {
    const hash = (seq: number) => `(SELECT "hash" FROM "AuditEntry" WHERE "seq" = ${seq})`;
    const insert = (verb: string, kind: string, seq: number, of = hash(seq)) =>
      `${verb} INTO "AuditCheckpoint" VALUES ('${kind}', ${seq}, ${of}, '2026-01-01T00:00:00.000+00:00', 'k', 's')`;
    raw((db) => {
      db.exec("BEGIN");
      expect(() => db.exec(insert("INSERT", "removed", 3, hash(2)))).toThrow("names an entry");
      expect(() => db.exec(insert("INSERT", "removed", 9))).toThrow();
      expect(() => db.exec(insert("INSERT", "other", 3))).toThrow("CHECK");
      db.exec(insert("INSERT", "removed", 3));
      expect(() => db.exec(insert("INSERT OR REPLACE", "removed", 4))).toThrow("once per kind");
      const set = (seq: number, of = hash(seq)) => `UPDATE "AuditCheckpoint" SET "seq" = ${seq}, "hash" = ${of}`;
      expect(() => db.exec(set(2))).toThrow("only goes on");
      expect(() => db.exec(set(4, hash(3)))).toThrow("names an entry");
      expect(() => db.exec(`UPDATE "AuditCheckpoint" SET "kind" = 'full'`)).toThrow();
      expect(() => db.exec(`DELETE FROM "AuditCheckpoint"`)).toThrow("stays");
      // What it allows to go is what it names, and never the newest entry.
      expect(() => db.exec(`DELETE FROM "AuditEntry" WHERE "seq" = 4`)).toThrow("append-only");
      db.exec(set(5));
      expect(() => db.exec(`DELETE FROM "AuditEntry" WHERE "seq" = 5`)).toThrow("append-only");
      db.exec("ROLLBACK");
    });
  });
});

test("guards that are dropped or made harmless are named, and the log is still told apart from a broken one", async () => {
  expect(await missingGuards()).toEqual([]);
  const of = (name: string) =>
    raw((db) => db.prepare<[string], { sql: string }>(`SELECT "sql" FROM sqlite_master WHERE "name" = ?`).get(name))
      ?.sql ?? "";
  const kept = [of("AuditEntry_no_update"), of("AuditEntry_only_append")];
  raw((db) => {
    db.exec(`DROP TRIGGER "AuditEntry_no_update"; DROP TRIGGER "AuditEntry_only_append"`);
    db.exec(
      `CREATE TRIGGER "AuditEntry_only_append" BEFORE INSERT ON "AuditEntry" WHEN 0 BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
    );
  });
  expect(await missingGuards()).toEqual(["AuditEntry_no_update", "AuditEntry_only_append"]);
  expect(await verifyAuditLog()).toMatchObject({
    state: "intact",
    missingGuards: ["AuditEntry_no_update", "AuditEntry_only_append"],
  });
  raw((db) => db.exec(`DROP TRIGGER "AuditEntry_only_append"`));
  raw((db) => kept.forEach((sql) => db.exec(sql)));
  expect(await missingGuards()).toEqual([]);
  forge(`SELECT 1`);
  expect(await missingGuards()).toEqual([]);
});
