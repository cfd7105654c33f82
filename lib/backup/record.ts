import "server-only";
import { db } from "@/lib/db/client";
import { type BackupRecord, backupRecord } from "./schema";

const name = "backup";
const nothing: BackupRecord = { last: null, failure: null };

/** What is known of the last back-ups; nothing where there was none, or the row is none of ours. */
export async function readRecord(): Promise<BackupRecord> {
  const row = await db.setting.findUnique({ where: { name } });
  if (!row) return nothing;
  try {
    return backupRecord.parse(JSON.parse(row.value));
  } catch {
    return nothing;
  }
}

export async function writeRecord(record: BackupRecord): Promise<void> {
  const value = JSON.stringify(record);
  await db.setting.upsert({ where: { name }, create: { name, value }, update: { value } });
}
