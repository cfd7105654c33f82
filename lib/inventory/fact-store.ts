import "server-only";
import { createHash } from "node:crypto";
import { log } from "@/lib/core/log";
import { type Tx, withTransaction } from "@/lib/db/transaction";
import type { NodeState } from "./node-state";

export type FactStore = {
  /** Says that a node's facts may have changed; written later, and only if they did. */
  touch: (nodeId: string) => void;
  /** Writes what waits, now. */
  flush: () => Promise<void>;
  stop: () => Promise<void>;
};

export type FactStoreOptions = {
  state: (nodeId: string) => NodeState | null;
  intervalMs?: number;
  write?: (rows: FactRow[]) => Promise<void>;
};

export type FactRow = {
  id: string;
  facts: string;
  factsAt: Date;
  machineUuid: string | null;
  macs: string;
  role: string;
  maintenanceFingerprint: string | null;
};

const rowsPerTransaction = 100;

async function writeRows(rows: FactRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsPerTransaction) {
    const batch = rows.slice(at, at + rowsPerTransaction);
    await withTransaction(async (tx) => {
      const owners = await uuidOwners(tx, batch);
      for (const { id, machineUuid, ...data } of batch) {
        const owner = machineUuid === null ? id : (owners.get(machineUuid) ?? id);
        if (machineUuid !== null) owners.set(machineUuid, owner);
        // Many, since a node that was removed meanwhile is no error.
        await tx.node.updateMany({ where: { id }, data: owner === id ? { ...data, machineUuid } : data });
        if (owner !== id)
          log.warn("Two nodes tell the same machine UUID", { machineUuid, nodeId: id, recordedOf: owner });
      }
    });
  }
}

/**
 * Which node is recorded with which UUID. Boards are sold with one UUID for all, and a machine that moved may be there
 * twice: the second such node is stored without it, else it would keep the facts of all others from the database.
 */
async function uuidOwners(tx: Tx, rows: readonly FactRow[]): Promise<Map<string, string>> {
  const uuids = rows.flatMap(({ machineUuid }) => machineUuid ?? []);
  const found = await tx.node.findMany({
    where: { machineUuid: { in: uuids } },
    select: { id: true, machineUuid: true },
  });
  return new Map(found.map(({ id, machineUuid }) => [machineUuid ?? "", id]));
}

/** What settles: without the age of the reading, the kernel log and what belongs to a moment. */
function rowOf({ record, facts }: NodeState): FactRow | null {
  if (facts.readAtMs === null) return null;
  const macs = facts.links.filter(({ physical }) => physical).map(({ hardwareAddress }) => hardwareAddress);
  return {
    id: record.id,
    facts: JSON.stringify({ ...facts, readAtMs: null }),
    factsAt: new Date(facts.readAtMs),
    machineUuid: record.machineUuid,
    macs: JSON.stringify(macs.length > 0 ? macs : record.macs),
    role: facts.role === "unknown" ? record.role : facts.role,
    maintenanceFingerprint: record.maintenanceFingerprint,
  };
}

const hashOf = ({ factsAt: _at, ...row }: FactRow): string =>
  createHash("sha256").update(JSON.stringify(row)).digest("base64");

/** Keeps the database's copy of settled facts, written together every few seconds and only where something changed. */
export function createFactStore({ state, intervalMs = 5_000, write = writeRows }: FactStoreOptions): FactStore {
  const dirty = new Set<string>();
  const written = new Map<string, string>();
  let running: Promise<void> = Promise.resolve();

  async function writeDirty(): Promise<void> {
    const due: { row: FactRow; hash: string }[] = [];
    for (const nodeId of dirty) {
      const known = state(nodeId);
      const row = known && rowOf(known);
      if (!row) continue;
      const hash = hashOf(row);
      if (written.get(nodeId) !== hash) due.push({ row, hash });
    }
    dirty.clear();
    if (due.length === 0) return;
    try {
      await write(due.map(({ row }) => row));
      for (const { row, hash } of due) written.set(row.id, hash);
    } catch (error) {
      for (const { row } of due) dirty.add(row.id);
      log.unexpected("Facts of nodes could not be stored; they are tried again", error, { nodes: due.length });
    }
  }

  const flush = () => (running = running.then(writeDirty));
  const timer = setInterval(() => void flush(), intervalMs).unref();
  return {
    touch: (nodeId) => void dirty.add(nodeId),
    flush,
    async stop() {
      clearInterval(timer);
      await flush();
    },
  };
}
