import "server-only";
import fs from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { recordIntent, recordOutcome } from "@/lib/audit/record";
import type { Actor } from "@/lib/auth/ctx";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { admitTo, type DownloadDoor } from "@/lib/operation/admit";
import { listBackups } from "./make-backup";

/** Who may download a back-up. */
export const backupDownload: DownloadDoor<"admin"> = { name: "backup.download", role: "admin", sensitive: "secrets" };
const targetOf = (name: string) => ({ kind: "setting", id: "backup", name }) as const;

/**
 * A back-up as a stream, for an administrator who has just proven who they are. The audit log has the intent before the first byte
 * and an outcome however it ends.
 * @throws AppError `forbidden` (recorded), `proof-needed`, `not-found`.
 */
export async function downloadBackup(
  actor: Actor,
  file: string,
  requestId: string,
): Promise<{ bytes: number; body: ReadableStream<Uint8Array> }> {
  const target = targetOf(file.slice(0, 80));
  const ctx = await admitTo(backupDownload, actor, requestId, target);
  const { dir } = env().backup;
  const found = (await listBackups(dir)).find((one) => one.file === file);
  if (!found) throw new AppError("not-found", "There is no such back-up.", { hint: "Reload: older ones are removed." });
  const intentId = await recordIntent(ctx, { action: backupDownload.name, target, detail: { bytes: found.bytes } });
  const startedMs = performance.now();
  let over = false;
  const end = async (outcome: "succeeded" | "failed", errorCode?: string): Promise<void> => {
    if (over) return;
    over = true;
    const durationMs = performance.now() - startedMs;
    await recordOutcome(ctx, intentId, { outcome, durationMs, ...(errorCode && { errorCode }) }).catch(
      (error: unknown) => log.unexpected("An outcome could not be written to the audit log", error, { intentId }),
    );
  };
  const stream = fs.createReadStream(
    /* turbopackIgnore: true */ path.join(/* turbopackIgnore: true */ dir, found.file),
  );
  stream.once("end", () => void end("succeeded"));
  stream.once("close", () => void end("failed", "cancelled"));
  return { bytes: found.bytes, body: Readable.toWeb(stream) as ReadableStream<Uint8Array> };
}
