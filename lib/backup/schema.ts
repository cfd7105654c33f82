import { z } from "zod";

/** The first entry of a back-up: what is in it, and how to judge the rest. */
export const backupManifest = z.object({
  format: z.literal(1),
  madeAtMs: z.number().int().nonnegative(),
  databaseBytes: z.number().int().positive(),
  /** Whether the master key is in it: it is where Ichor made the key file itself. */
  key: z.enum(["included", "left-out"]),
});
export type BackupManifest = z.infer<typeof backupManifest>;

/** What is known of the last back-ups, kept in the database. */
export const backupRecord = z.object({
  last: z
    .object({
      file: z.string(),
      bytes: z.number(),
      sha256: z.string(),
      madeAtMs: z.number(),
      provedAtMs: z.number(),
      /** Secrets that were opened by the proof. */
      secrets: z.number(),
      key: backupManifest.shape.key,
    })
    .nullable(),
  /** The attempt after it that failed. */
  failure: z.object({ atMs: z.number(), sentence: z.string() }).nullable(),
});
export type BackupRecord = z.infer<typeof backupRecord>;

export const backupStates = ["off", "none-yet", "well", "overdue", "failed"] as const;
/**
 * `off`: not set up, or switched off. `none-yet`: the first is still to come. `overdue`: the last one is older than one and a
 * half intervals. `failed`: the last attempt failed.
 */
export type BackupState = (typeof backupStates)[number];
export type BackupHealth = { state: BackupState; sentence: string; record: BackupRecord };

/** Names that Ichor gives: nothing else is listed, removed or read. */
export const backupName = z.string().regex(/^ichor-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{3}Z\.tar\.gz\.age$/);
export type BackupFile = { file: string; bytes: number; madeAtMs: number };

export type BackupView = BackupHealth & {
  directory: string;
  everyMs: number | null;
  keep: number;
  encryption: "recipients" | "passphrase" | "none";
  files: BackupFile[];
  /** A restore that the next start puts in place. */
  staged: { file: string; madeAtMs: number } | null;
};
