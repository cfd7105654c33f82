import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { env } from "@/lib/core/env";
import { StorageUnavailable } from "@/lib/core/errors";
import { closeDatabase, db } from "./client";
import { setUpTestDatabase } from "./testing";
import { withTransaction } from "./transaction";

setUpTestDatabase();

/** Another process that holds the write lock until it is let go. */
async function lockedByAnother(): Promise<() => Promise<void>> {
  const script = `const db = require("better-sqlite3")(process.argv[1]);
    db.exec("BEGIN IMMEDIATE");
    process.stdin.once("data", () => { db.exec("COMMIT"); process.exit(0); });
    console.log("locked");`;
  const child = spawn(process.execPath, ["--eval", script, env().databaseFile], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return async () => {
    child.stdin.write("\n");
    if (child.exitCode === null) await once(child, "exit");
  };
}

const put = (name: string) => db.setting.create({ data: { name, value: "" } });

describe("a database that another process locks", () => {
  test("is waited for while reads and everything else go on", async () => {
    const unlock = await lockedByAnother();
    let done = 0;
    const writes = [
      put("single"),
      withTransaction((tx) => tx.setting.create({ data: { name: "in a transaction", value: "" } })),
      // Reads first, as most do: begun without the lock it could never write.
      withTransaction(async (tx) => {
        await tx.setting.count();
        return tx.setting.create({ data: { name: "read first", value: "" } });
      }),
    ].map((write) => write.then(() => (done += 1)));
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await db.setting.count()).toBe(0);
    }
    expect(done).toBe(0);
    await unlock();
    await Promise.all(writes);
    expect(await db.setting.count()).toBe(3);
    await db.setting.deleteMany();
  });
});

describe("a full disk", () => {
  afterEach(async () => {
    await closeDatabase();
    await db.setting.deleteMany();
  });
  const fill = async () => {
    const [{ page_count: pages } = { page_count: 0n }] =
      await db.$queryRawUnsafe<{ page_count: bigint }[]>("PRAGMA page_count");
    await db.$queryRawUnsafe(`PRAGMA max_page_count = ${pages}`);
  };
  const big = "x".repeat(1_000_000);

  test("is told in a sentence, undoes the whole transaction, and keeps nobody from reading", async () => {
    await put("before");
    await fill();
    const failing = withTransaction(async (tx) => {
      await tx.setting.create({ data: { name: "small", value: "" } });
      await tx.setting.create({ data: { name: "big", value: big } });
    });
    await expect(failing).rejects.toThrow(StorageUnavailable);
    await expect(failing).rejects.toThrow(/is full/);
    expect((await db.setting.findMany()).map(({ name }) => name)).toEqual(["before"]);
  });

  test("a transaction that goes on after it leaves nothing behind", async () => {
    await fill();
    const stubborn = withTransaction(async (tx) => {
      await tx.setting.create({ data: { name: "big", value: big } }).catch(() => undefined);
      await tx.setting.create({ data: { name: "afterwards", value: "" } });
    });
    await expect(stubborn).rejects.toThrow(StorageUnavailable);
    expect(await db.setting.count()).toBe(0);
    await withTransaction((tx) => tx.setting.count());
  });

  test("a single statement fails with the same sentence", async () => {
    await fill();
    await expect(db.setting.create({ data: { name: "big", value: big } })).rejects.toThrow(/is full/);
  });
});
