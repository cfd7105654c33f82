import type {
  IsolationLevel,
  SqlDriverAdapter,
  SqlMigrationAwareDriverAdapterFactory,
  SqlQuery,
  Transaction,
} from "@prisma/driver-adapter-utils";
import { StorageUnavailable } from "@/lib/core/errors";
import { sleep } from "@/lib/core/time";
import { type BusyWait, isBusy, runtimeStorageError, waitsOf } from "./storage-error";

/**
 * One connection, one queue. The better-sqlite3 adapter has a single connection, on which a statement from outside runs
 * inside whatever transaction is open: it reads what is not committed, and is undone when that transaction rolls back.
 * Here such a statement waits until the transaction has ended.
 *
 * A database that another process locks is waited for here and not by SQLite, whose wait would stop the event loop: `busy`
 * says for how long. What waits gives its turn to others meanwhile, so reads go on. The connection's own timeout must be 0.
 * Where the storage fails, all of it throws `StorageUnavailable`.
 */
export function serialized(
  factory: SqlMigrationAwareDriverAdapterFactory,
  onConnect: string,
  busy?: Partial<BusyWait>,
): SqlMigrationAwareDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const inner = await factory.connect();
      await inner.executeScript(onConnect);
      return queued(inner, busy);
    },
    connectToShadowDb: () => factory.connectToShadowDb(),
  };
}

const plain = (sql: string): SqlQuery => ({ sql, args: [], argTypes: [] });

function queued(inner: SqlDriverAdapter, busy?: Partial<BusyWait>): SqlDriverAdapter {
  let tail: Promise<void> = Promise.resolve();
  const acquire = async (): Promise<() => void> => {
    const before = tail;
    let release = () => {};
    tail = new Promise<void>((resolve) => (release = resolve));
    await before;
    return release;
  };
  /** Does the work in its turn; while the database is busy the turn is given back. Afterwards the turn is the caller's. */
  const patiently = async <T>(work: () => Promise<T>): Promise<{ result: T; release: () => void }> => {
    const waits = waitsOf(busy);
    for (;;) {
      const release = await acquire();
      try {
        return { result: await work(), release };
      } catch (error) {
        release();
        const wait = isBusy(error) ? waits.next().value : undefined;
        if (wait === undefined) throw runtimeStorageError(error) ?? error;
        await sleep(wait);
      }
    }
  };
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const { result, release } = await patiently(work);
    release();
    return result;
  };
  return {
    provider: inner.provider,
    adapterName: inner.adapterName,
    queryRaw: (query: SqlQuery) => inTurn(() => inner.queryRaw(query)),
    executeRaw: (query: SqlQuery) => inTurn(() => inner.executeRaw(query)),
    executeScript: (script: string) => inTurn(() => inner.executeScript(script)),
    ...(inner.getConnectionInfo && { getConnectionInfo: inner.getConnectionInfo.bind(inner) }),
    dispose: () => inTurn(() => inner.dispose()),
    async startTransaction(_level?: IsolationLevel): Promise<Transaction> {
      // IMMEDIATE: a transaction that reads first and writes later could not be waited for, since its reading would be stale.
      const { release } = await patiently(() => inner.executeRaw(plain("BEGIN IMMEDIATE")));
      return transactionOn(inner, release);
    },
  };
}

/** A transaction that has begun. Prisma sends COMMIT and ROLLBACK as statements, then calls `commit` or `rollback`. */
function transactionOn(inner: SqlDriverAdapter, release: () => void): Transaction {
  // SQLite may have undone it already, after which a further statement would stand alone and stay.
  let failed: StorageUnavailable | null = null;
  const guarded = async <T>(sql: string, work: () => Promise<T>, nothing: T): Promise<T> => {
    const undoes = sql === "ROLLBACK";
    if (failed && !undoes) throw failed;
    try {
      return await work();
    } catch (error) {
      if (undoes && /no transaction is active/.test(String(error instanceof Error ? error.message : error)))
        return nothing;
      failed = runtimeStorageError(error);
      if (failed) await inner.executeRaw(plain("ROLLBACK")).catch(() => undefined);
      throw failed ?? error;
    }
  };
  const run = (sql: string): Promise<unknown> => guarded(sql, () => inner.executeRaw(plain(sql)), 0);
  return {
    provider: inner.provider,
    adapterName: inner.adapterName,
    options: { usePhantomQuery: false },
    queryRaw: (query) =>
      guarded(query.sql, () => inner.queryRaw(query), { columnNames: [], columnTypes: [], rows: [] }),
    executeRaw: (query) => guarded(query.sql, () => inner.executeRaw(query), 0),
    commit: async () => release(),
    rollback: async () => release(),
    createSavepoint: async (name) => void (await run(`SAVEPOINT ${name}`)),
    rollbackToSavepoint: async (name) => void (await run(`ROLLBACK TO ${name}`)),
    releaseSavepoint: async (name) => void (await run(`RELEASE SAVEPOINT ${name}`)),
  };
}
