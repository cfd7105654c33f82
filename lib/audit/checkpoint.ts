import "server-only";
import { db } from "@/lib/db/client";
import type { Tx } from "@/lib/db/transaction";
import type { ChainPoint } from "./chain";
import { isSigned, signingKey, signText } from "./signature";

/** `verified`: the chain holds up to here. `full`: and was walked from its first entry. `removed`: entries up to here are gone. */
export type CheckpointKind = "verified" | "full" | "removed";
export type Checkpoint = ChainPoint & { kind: CheckpointKind; at: Date };
/** A checkpoint whose signature is not ours is worse than none: somebody wrote it. */
export type StoredCheckpoint =
  { state: "none" } | { state: "forged"; seq: number } | { state: "signed"; checkpoint: Checkpoint };

/** What is signed of a checkpoint. */
export const checkpointText = ({ kind, seq, hash, at }: Checkpoint): string =>
  JSON.stringify(["ichor/audit-checkpoint/v1", kind, seq, hash, at.toISOString()]);

/** Reads a checkpoint and checks its signature. */
export async function readCheckpoint(kind: CheckpointKind, client: Tx = db): Promise<StoredCheckpoint> {
  const row = await client.auditCheckpoint.findUnique({ where: { kind } });
  if (!row) return { state: "none" };
  const checkpoint: Checkpoint = { kind, seq: row.seq, hash: row.hash, at: row.at };
  return isSigned(checkpointText(checkpoint), row, await signingKey(client))
    ? { state: "signed", checkpoint }
    : { state: "forged", seq: row.seq };
}

/** Signs and stores one, in place of the one of its kind. @throws where `seq` and `hash` are no entry of the log. */
export async function writeCheckpoint(checkpoint: Checkpoint, client: Tx = db): Promise<void> {
  const { kind, seq, hash, at } = checkpoint;
  const data = { seq, hash, at, ...signText(checkpointText(checkpoint), await signingKey(client)) };
  // An upsert would be refused: the insert trigger fires before SQLite sees that it is to be an update.
  const { count } = await client.auditCheckpoint.updateMany({ where: { kind }, data });
  if (count === 0) await client.auditCheckpoint.create({ data: { kind, ...data } });
}
