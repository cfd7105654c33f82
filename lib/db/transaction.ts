import "server-only";
import { StorageUnavailable } from "@/lib/core/errors";
import { db } from "./client";
import type { Prisma } from "./gen/client";

export type Tx = Prisma.TransactionClient;

/** Prisma's code of a transaction that did not begin, or end, in its time. */
const isOverdue = (error: unknown): boolean => error instanceof Error && Reflect.get(error, "code") === "P2028";

/**
 * Runs `work` whole or not at all. It gets the only client that it may use; slow things (the network) do not belong in
 * it, since every other statement waits until it ends (at most 15 s).
 * @throws StorageUnavailable where the database is busy for too long, full, or cannot be written; and what `work` throws.
 */
export async function withTransaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await db.$transaction(work, { maxWait: 30_000, timeout: 15_000 });
  } catch (error) {
    if (!isOverdue(error)) throw error;
    throw new StorageUnavailable("Ichor's database is too busy.", "Try again in a moment.", {
      details: "P2028",
      cause: error,
    });
  }
}
