import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { closeDatabase } from "./client";
import { openDatabase } from "./open";
import { closeKeyring } from "./secrets";

/** For the top of a test file: its tests get a fresh, migrated database in a directory of their own. */
export function setUpTestDatabase(): void {
  const before = process.env.ICHOR_DATA_DIR;
  let dir: string | null = null;
  beforeAll(() => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), "ichor-test-"));
    process.env.ICHOR_DATA_DIR = dir;
    openDatabase();
  });
  afterAll(async () => {
    await closeDatabase();
    closeKeyring();
    if (before === undefined) delete process.env.ICHOR_DATA_DIR;
    else process.env.ICHOR_DATA_DIR = before;
    if (dir) fs.rmSync(dir, { recursive: true, force: true });
  });
}
