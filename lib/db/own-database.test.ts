import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AppError } from "@/lib/core/errors";
import { openDatabase } from "./open";
import { closeKeyring } from "./secrets";

const names = ["ICHOR_DATA_DIR", "ICHOR_KEY", "ICHOR_KEY_FILE"] as const;
const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
let dir = "";
const at = (name: string) => path.join(dir, name);

beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "ichor-own-"));
  process.env.ICHOR_DATA_DIR = dir;
});
afterEach(() => {
  closeKeyring();
  for (const name of names) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  fs.rmSync(dir, { recursive: true, force: true });
});

function start(): void {
  closeKeyring();
  openDatabase();
}
/** The files that a refused start must leave as they are. */
const kept = () =>
  Object.fromEntries(
    fs
      .readdirSync(dir)
      .filter((name) => !/-(wal|shm)$/.test(name))
      .map((name) => [
        name,
        createHash("sha256")
          .update(fs.readFileSync(at(name)))
          .digest("hex"),
      ]),
  );

function refusal(): string {
  const found = kept();
  let thrown: unknown = null;
  try {
    start();
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof AppError)) throw new Error(`it was opened, or failed otherwise: ${String(thrown)}`);
  expect(thrown.code).toBe("refused");
  expect(kept()).toEqual(found);
  return `${thrown.message} ${thrown.hint ?? ""}`;
}

describe("a start", () => {
  test("with nothing there makes database and key, and opens them again", () => {
    start();
    start();
    expect(fs.readdirSync(dir).sort()).toEqual(["ichor.db", "ichor.first-start", "ichor.key"]);
  });

  test("that was killed before the first database was whole begins anew", () => {
    fs.writeFileSync(at("ichor.db.first"), "half");
    start();
    expect(fs.existsSync(at("ichor.db.first"))).toBe(false);
  });

  test("that was killed between database and key goes on", () => {
    start();
    fs.rmSync(at("ichor.first-start"));
    const db = new Database(at("ichor.db"));
    db.exec(`DELETE FROM "DataKey"`);
    db.close();
    start();
  });

  test.each([
    ["missing", () => fs.rmSync(at("ichor.db"))],
    ["empty", () => fs.truncateSync(at("ichor.db"))],
    ["cut off", () => fs.truncateSync(at("ichor.db"), 20_000)],
    ["another program's text", () => fs.writeFileSync(at("ichor.db"), "not a database ".repeat(100))],
    [
      "another program's database",
      () => {
        fs.rmSync(at("ichor.db"));
        new Database(at("ichor.db")).exec("CREATE TABLE Songs (title TEXT)").close();
      },
    ],
    [
      "that of another Ichor, never used",
      () => {
        const db = new Database(at("ichor.db"));
        db.exec(`DELETE FROM "DataKey"`);
        db.close();
      },
    ],
  ])("refuses a database that is %s beside its key, and says how to restore it", (_, spoil) => {
    start();
    spoil();
    expect(refusal()).toContain("npm run restore");
  });

  test.each([
    ["missing", () => fs.rmSync(at("ichor.key")), /npm run restore/],
    ["empty", () => fs.truncateSync(at("ichor.key")), /does not hold a key/],
    ["another one", () => fs.writeFileSync(at("ichor.key"), `${"ab".repeat(32)}\n`), /does not fit/],
  ])("refuses a database whose key file is %s", (_, spoil, sentence) => {
    start();
    spoil();
    expect(refusal()).toMatch(sentence);
  });

  test("with a key from outside: the first one makes a database, a later one without it is refused", () => {
    process.env.ICHOR_KEY = "cd".repeat(32);
    start();
    fs.rmSync(at("ichor.db"));
    expect(refusal()).toContain("npm run restore");
  });

  test("refuses where only the database's log is left", () => {
    fs.writeFileSync(at("ichor.db-wal"), "");
    expect(refusal()).toContain("is missing");
  });
});
