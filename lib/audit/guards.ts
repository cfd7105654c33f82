import "server-only";
import { createHash } from "node:crypto";
import { db } from "@/lib/db/client";

/** SHA-256 of each trigger's text, as the migrations wrote it. */
const guards: Record<string, string> = {
  AuditCheckpoint_delete: "f949e8d8c1c8820e5bf1d94bf9f78ba99d571fbf1ec0b85635adb9115b6d4a46",
  AuditCheckpoint_insert: "0e001144fd5d74b3956b111d9581fc1fcc5f67dbd01d13933341dc39c9f42f52",
  AuditCheckpoint_update: "cb7a8acfafab3730a88526c7149dd432f9538b944fc45e9474587ee18418a1ea",
  AuditEntry_no_delete: "b1000e7bb6715bc559de1d4f85795111f7076e0b49c3186d028c57defa24f7a2",
  AuditEntry_no_update: "28192e669e556d9471e5396fcb72e58610d07f93d6c06c44fc6da7fee1e60f64",
  AuditEntry_only_append: "68a1189889a2fc91872dc6c8970282e907acf770d7caae7bc5004a9f669dc9e8",
};

/** The database's triggers that keep the log append-only and are gone or not what they were. Empty where all is well. */
export async function missingGuards(): Promise<string[]> {
  const rows = await db.$queryRaw<
    { name: string; sql: string }[]
  >`SELECT "name", "sql" FROM "sqlite_master" WHERE "type" = 'trigger'`;
  const found = new Map(rows.map(({ name, sql }) => [name, createHash("sha256").update(sql).digest("hex")]));
  return Object.keys(guards).filter((name) => found.get(name) !== guards[name]);
}
