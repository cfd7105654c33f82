import { spawnSync } from "node:child_process";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { forge, raw, writeEntries } from "@/lib/audit/testing";
import { auditHead } from "@/lib/audit/verification";
import { env } from "@/lib/core/env";
import { setUpTestDatabase } from "@/lib/db/testing";
import packageJson from "../package.json";
import { verifyFile } from "./audit-file";

setUpTestDatabase();
let head = { seq: 0, hash: "" };
beforeAll(async () => {
  await writeEntries(5);
  head = await auditHead();
});

const verify = (noted: string | null = null) => verifyFile(env().databaseFile, noted);

test("an intact log tells its head, and a head that was noted is there, differs, or was cut off", () => {
  const intact = `Intact up to entry 5. Head: 5:${head.hash}`;
  expect(verify()).toEqual({ code: 0, lines: [intact] });
  expect(verify(`5:${head.hash.slice(0, 12)}`)).toEqual({
    code: 0,
    lines: [intact, "Entry 5 is the one that was noted."],
  });
  expect(verify(`4:${head.hash}`)).toMatchObject({ code: 1, lines: [intact, expect.stringContaining("anew")] });
  expect(verify(`6:${head.hash}`)).toMatchObject({ code: 1, lines: [intact, expect.stringContaining("cut off")] });
  expect(() => verify("nonsense")).toThrow("A head is");
});

test("the command ends with 1 and the number of the first bad entry", () => {
  forge(`UPDATE "AuditEntry" SET "actorName" = 'eve' WHERE "seq" = 3`);
  const [program, ...args] = packageJson.scripts["audit:verify"].split(" ");
  expect(program).toBe("node");
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: path.dirname(import.meta.dirname),
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "Broken at entry 3. Entry 3 was changed after it was written.\n",
  });
});

test("entries that are gone without a note that this Ichor signed are a broken chain", () => {
  forge(`INSERT INTO "AuditCheckpoint" SELECT 'removed', "seq", "hash", "at", 'k', 's' FROM "AuditEntry" WHERE "seq" = 3;
    DELETE FROM "AuditEntry" WHERE "seq" <= 3`);
  expect(verify()).toMatchObject({ code: 1, lines: [expect.stringContaining("not signed")] });
  raw((db) => expect(db.prepare(`SELECT count(*) AS "n" FROM "AuditEntry"`).get()).toEqual({ n: 2 }));
});
