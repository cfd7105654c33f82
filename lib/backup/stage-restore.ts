import "server-only";
import fs from "node:fs";
import path from "node:path";
import { env } from "@/lib/core/env";
import { AppError } from "@/lib/core/errors";
import { type FileProof, proveDatabaseFile } from "@/lib/db/prove-file";
import { masterKeyFrom, presentMasterKey } from "@/lib/db/secrets";
import { dropStaged, markReady, newStagingDir, prepareRestored } from "@/lib/db/staged-restore";
import type { AgeSecret } from "./age";
import { readArchive } from "./archive";

export type Staged = FileProof & { file: string; madeAtMs: number; key: "included" | "left-out" };

/**
 * Lays a back-up ready for the next start: opens and proves it, ends its sessions, and says that it is whole. Nothing of the
 * present data is touched. The key in it counts unless one is given from outside, which then has to fit.
 * @throws AppError `refused` where it does not open, is damaged, or no key fits; then nothing is laid ready.
 */
export async function stageRestore(
  file: string,
  secret: AgeSecret,
  { by, nowMs }: { by: string; nowMs: number },
): Promise<Staged> {
  const { dataDir } = env();
  const dir = newStagingDir(dataDir);
  try {
    const { manifest, key, databaseFile } = await readArchive(file, secret, dir);
    const proof = await proveWithKey(databaseFile, key, dir);
    prepareRestored(databaseFile, new Date(manifest.madeAtMs));
    const name = path.basename(file);
    markReady(dataDir, { file: name, madeAtMs: manifest.madeAtMs, stagedAtMs: nowMs, by });
    return { ...proof, file: name, madeAtMs: manifest.madeAtMs, key: manifest.key };
  } catch (error) {
    dropStaged(dataDir);
    throw error;
  }
}

async function proveWithKey(databaseFile: string, key: string | null, dir: string): Promise<FileProof> {
  const { key: given, keyFile, dataDir } = env();
  const fromOutside = given !== null || path.dirname(keyFile) !== dataDir;
  if (fromOutside || key === null) {
    try {
      return await proveDatabaseFile(databaseFile, presentMasterKey());
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const hint =
        key === null
          ? "This back-up was made without its key: give the key of then with ICHOR_KEY or ICHOR_KEY_FILE."
          : "This back-up brings its own key: take ICHOR_KEY and ICHOR_KEY_FILE away to use it.";
      throw new AppError("refused", error.message, { hint, cause: error });
    }
  }
  const proof = await proveDatabaseFile(databaseFile, masterKeyFrom(key, "its key"));
  const to = path.join(/* turbopackIgnore: true */ dir, "ichor.key");
  fs.writeFileSync(/* turbopackIgnore: true */ to, key, { mode: 0o600, flag: "wx", flush: true });
  return proof;
}
