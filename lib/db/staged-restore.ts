import "server-only";
import fs from "node:fs";
import path from "node:path";
import Sqlite from "better-sqlite3";
import { z } from "zod";
import { AppError } from "@/lib/core/errors";

/** What a start puts in place: written last, so that a restore is whole or not there. */
const readySchema = z.object({
  /** Name of the back-up file. */
  file: z.string(),
  madeAtMs: z.number(),
  stagedAtMs: z.number(),
  by: z.string(),
});
export type StagedRestore = z.infer<typeof readySchema>;

const dirOf = (dataDir: string): string => path.join(/* turbopackIgnore: true */ dataDir, "restore");
const inDir = (dataDir: string, name: string): string =>
  path.join(/* turbopackIgnore: true */ dirOf(dataDir), /* turbopackIgnore: true */ name);
const there = (file: string): boolean => fs.existsSync(/* turbopackIgnore: true */ file);

/** Where a restore is laid ready; empty and private. */
export function newStagingDir(dataDir: string): string {
  const dir = dirOf(dataDir);
  fs.rmSync(/* turbopackIgnore: true */ dir, { recursive: true, force: true });
  fs.mkdirSync(/* turbopackIgnore: true */ dir, { recursive: true, mode: 0o700 });
  return dir;
}

export const dropStaged = (dataDir: string): void =>
  fs.rmSync(/* turbopackIgnore: true */ dirOf(dataDir), { recursive: true, force: true });

/** The restore that waits for the next start, or null. */
export function stagedRestore(dataDir: string): StagedRestore | null {
  const file = inDir(dataDir, "ready.json");
  if (!there(file)) return null;
  const parsed = readySchema.safeParse(JSON.parse(fs.readFileSync(/* turbopackIgnore: true */ file, "utf8")));
  if (parsed.success) return parsed.data;
  throw new AppError("refused", `The restore in ${dirOf(dataDir)} cannot be read.`, {
    hint: "Remove that directory to start with the database as it is, or restore again.",
  });
}

/**
 * Prepares a restored database before it is started with: what was undone since the back-up must not come back to life. All
 * sessions end, and upgrade runs that were at work are halted, since their nodes have gone on without it.
 */
export function prepareRestored(file: string, madeAt: Date): void {
  const db = new Sqlite(/* turbopackIgnore: true */ file);
  try {
    const reason = `It was at work when the back-up of ${madeAt.toISOString()} was made, which has been restored since. Look at its nodes, then cancel it and plan anew.`;
    db.transaction(() => {
      endSessions(db);
      db.prepare(`DELETE FROM "SetupLink"`).run();
      db.prepare(
        `UPDATE "UpgradeRun" SET "state" = 'halted', "reason" = ?, "requested" = NULL, "leaseOwner" = NULL, "leaseUntil" = NULL
         WHERE "state" IN ('planned', 'running', 'paused', 'cancelling')`,
      ).run(reason);
    })();
    db.pragma("journal_mode = DELETE");
  } finally {
    db.close();
  }
}

/** Sessions have rows of their own; in a database from before that, a number of the account ends them. */
function endSessions(db: Sqlite.Database): void {
  const columns = db.prepare<[], { name: string }>(`PRAGMA table_info("User")`).all();
  if (columns.some(({ name }) => name === "sessionVersion"))
    db.prepare(`UPDATE "User" SET "sessionVersion" = "sessionVersion" + 1`).run();
  const table = db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'Session'").get();
  if (table) db.prepare(`DELETE FROM "Session"`).run();
}

/** Says that what lies in the staging directory is whole. */
export function markReady(dataDir: string, staged: StagedRestore): void {
  const coming = inDir(dataDir, "ready.json.new");
  fs.writeFileSync(/* turbopackIgnore: true */ coming, JSON.stringify(staged), { mode: 0o600, flush: true });
  fs.renameSync(/* turbopackIgnore: true */ coming, /* turbopackIgnore: true */ inDir(dataDir, "ready.json"));
}

/**
 * At a start, before anything is opened: puts a staged restore in place. What was there is set aside under names that end with
 * `.before-restore-<time>`. Each step is one rename that is skipped once it is done, so a crash at any moment is gone on from.
 * `onStep` is told of each, for tests.
 */
export function applyStagedRestore(
  { dataDir, databaseFile, keyFile }: { dataDir: string; databaseFile: string; keyFile: string },
  onStep: (step: string) => void = () => undefined,
): StagedRestore | null {
  const staged = stagedRestore(dataDir);
  if (!staged) return null;
  const aside = `.before-restore-${new Date(staged.stagedAtMs).toISOString().replace(/[:.]/g, "-")}`;
  const move = (from: string, to: string) => {
    if (!there(from)) return;
    fs.renameSync(/* turbopackIgnore: true */ from, /* turbopackIgnore: true */ to);
    onStep(path.basename(to));
  };
  const database = inDir(dataDir, "ichor.db");
  if (there(database)) {
    // The log goes with its database under a name that SQLite finds: left behind, it would be read into the restored one.
    for (const suffix of ["", "-wal", "-shm"]) {
      const old = `${databaseFile}${suffix}`;
      if (there(old)) move(old, `${databaseFile}${aside}${suffix}`);
    }
  }
  const key = inDir(dataDir, "ichor.key");
  if (there(key)) {
    if (there(keyFile)) move(keyFile, `${keyFile}${aside}`);
    move(key, keyFile);
  }
  move(database, databaseFile);
  dropStaged(dataDir);
  onStep("done");
  return staged;
}
