import "server-only";
import { recordSystem } from "@/lib/audit/record";
import { type Ctx, systemContext } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { env } from "@/lib/core/env";
import { AppError, errorMessage, StorageUnavailable } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { SingleFlight } from "@/lib/core/single-flight";
import { backupHealth, nextBackupMs } from "./health";
import { makeBackup } from "./make-backup";
import { readRecord, writeRecord } from "./record";
import type { BackupHealth, BackupRecord } from "./schema";

const lookEveryMs = 60_000;
const sharedKey = Symbol.for("ichor.backups");
type Shared = {
  flight: SingleFlight<NonNullable<BackupRecord["last"]>>;
  sinceMs: number;
  timer: NodeJS.Timeout | null;
};
const shared = (): Shared =>
  ((globalThis as { [sharedKey]?: Shared })[sharedKey] ??= {
    flight: new SingleFlight(),
    sinceMs: Date.now(),
    timer: null,
  });

const isEncrypted = (): boolean => env().backup.recipients.length > 0 || env().backup.passphraseFile !== null;

/** Why it failed, without paths of the disk beyond those that the settings name, and never a secret. */
const sentenceOf = (error: unknown): string =>
  error instanceof AppError || error instanceof StorageUnavailable
    ? `${error.message}${error.hint ? ` ${error.hint}` : ""}`
    : "The server's log says why.";

/** Makes a back-up now; who asks while one is being made gets that one. @throws AppError with what does not work. */
export const createBackup = (_ctx: Ctx<Grants["admin"]>): Promise<NonNullable<BackupRecord["last"]>> =>
  shared().flight.run("", async () => {
    const before = await readRecord();
    try {
      const last = await makeBackup(Date.now());
      await writeRecord({ last, failure: null });
      return last;
    } catch (error) {
      const failure = { atMs: Date.now(), sentence: sentenceOf(error) };
      await writeRecord({ ...before, failure }).catch((cause: unknown) =>
        log.unexpected("A failed back-up could not be noted", cause),
      );
      if (!(error instanceof AppError || error instanceof StorageUnavailable))
        log.unexpected("A back-up failed", error);
      throw error;
    }
  });

async function look(): Promise<void> {
  const { everyMs } = env().backup;
  if (everyMs === null || !isEncrypted()) return;
  if (Date.now() < nextBackupMs(await readRecord(), everyMs, shared().sinceMs)) return;
  const ctx = systemContext("backup");
  try {
    const { file, bytes, sha256 } = await createBackup(ctx);
    await recordSystem(ctx, { action: "backup.create", detail: { file, bytes, sha256 } });
    log.info("A back-up was made and proven", { file, bytes });
  } catch (error) {
    log.warn("A back-up failed", { reason: errorMessage(error) });
    await recordSystem(ctx, { action: "backup.create", detail: { failed: sentenceOf(error) } });
  }
}

/** Makes back-ups by themselves from now on, as often as the settings say. */
export function startBackups(): void {
  const { timer } = shared();
  if (timer) return;
  const tick = () => void look().catch((error: unknown) => log.warn("Back-ups wait", { reason: errorMessage(error) }));
  shared().timer = setInterval(tick, lookEveryMs).unref();
  tick();
}

/** How it stands with the back-ups, for pages and metrics. */
export async function readBackupHealth(nowMs = Date.now()): Promise<BackupHealth> {
  const set = { encrypted: isEncrypted(), everyMs: env().backup.everyMs };
  return backupHealth(await readRecord(), set, { nowMs, sinceMs: shared().sinceMs });
}
