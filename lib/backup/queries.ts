import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { env } from "@/lib/core/env";
import { stagedRestore } from "@/lib/db/staged-restore";
import { listBackups } from "./make-backup";
import { readBackupHealth } from "./schedule";
import type { BackupHealth, BackupView } from "./schema";

/** Everything about back-ups, for the settings of an administrator. */
export async function getBackups(_ctx: Ctx<Grants["admin"]>): Promise<BackupView> {
  const { dataDir, backup } = env();
  const staged = stagedRestore(dataDir);
  return {
    ...(await readBackupHealth()),
    directory: backup.dir,
    everyMs: backup.everyMs,
    keep: backup.keep,
    encryption: backup.recipients.length > 0 ? "recipients" : backup.passphraseFile !== null ? "passphrase" : "none",
    files: await listBackups(backup.dir),
    staged: staged && { file: staged.file, madeAtMs: staged.madeAtMs },
  };
}

/** Whether back-ups are made as they should be, for whoever looks at the console. */
export const getBackupHealth = (_ctx: Ctx): Promise<BackupHealth> => readBackupHealth();
