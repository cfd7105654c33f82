import "server-only";
import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import { env } from "@/lib/core/env";
import { PrismaClient } from "./gen/client";
import { serialized } from "./serialized-adapter";

export type Database = PrismaClient;

const slot = Symbol.for("ichor.db");
type Holder = { [slot]?: { file: string; client: PrismaClient } };
const holder = globalThis as Holder;

// An intent in the audit log must be on the disk before the call that it announces, hence FULL.
const onConnect = "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;";

function current(): PrismaClient {
  const file = env().databaseFile;
  if (holder[slot]?.file !== file) {
    const adapter = serialized(new PrismaBetterSqlite3({ url: `file:${file}`, timeout: 0 }), onConnect);
    holder[slot] = { file, client: new PrismaClient({ adapter }) };
  }
  return holder[slot].client;
}

/**
 * The database: one client per process, opened on first use. Never use it inside a `withTransaction` callback: there it
 * would wait for the very transaction that waits for it.
 */
export const db: Database = new Proxy({} as Database, {
  get: (_target, property) => {
    const client = current();
    const value: unknown = Reflect.get(client, property);
    return typeof value === "function" ? value.bind(client) : value;
  },
});

/** Closes the database, at the end of the process or of a test file. */
export async function closeDatabase(): Promise<void> {
  const open = holder[slot];
  delete holder[slot];
  await open?.client.$disconnect();
}
