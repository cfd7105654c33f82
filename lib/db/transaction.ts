import "server-only";
import { db } from "./client";
import type { Prisma } from "./gen/client";

export type Tx = Prisma.TransactionClient;

/**
 * Runs `work` whole or not at all. It gets the only client that it may use; slow things (the network) do not belong in
 * it, since every other statement waits until it ends (at most 15 s).
 */
export const withTransaction = <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
  db.$transaction(work, { maxWait: 15_000, timeout: 15_000 });
