import fs from "node:fs";
import path from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { env } from "@/lib/core/env";
import { closeDatabase, db } from "@/lib/db/client";
import { openDatabase } from "@/lib/db/open";
import { closeKeyring, openSecret, sealSecret } from "@/lib/db/secrets";

export const backupSettings = [
  "ICHOR_KEY",
  "ICHOR_KEY_OLD",
  "ICHOR_BACKUP_DIR",
  "ICHOR_BACKUP_KEEP",
  "ICHOR_BACKUP_EVERY",
  "ICHOR_BACKUP_RECIPIENTS",
  "ICHOR_BACKUP_PASSPHRASE_FILE",
] as const;

const place = { table: "ClusterSecret", rowId: "secret_1", field: "sealed" };
/** Stands for everything that must never be lost, nor be found in the clear. */
export const canary = "canary-4711-of-a-talosconfig";

/** An identity for the tests, and the setting that names its recipient. */
export async function useRecipient(): Promise<string> {
  const identity = await generateX25519Identity();
  process.env.ICHOR_BACKUP_RECIPIENTS = await identityToRecipient(identity);
  return identity;
}

/** A cluster with a secret, an admin and a run at work: what a restore has to bring back, or to stop. */
export async function fillDatabase(): Promise<void> {
  await db.cluster.create({ data: { id: "cluster_1", name: "forge", endpoint: "https://x", talosEndpoints: "[]" } });
  await db.clusterSecret.create({
    data: { id: "secret_1", clusterId: "cluster_1", kind: "bundle", ...sealSecret(canary, place) },
  });
  await db.user.create({ data: { id: "user_1", name: "ada", role: "admin", passwordHash: "x" } });
  const at = new Date();
  await db.session.create({
    data: {
      ...{ id: "session_1", hash: "x", userId: "user_1", method: "password", address: "", agent: "" },
      ...{ lastProofAt: at, createdAt: at, lastUsedAt: at, expiresAt: new Date(at.getTime() + 3_600_000) },
    },
  });
  await db.upgradeRun.create({
    data: {
      ...{ id: "run_1", title: "Upgrade", state: "running", plan: "{}", planHash: "", targetVersion: "v1.14.0" },
      ...{ startedById: "user:user_1", startedByName: "ada", leaseOwner: "somebody" },
    },
  });
}

/** The secret as a running server would read it. */
export async function readCanary(): Promise<string> {
  const row = await db.clusterSecret.findUniqueOrThrow({ where: { id: "secret_1" } });
  return openSecret(row, place);
}

/** Ends this "server" and starts it again, as a new process would. */
export async function restart() {
  await stopDatabase();
  return openDatabase();
}
export async function stopDatabase(): Promise<void> {
  await closeDatabase();
  closeKeyring();
}

export const inData = (name: string): string => path.join(env().dataDir, name);
export const namesIn = (dir: string): string[] => (fs.existsSync(dir) ? fs.readdirSync(dir).sort() : []);
