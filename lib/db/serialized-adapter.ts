import type {
  IsolationLevel,
  SqlDriverAdapter,
  SqlMigrationAwareDriverAdapterFactory,
  SqlQuery,
  Transaction,
} from "@prisma/driver-adapter-utils";

/**
 * One connection, one queue. The better-sqlite3 adapter has a single connection, on which a statement from outside runs
 * inside whatever transaction is open: it reads what is not committed, and is undone when that transaction rolls back.
 * Here such a statement waits until the transaction has ended.
 */
export function serialized(
  factory: SqlMigrationAwareDriverAdapterFactory,
  onConnect: string,
): SqlMigrationAwareDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const inner = await factory.connect();
      await inner.executeScript(onConnect);
      return queued(inner);
    },
    connectToShadowDb: () => factory.connectToShadowDb(),
  };
}

function queued(inner: SqlDriverAdapter): SqlDriverAdapter {
  let tail: Promise<void> = Promise.resolve();
  const acquire = async (): Promise<() => void> => {
    const before = tail;
    let release = () => {};
    tail = new Promise<void>((resolve) => (release = resolve));
    await before;
    return release;
  };
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const release = await acquire();
    try {
      return await work();
    } finally {
      release();
    }
  };
  return {
    provider: inner.provider,
    adapterName: inner.adapterName,
    queryRaw: (query: SqlQuery) => inTurn(() => inner.queryRaw(query)),
    executeRaw: (query: SqlQuery) => inTurn(() => inner.executeRaw(query)),
    executeScript: (script: string) => inTurn(() => inner.executeScript(script)),
    ...(inner.getConnectionInfo && { getConnectionInfo: inner.getConnectionInfo.bind(inner) }),
    dispose: () => inTurn(() => inner.dispose()),
    async startTransaction(level?: IsolationLevel): Promise<Transaction> {
      const release = await acquire();
      try {
        const transaction = await inner.startTransaction(level);
        const commit = transaction.commit.bind(transaction);
        const rollback = transaction.rollback.bind(transaction);
        transaction.commit = () => commit().finally(release);
        transaction.rollback = () => rollback().finally(release);
        return transaction;
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}
