import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrateDatabase } from "./migrate";

let dir = "";
let file = "";
const migrations = () => path.join(dir, "migrations");
const write = (name: string, sql: string) => {
  fs.mkdirSync(path.join(migrations(), name), { recursive: true });
  fs.writeFileSync(path.join(migrations(), name, "migration.sql"), sql);
};
const query = (sql: string, from = file): unknown[] => {
  const db = new Database(from);
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
};

describe("migrateDatabase", () => {
  beforeEach(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "ichor-migrate-"));
    file = path.join(dir, "ichor.db");
    write("1_init", `CREATE TABLE "Thing" ("id" TEXT PRIMARY KEY); INSERT INTO "Thing" VALUES ('a');`);
    migrateDatabase(file, migrations());
  });
  afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

  test("applies each migration once, and makes no copy of a database that is new", () => {
    expect(query(`SELECT * FROM "Thing"`)).toEqual([{ id: "a" }]);
    expect(migrateDatabase(file, migrations())).toEqual({ applied: [], backup: null });
    expect(fs.readdirSync(dir).filter((name) => name.includes("before"))).toEqual([]);
  });

  test("copies the database aside before it changes it", () => {
    write("2_drop", `DROP TABLE "Thing";`);
    const { applied, backup } = migrateDatabase(file, migrations());
    expect(applied).toEqual(["2_drop"]);
    expect(query(`SELECT * FROM "Thing"`, backup ?? "")).toEqual([{ id: "a" }]);
    expect(fs.statSync(backup ?? "").mode & 0o777).toBe(0o600);
  });

  test("refuses a database of a newer version and leaves it alone", () => {
    write("2_newer", `CREATE TABLE "Newer" ("id" TEXT);`);
    migrateDatabase(file, migrations());
    fs.rmSync(path.join(migrations(), "2_newer"), { recursive: true });
    write("3_other", `DROP TABLE "Thing";`);
    expect(() => migrateDatabase(file, migrations())).toThrow("newer version of Ichor (2_newer)");
    expect(query(`SELECT * FROM "Thing"`)).toHaveLength(1);
  });

  test("refuses a migration that was changed after it was applied", () => {
    write("1_init", `CREATE TABLE "Other" ("id" TEXT);`);
    expect(() => migrateDatabase(file, migrations())).toThrow("1_init");
  });

  test("a migration that fails half-way, or leaves broken references, changes nothing", () => {
    write("2_bad", `DELETE FROM "Thing"; SELECT * FROM "Nowhere";`);
    expect(() => migrateDatabase(file, migrations())).toThrow("Nowhere");
    write(
      "2_bad",
      `CREATE TABLE "Child" ("of" TEXT REFERENCES "Thing"("id")); INSERT INTO "Child" VALUES ('missing');`,
    );
    expect(() => migrateDatabase(file, migrations())).toThrow("broken foreign keys");
    expect(query(`SELECT * FROM "Thing"`)).toHaveLength(1);
  });

  test.each([
    ["another process holds it", "EXCLUSIVE", /^Another process uses the database/],
    ["there is a directory", "directory", /cannot be opened and written by this user/],
    ["the disk is full", "full", /is full\.$/],
  ])("calls no file damaged that could not be opened or written: %s", (_, what, sentence) => {
    const holder = new Database(file);
    try {
      if (what === "EXCLUSIVE") holder.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE x (a)");
      else holder.close();
      if (what === "directory") fs.rmSync(file);
      if (what === "directory") fs.mkdirSync(file);
      if (what === "full") write("2_big", `PRAGMA max_page_count = 1; CREATE TABLE "Big" AS SELECT zeroblob(1000000);`);
      let thrown: unknown;
      try {
        migrateDatabase(file, migrations(), 50);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: "unavailable", message: expect.stringMatching(sentence) });
    } finally {
      holder.close();
    }
  });

  test("refuses a damaged file", () => {
    const bytes = fs.readFileSync(file);
    fs.writeFileSync(file, Buffer.concat([bytes.subarray(0, 4096), Buffer.alloc(bytes.length - 4096, 0x5a)]));
    fs.rmSync(`${file}-wal`, { force: true });
    expect(() => migrateDatabase(file, migrations())).toThrow("is damaged");
    fs.writeFileSync(
      file,
      "this is no database, whatever its name says; it is long enough to have a header".repeat(10),
    );
    expect(() => migrateDatabase(file, migrations())).toThrow("is damaged");
  });
});
