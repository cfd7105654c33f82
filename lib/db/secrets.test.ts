import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { env } from "@/lib/core/env";
import { db } from "./client";
import { closeKeyring, openKeyring, openSecret, sealSecret } from "./secrets";
import { setUpTestDatabase } from "./testing";
import { withTransaction } from "./transaction";

setUpTestDatabase();
const place = { table: "ClusterSecret", rowId: "row_1", field: "sealed" };

describe("the secret box of a database", () => {
  afterEach(() => {
    delete process.env.ICHOR_KEY;
    closeKeyring();
  });

  test("makes a key file that only this user reads, and opens with it after a restart", () => {
    const sealed = sealSecret("canary", place);
    expect(fs.statSync(env().keyFile).mode & 0o777).toBe(0o600);
    closeKeyring();
    expect(openSecret(sealed, place)).toBe("canary");
    expect(() => openSecret(sealed, { ...place, rowId: "row_2" })).toThrow("could not be opened");
  });

  test("refuses a key that does not fit the database, and one that is no key", () => {
    process.env.ICHOR_KEY = "ab".repeat(32);
    expect(() => openKeyring()).toThrow("does not fit this database");
    delete process.env.ICHOR_KEY;
    const right = fs.readFileSync(env().keyFile, "utf8");
    fs.writeFileSync(env().keyFile, "nonsense");
    expect(() => openKeyring()).toThrow("does not hold a key");
    fs.writeFileSync(env().keyFile, right);
    expect(() => openKeyring()).not.toThrow();
  });

  test("makes no new key when the file of a used database is missing", () => {
    const right = fs.readFileSync(env().keyFile);
    fs.rmSync(env().keyFile);
    expect(() => openKeyring()).toThrow("is missing");
    expect(fs.existsSync(env().keyFile)).toBe(false);
    fs.writeFileSync(env().keyFile, right);
  });

  test("a key file that a crash left half written is not in the way of the next start", async () => {
    const keyFile = path.join(path.dirname(env().keyFile), "first-start.key");
    fs.writeFileSync(`${keyFile}.new`, "dHJ1bmN", { mode: 0o644 });
    process.env.ICHOR_KEY_FILE = keyFile;
    try {
      await db.dataKey.deleteMany();
      closeKeyring();
      expect(() => openKeyring()).toThrow("no data keys");
      // The first start had not come to its end.
      fs.rmSync(path.join(env().dataDir, "ichor.first-start"));
      openKeyring();
      expect(fs.readFileSync(keyFile, "utf8")).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
      expect(fs.statSync(keyFile).mode & 0o777).toBe(0o600);
      expect(fs.existsSync(`${keyFile}.new`)).toBe(false);
    } finally {
      delete process.env.ICHOR_KEY_FILE;
      await db.dataKey.deleteMany();
    }
  });

  test("neither the key nor the text stands in the database", async () => {
    const { sealed, dataKeyId } = sealSecret("canary-4711", place);
    await db.setting.create({ data: { name: "test", value: JSON.stringify({ sealed, dataKeyId }) } });
    const bytes =
      fs.readFileSync(env().databaseFile).toString("latin1") +
      fs.readFileSync(`${env().databaseFile}-wal`).toString("latin1");
    expect(bytes).toContain(dataKeyId);
    expect(bytes).not.toContain("canary-4711");
    expect(bytes).not.toContain(fs.readFileSync(env().keyFile, "utf8").trim());
  });
});

describe("transactions", () => {
  test("a statement from outside is not undone with a transaction that fails", async () => {
    let outside: Promise<unknown> = Promise.resolve();
    const failing = withTransaction(async (tx) => {
      await tx.setting.create({ data: { name: "inside", value: "" } });
      outside = db.setting.create({ data: { name: "outside", value: "" } });
      await tx.setting.count();
      throw new Error("rolled back");
    });
    await expect(failing).rejects.toThrow("rolled back");
    await outside;
    const names = (await db.setting.findMany({ where: { name: { in: ["inside", "outside"] } } })).map(
      (row) => row.name,
    );
    expect(names).toEqual(["outside"]);
  });

  test("foreign keys hold", async () => {
    await expect(
      db.nodeConfig.create({
        data: { id: "config_1", nodeId: "none", sealed: "", dataKeyId: "", hash: "", summary: "" },
      }),
    ).rejects.toThrow();
  });
});
