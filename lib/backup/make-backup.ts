import "server-only";
import fs from "node:fs";
import { chmod, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { copyDatabase } from "@/lib/db/copy-database";
import { type FileProof, proveDatabaseFile } from "@/lib/db/prove-file";
import { masterKeyFrom, presentMasterKey } from "@/lib/db/secrets";
import type { AgeSecret, AgeTarget } from "./age";
import { readArchive, writeArchive } from "./archive";
import { type BackupFile, backupName, type BackupRecord } from "./schema";

type Made = NonNullable<BackupRecord["last"]>;
export type Steps = (step: string) => void;

const within = (dir: string, name: string): string => path.join(/* turbopackIgnore: true */ dir, name);

/** What back-ups are encrypted for, from the settings. @throws AppError `refused` where nothing is given. */
export function backupTarget(): AgeTarget {
  const { recipients, passphraseFile } = env().backup;
  if (recipients.length > 0) return { kind: "recipients", recipients };
  if (passphraseFile !== null) return { kind: "passphrase", passphrase: readPassphrase(passphraseFile) };
  throw new AppError("refused", "There is nobody to encrypt a back-up for.", {
    hint: "Set ICHOR_BACKUP_RECIPIENTS or ICHOR_BACKUP_PASSPHRASE_FILE (docs/backup.md).",
  });
}

/** @throws AppError `refused` where the file cannot be read or its passphrase is short. */
export function readPassphrase(file: string): string {
  let text: string;
  try {
    text = fs.readFileSync(/* turbopackIgnore: true */ file, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    throw new AppError("refused", `The passphrase file ${file} cannot be read.`, { cause });
  }
  if (text.length >= 16) return text;
  throw new AppError("refused", "The passphrase of the back-ups is too short: 16 characters are needed.", {
    hint: "It can be guessed at without end by whoever has the file; several random words are good.",
  });
}

/** The back-ups in a directory, the newest first. Only files with names that Ichor gives. */
export async function listBackups(dir: string): Promise<BackupFile[]> {
  const names = await readdir(/* turbopackIgnore: true */ dir).catch(() => [] as string[]);
  const ours = names.filter((name) => backupName.safeParse(name).success).sort((a, b) => (a < b ? 1 : -1));
  const files = await Promise.all(
    ours.map(async (file) => {
      const found = await stat(/* turbopackIgnore: true */ within(dir, file)).catch(() => null);
      return found === null ? [] : [{ file, bytes: found.size, madeAtMs: madeAtOf(file) }];
    }),
  );
  return files.flat();
}

function madeAtOf(name: string): number {
  const [, day, h, m, s, ms] = /^ichor-(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})-(\d{3})Z/.exec(name) ?? [];
  return Date.parse(`${day}T${h}:${m}:${s}.${ms}Z`);
}

/**
 * The drill: opens a back-up as a restore would, and proves that its database could be started with.
 * @throws AppError `refused` with what does not hold.
 */
export async function proveBackup(file: string, secret: AgeSecret, workDir: string): Promise<FileProof> {
  await rm(/* turbopackIgnore: true */ workDir, { recursive: true, force: true });
  await mkdir(/* turbopackIgnore: true */ workDir, { recursive: true, mode: 0o700 });
  try {
    const { key, databaseFile } = await readArchive(file, secret, workDir);
    return await proveDatabaseFile(databaseFile, key === null ? presentMasterKey() : masterKeyFrom(key, "its key"));
  } finally {
    await rm(/* turbopackIgnore: true */ workDir, { recursive: true, force: true });
  }
}

/**
 * Makes one back-up: a copy of the database at one moment, its key where Ichor made the key file itself, encrypted, proven, and
 * only then under its name. Killed in between it leaves parts that the next one removes, and never a back-up that is not whole.
 * @throws AppError where it cannot be made or does not prove; whatever the disk throws.
 */
export async function makeBackup(nowMs: number, onStep: Steps = () => undefined): Promise<Made> {
  const { dataDir, databaseFile, key: keyText, keyFile, backup } = env();
  const target = backupTarget();
  const work = within(dataDir, "backup-work");
  const name = `ichor-${new Date(nowMs).toISOString().replace(/[:.]/g, "-")}.tar.gz.age`;
  const partial = within(backup.dir, `${name}.partial`);
  await mkdir(/* turbopackIgnore: true */ backup.dir, { recursive: true, mode: 0o700 });
  await removeParts(backup.dir, work);
  await mkdir(/* turbopackIgnore: true */ work, { mode: 0o700 });
  try {
    const copy = within(work, "copy.db");
    onStep("begun");
    await copyDatabase(databaseFile, copy);
    await chmod(/* turbopackIgnore: true */ copy, 0o600);
    onStep("copied");
    // A key from outside is kept by whoever gives it; the one in the data directory would be lost with it.
    const own = keyText === null && path.dirname(keyFile) === dataDir;
    const key = own ? fs.readFileSync(/* turbopackIgnore: true */ keyFile, "utf8") : null;
    const manifest = {
      format: 1 as const,
      madeAtMs: nowMs,
      databaseBytes: (await stat(/* turbopackIgnore: true */ copy)).size,
      key: key === null ? ("left-out" as const) : ("included" as const),
    };
    const { bytes, sha256, secret } = await writeArchive(partial, { manifest, databaseFile: copy, key }, target);
    onStep("written");
    const { secrets } = await proveBackup(partial, secret, within(work, "proof"));
    onStep("proven");
    await rename(/* turbopackIgnore: true */ partial, /* turbopackIgnore: true */ within(backup.dir, name));
    await flushDir(backup.dir);
    onStep("named");
    for (const { file } of (await listBackups(backup.dir)).slice(backup.keep))
      await rm(/* turbopackIgnore: true */ within(backup.dir, file), { force: true });
    return { file: name, bytes, sha256, madeAtMs: nowMs, provedAtMs: Date.now(), secrets, key: manifest.key };
  } finally {
    await removeParts(backup.dir, work);
  }
}

async function removeParts(dir: string, work: string): Promise<void> {
  await rm(/* turbopackIgnore: true */ work, { recursive: true, force: true });
  for (const name of await readdir(/* turbopackIgnore: true */ dir)) {
    if (name.endsWith(".partial") && backupName.safeParse(name.slice(0, -".partial".length)).success)
      await rm(/* turbopackIgnore: true */ within(dir, name), { force: true });
  }
}

/** A rename is on the disk once its directory is. */
async function flushDir(dir: string): Promise<void> {
  const handle = await open(/* turbopackIgnore: true */ dir, "r");
  // Some file systems of other machines cannot; then they do it in their own time.
  await handle.sync().catch(() => undefined);
  await handle.close();
}
