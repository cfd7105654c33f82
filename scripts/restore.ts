import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { recordSystem } from "@/lib/audit/record";
import { systemContext } from "@/lib/auth/ctx";
import type { AgeSecret } from "@/lib/backup/age";
import { proveBackup, readPassphrase } from "@/lib/backup/make-backup";
import { stageRestore } from "@/lib/backup/stage-restore";
import { AppError } from "@/lib/core/errors";
import { env } from "@/lib/core/env";
import { closeDatabase } from "@/lib/db/client";
import { openDatabase } from "@/lib/db/open";

const count = (secrets: number): string => `${secrets} secret${secrets === 1 ? "" : "s"}`;

function readIdentity(file: string): string {
  const line = fs
    .readFileSync(file, "utf8")
    .split("\n")
    .find((one) => one.startsWith("AGE-SECRET-KEY-"));
  if (line) return line.trim();
  throw new AppError("refused", `${file} holds no age identity (AGE-SECRET-KEY-1…).`);
}

// Run by `npm run restore`, which has seen to it that no server uses the data directory.
async function run(): Promise<void> {
  const [work, file = "", kind, secretFile = ""] = process.argv.slice(2);
  const secret: AgeSecret =
    kind === "identity"
      ? { kind: "identity", identity: readIdentity(secretFile) }
      : { kind: "passphrase", passphrase: readPassphrase(secretFile) };
  if (work === "prove") {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), "ichor-prove-"));
    const proof = await proveBackup(file, secret, path.join(dir, "work")).finally(() =>
      fs.rmSync(dir, { recursive: true, force: true }),
    );
    console.log(`The back-up opens: its database is whole, and ${count(proof.secrets)} open with its key.`);
    return;
  }
  const by = os.userInfo().username;
  const staged = await stageRestore(file, secret, { by, nowMs: Date.now() });
  openDatabase();
  const detail = { file: staged.file, madeAtMs: staged.madeAtMs, by, via: "command" };
  await recordSystem(systemContext("restore"), { action: "backup.restore", detail });
  await closeDatabase();
  console.log(
    [
      `Restored: the back-up of ${new Date(staged.madeAtMs).toISOString()}, with ${count(staged.secrets)}.`,
      `What was in ${env().dataDir} before is set aside there, under names with “before-restore”.`,
      "All sessions have ended, and runs that were at work then are halted. Start Ichor with npm start.",
    ].join("\n"),
  );
}

run().catch((error: unknown) => {
  const hint = error instanceof AppError && error.hint ? ` ${error.hint}` : "";
  console.error(`${error instanceof Error ? error.message : String(error)}${hint}`);
  process.exitCode = 1;
});
