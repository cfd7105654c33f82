import { createPrivateKey } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { systemContext } from "@/lib/auth/ctx";
import { env } from "@/lib/core/env";
import { closeDatabase, db } from "@/lib/db/client";
import { openDatabase } from "@/lib/db/open";
import { closeKeyring, deriveFromDataKey, openSecret } from "@/lib/db/secrets";
import { setUpTestDatabase } from "@/lib/db/testing";
import { verifyFile } from "@/scripts/audit-file";
import { removeOldEntries } from "./removal";
import { publicKeyPem, signingKey } from "./signature";
import { writeEntries } from "./testing";
import { forgetAuditStatus, verifyAuditLog } from "./verification";

setUpTestDatabase();
afterAll(() => {
  delete process.env.ICHOR_KEY;
  delete process.env.ICHOR_KEY_OLD;
});

test("a new ICHOR_KEY leaves the signing key as it is, so that no checkpoint looks forged", async () => {
  await writeEntries(6);
  await removeOldEntries(systemContext("test"), { before: new Date(Date.now() + 1000), upToSeq: 3 });
  const before = { key: publicKeyPem(await signingKey()), row: await db.auditKey.findFirstOrThrow() };
  process.env.ICHOR_KEY_OLD = fs.readFileSync(path.join(env().dataDir, "ichor.key"), "utf8").trim();
  process.env.ICHOR_KEY = "ab".repeat(32);
  await closeDatabase();
  closeKeyring();
  forgetAuditStatus();
  expect(openDatabase().rotation).toMatchObject({ state: "resealed" });
  const row = await db.auditKey.findFirstOrThrow();
  expect(row.id).toBe(before.row.id);
  expect(row.dataKeyId).not.toBe(before.row.dataKeyId);
  expect(publicKeyPem(await signingKey())).toBe(before.key);
  expect(await verifyAuditLog({ full: true })).toMatchObject({ state: "intact", firstSeq: 4, seq: 7 });
  expect(verifyFile(env().databaseFile, null)).toMatchObject({ code: 0 });
});

test("the key is the data key's for audit signatures, and is sealed for its place", async () => {
  await db.auditKey.deleteMany();
  const { id } = await signingKey();
  const row = await db.auditKey.findFirstOrThrow();
  const derived = deriveFromDataKey("audit-signature");
  expect([id, row.id]).toEqual([derived.keyId, derived.keyId]);
  // RFC 8410: these bytes and the 32 of the seed are a private key.
  const der = Buffer.from(
    `302e020100300506032b657004220420${Buffer.from(derived.secret, "base64").toString("hex")}`,
    "hex",
  );
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  expect(publicKeyPem(await signingKey())).toBe(publicKeyPem({ id, key }));
  expect(openSecret(row, { table: "AuditKey", rowId: id, field: "sealed" })).toBe(derived.secret);
});

test("there is one key, whoever asks first", async () => {
  await db.auditKey.deleteMany();
  const keys = await Promise.all([signingKey(), signingKey(), signingKey()]);
  expect(new Set(keys.map(publicKeyPem)).size).toBe(1);
  expect(await db.auditKey.count()).toBe(1);
});
