import { nodeCaps } from "@/lib/core/bounds/input-caps";
import { AppError, StorageUnavailable, errorMessage } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { sleep } from "@/lib/core/time";
import { isTalosError } from "@/lib/talos/errors";
import { reconnecting } from "@/lib/talos/reconnect";
import type { Dialled } from "./dial";
import { isReplaced, type LifePorts } from "./life-ports";
import { liveWith } from "./node-life";
import { lendConnection } from "./standing";

export type WatchInput = {
  ports: LifePorts;
  dial: (signal: AbortSignal) => Promise<Dialled>;
  /** Bounds how many nodes are dialled and read for the first time at once. */
  gate: (signal: AbortSignal) => Promise<() => void>;
  signal: AbortSignal;
  /** Longest wait between attempts, at most 15 s. */
  capMs?: number;
  /** How often another machine at the address is looked at again. */
  replacedMs?: number;
  /** Waits after a misbehaviour; for tests. */
  pause?: (durationMs: number, signal: AbortSignal) => Promise<void>;
};

const kindOf = (error: unknown): string =>
  isTalosError(error) ? error.kind : error instanceof AppError ? error.code : "internal";

/** How long a node that misbehaved is left alone: longer with each time, until it has behaved for a while. */
export function createPenalty(now: () => number, random = Math.random): () => number {
  const { firstPenaltyMs, longestPenaltyMs, forgivenAfterMs } = nodeCaps;
  let strikes = 0;
  let untilMs = -Infinity;
  return () => {
    strikes = now() - untilMs > forgivenAfterMs ? 1 : strikes + 1;
    const mostMs = Math.min(longestPenaltyMs, firstPenaltyMs * 2 ** (strikes - 1));
    // Half of it is certain, the rest keeps many from coming back at once.
    const waitMs = mostMs / 2 + (random() * mostMs) / 2;
    untilMs = now() + waitMs;
    return waitMs;
  };
}

/**
 * Keeps one node connected until the signal aborts: dials, lives, and dials again with full jitter (≤ 15 s). Never gives up
 * and never throws: what fails is a reading.
 */
export async function watchNode({
  ports,
  dial,
  gate,
  signal,
  capMs = 15_000,
  replacedMs = 30_000,
  pause = sleep,
}: WatchInput): Promise<void> {
  const penaltyMs = createPenalty(ports.now);
  await reconnecting({
    signal,
    capMs,
    retry: () => true,
    async attempt({ up }) {
      const release = await gate(signal);
      let lived = false;
      let giveBack = () => {};
      try {
        if (ports.state()?.reachability.state !== "reachable") ports.apply({ kind: "connecting", atMs: ports.now() });
        const dialled = await dial(signal);
        await liveWith(dialled, ports, signal, () => {
          lived = true;
          giveBack = lendConnection(ports.nodeId, dialled.client);
          release();
          up();
        });
      } catch (error) {
        if (signal.aborted) return;
        if (isReplaced(error)) {
          release();
          await sleep(replacedMs, signal).catch(() => undefined);
          return;
        }
        // Our own disk says nothing of the node: what is known of it stays, and it is dialled again.
        if (error instanceof StorageUnavailable && !lived) {
          log.warn("A node waits for Ichor's database", { nodeId: ports.nodeId, reason: error.message });
          throw error;
        }
        if (isTalosError(error, "misbehaving")) {
          giveBack();
          release();
          ports.apply({ kind: "lost", atMs: ports.now(), reason: error.message, errorKind: error.kind });
          log.warn("A node misbehaved, and its connection was dropped", {
            nodeId: ports.nodeId,
            reason: error.message,
          });
          await pause(penaltyMs(), signal).catch(() => undefined);
          return;
        }
        // A connection that worked and broke is dialled again before anybody is told that the node is away.
        if (lived) ports.apply({ kind: "connecting", atMs: ports.now() });
        else ports.apply({ kind: "lost", atMs: ports.now(), reason: errorMessage(error), errorKind: kindOf(error) });
        if (!(error instanceof AppError))
          log.unexpected("A node's watch failed unexpectedly", error, { nodeId: ports.nodeId });
      } finally {
        giveBack();
        release();
      }
    },
  });
}
