import "server-only";
import path from "node:path";
import { z } from "zod";
import { actorName } from "@/lib/auth/ctx";
import { env } from "@/lib/core/env";
import { dropStaged, stagedRestore } from "@/lib/db/staged-restore";
import { AppError } from "@/lib/core/errors";
import { defineOperation } from "@/lib/operation/define-operation";
import { listBackups } from "./make-backup";
import { backupName, backupRecord } from "./schema";
import { createBackup } from "./schedule";
import { stageRestore } from "./stage-restore";

const target = (file: string) => ({ kind: "setting", id: "backup", name: file }) as const;

export const backupCreate = defineOperation({
  name: "backup.create",
  role: "admin",
  kind: "change",
  summary: "Makes an encrypted back-up of Ichor now, and proves that it opens.",
  input: z.object({}),
  output: backupRecord.shape.last.unwrap(),
  target: () => target("back-up"),
  run: (ctx) => createBackup(ctx),
});

const secretInput = z
  .string()
  .min(1)
  .max(5_000)
  .describe(
    "The age identity (AGE-SECRET-KEY-1…) of a recipient, or the passphrase. It is used once and never stored.",
  );

export const backupRestore = defineOperation({
  name: "backup.restore",
  role: "admin",
  kind: "change",
  // It brings accounts and tokens back to life.
  sensitive: "accounts",
  summary:
    "Opens and proves a back-up of the back-up directory and lays it ready: the next start of the server puts it in place of everything.",
  input: z.object({ file: backupName, secret: secretInput }),
  output: z.object({ file: z.string(), madeAtMs: z.number(), secrets: z.number() }),
  target: ({ file }) => target(file),
  auditDetail: ({ file }) => ({ file }),
  async run(ctx, { file, secret }) {
    const { dir } = env().backup;
    if (!(await listBackups(dir)).some((known) => known.file === file)) {
      throw new AppError("not-found", "There is no such back-up in the back-up directory.");
    }
    const identity = /^\s*AGE-SECRET-KEY-/.test(secret);
    return stageRestore(
      path.join(/* turbopackIgnore: true */ dir, file),
      identity ? { kind: "identity", identity: secret } : { kind: "passphrase", passphrase: secret },
      { by: actorName(ctx.actor), nowMs: Date.now() },
    );
  },
});

export const backupDiscard = defineOperation({
  name: "backup.discard-restore",
  role: "admin",
  kind: "change",
  summary: "Takes back a restore that waits for the next start.",
  input: z.object({}),
  output: z.object({ file: z.string() }),
  target: () => target("restore"),
  async run() {
    const { dataDir } = env();
    const staged = stagedRestore(dataDir);
    if (!staged) throw new AppError("not-found", "No restore waits for a start.");
    dropStaged(dataDir);
    return { file: staged.file };
  },
});
