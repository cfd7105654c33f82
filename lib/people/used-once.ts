import "server-only";
import { createHash } from "node:crypto";
import { withTransaction } from "@/lib/db/transaction";

/**
 * Whether `key` is used for the first time; it is remembered for `lifeMs`, after which whatever it belongs to has expired by
 * itself. Call it last, once everything else has been checked: a row is stored for each, so strangers must not reach it.
 */
export function firstUse(key: string, lifeMs: number, nowMs: number): Promise<boolean> {
  const digest = createHash("sha256").update(key).digest("hex");
  return withTransaction(async (tx) => {
    await tx.usedOnce.deleteMany({ where: { expiresAt: { lte: new Date(nowMs) } } });
    if (await tx.usedOnce.findUnique({ where: { key: digest } })) return false;
    await tx.usedOnce.create({ data: { key: digest, expiresAt: new Date(nowMs + lifeMs) } });
    return true;
  });
}
