import "server-only";
import { log } from "@/lib/core/log";
import { db } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { type NodeCounters, nodeCounters } from "./schema";

const keptMs = 7 * 24 * 3_600_000;
/** Each node is a parameter of one statement, of which SQLite takes 999. */
const rowsPerTransaction = 400;
type Rollup = { nodeId: string; counters: NodeCounters };

async function writeRollups(rollups: Rollup[]): Promise<void> {
  await withTransaction(async (tx) => {
    const ids = [...new Set(rollups.map(({ nodeId }) => nodeId))];
    const present = await tx.node.findMany({ where: { id: { in: ids } }, select: { id: true } });
    const known = new Set(present.map(({ id }) => id));
    const rows = rollups
      .filter(({ nodeId }) => known.has(nodeId))
      .map(({ nodeId, counters }) => ({ nodeId, at: new Date(counters.atMs), counters: JSON.stringify(counters) }));
    // After a restart within one interval its second part replaces the first. Each interval by itself: a node that was
    // away brings an old one, of which the others have their rows already.
    for (const atMs of new Set(rows.map(({ at }) => at.getTime()))) {
      const nodeIds = rows.filter(({ at }) => at.getTime() === atMs).map(({ nodeId }) => nodeId);
      await tx.counterRollup.deleteMany({ where: { at: new Date(atMs), nodeId: { in: nodeIds } } });
    }
    await tx.counterRollup.createMany({ data: rows });
  });
}

export type RollupStore = {
  add: (nodeId: string, counters: NodeCounters) => void;
  flush: () => Promise<void>;
  stop: () => Promise<void>;
};

/** Gathers five-minute means and writes them together, once a minute; drops those older than seven days. */
export function createRollupStore({ intervalMs = 60_000, now = Date.now } = {}): RollupStore {
  let waiting: Rollup[] = [];
  let prunedAtMs = 0;
  let running: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, rowsPerTransaction);
      try {
        await writeRollups(batch);
      } catch (error) {
        log.unexpected("Five-minute counters could not be stored and are lost", error, { rows: batch.length });
      }
    }
    if (now() - prunedAtMs < 3_600_000) return;
    prunedAtMs = now();
    await db.counterRollup.deleteMany({ where: { at: { lt: new Date(now() - keptMs) } } }).catch((error: unknown) => {
      log.unexpected("Old counters could not be dropped", error);
    });
  }

  const flush = () => (running = running.then(write));
  const timer = setInterval(() => void flush(), intervalMs).unref();
  return {
    add: (nodeId, counters) => void waiting.push({ nodeId, counters }),
    flush,
    async stop() {
      clearInterval(timer);
      waiting = waiting.slice();
      await flush();
    },
  };
}

/** Five-minute means of a node from `sinceMs` on, oldest first. Rows that do not parse are left out. */
export async function readRollups(nodeId: string, sinceMs: number): Promise<NodeCounters[]> {
  const rows = await db.counterRollup.findMany({
    where: { nodeId, at: { gte: new Date(sinceMs) } },
    orderBy: { at: "asc" },
  });
  return rows.flatMap(({ counters }) => {
    const parsed = nodeCounters.safeParse(JSON.parse(counters));
    return parsed.success ? [parsed.data] : [];
  });
}
