import { AppError } from "@/lib/core/errors";
import type { TalosClient } from "@/lib/talos/client";
import type { RawCounters } from "./counters";
import type { NodeFacts } from "./facts";
import type { NodeState, Reading } from "./node-state";

export type KubernetesFacts = { allocatable: Record<string, string>; kubeletVersion: string };

/** What a connection's life needs of the rest. */
export type LifePorts = {
  nodeId: string;
  state: () => NodeState | null;
  apply: (reading: Reading) => void;
  onCounters: (raw: RawCounters) => void;
  /** The Kubernetes node of that name; null where it cannot be had. */
  kubernetes: (clusterId: string, nodename: string, signal: AbortSignal) => Promise<KubernetesFacts | null>;
  /** Reads the node's config in a step of its own, as os:admin (`readConfigFacts`). */
  readConfig: (signal: AbortSignal) => Promise<Partial<NodeFacts>>;
  /** Records what the node runs where nothing is recorded of it. */
  recordAsFound: (signal: AbortSignal) => Promise<void>;
  /** Opens a connection as os:admin to read the load of GPUs; null where that is off. */
  openForTelemetry: ((signal: AbortSignal) => Promise<TalosClient>) | null;
  now: () => number;
};

/** Another machine answers at the address: nothing is read of it, and it is looked at again later. */
export class Replaced extends AppError {
  constructor(address: string) {
    super("refused", `Another machine answers at ${address}.`);
  }
}
export const isReplaced = (error: unknown): boolean => error instanceof Replaced;
