import { AppError, StorageUnavailable } from "@/lib/core/errors";
import { fullJitterMs, sleep } from "@/lib/core/time";
import type { TalosClient } from "@/lib/talos/client";
import { resourceDefs } from "@/lib/talos/resources";
import type { NodeFacts } from "../facts";
import { follow, soon } from "../node-follow";
import type { NodeState, Reading } from "../node-state";
import { extensionsInImage } from "./image-contents";

export type ConfigPorts = {
  state: () => NodeState | null;
  apply: (reading: Reading) => void;
  /** Reads the node's config in a step of its own, as os:admin (`readConfigFacts`). */
  readConfig: (signal: AbortSignal) => Promise<Partial<NodeFacts>>;
  /** Records what the node runs where nothing is recorded of it. */
  recordAsFound: (signal: AbortSignal) => Promise<void>;
  now: () => number;
};

/** An administrator's credentials are opened for each reading, so it is seldom; what Ichor itself changes is read at once. */
const intervalMs = 15 * 60_000;

/**
 * Keeps what is known of a node's own config: read at each connection, at intervals, and when the node tells another install image.
 * `UnattendedInstallStatuses` (1.14, a config with that document) tells that image to os:reader, so it is taken from there where no
 * stronger credentials are held. Resolves when the signal aborts.
 */
export async function followConfig(client: TalosClient, ports: ConfigPorts, signal: AbortSignal): Promise<void> {
  if (ports.state()?.record.clusterId == null) return;
  let told: string | null = null;

  async function read(): Promise<void> {
    try {
      let facts = await ports.readConfig(signal);
      if (facts.config === undefined && told !== null) {
        const installExtensions = await extensionsInImage(told, signal);
        const config = { atMs: ports.now(), installImage: told, installExtensions, hash: null, staged: null };
        facts = { ...facts, config };
      }
      ports.apply({ kind: "facts", atMs: ports.now(), facts });
      await ports.recordAsFound(signal);
    } catch (error) {
      if (signal.aborted) throw error;
      // What was read before stays, with its age; that the node is away is told by its other streams, and our disk says nothing of it.
      if (!(error instanceof AppError || error instanceof StorageUnavailable)) throw error;
    }
  }

  let failed: (error: unknown) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => (failed = reject));
  const reading = soon(read, 100, failed);
  const statuses = follow(
    client,
    resourceDefs.unattendedInstallStatus,
    (items) => {
      const image = items[0]?.spec.image || null;
      if (image === told) return;
      told = image;
      reading.ask();
    },
    signal,
  );
  const polling = async () => {
    while (!signal.aborted) {
      reading.ask();
      await sleep(intervalMs + fullJitterMs(20, { capMs: 60_000 }), signal);
    }
  };
  try {
    await Promise.race([failure, Promise.all([statuses, polling()])]);
  } finally {
    reading.stop();
  }
}
