import "server-only";
import { env } from "@/lib/core/env";
import { sleep } from "@/lib/core/time";
import { openNodeClient } from "./access";
import { createAllocatableReader } from "./allocatable";
import { type CounterHistory, createCounterHistory } from "./counter-history";
import { countersBetween, type RawCounters } from "./counters";
import { dialNode } from "./dial";
import { recordAsFound } from "./drift/as-found";
import { readConfigFacts } from "./drift/read-config";
import { createFactStore } from "./fact-store";
import { fleet } from "./fleet";
import { createGate } from "./gate";
import { HoldKeeper } from "./guard/keeper";
import { loadFleet } from "./load-fleet";
import type { LifePorts } from "./life-ports";
import { watchNode } from "./node-watch";
import type { Reading } from "./node-state";
import { createRollupStore } from "./rollup-store";
import type { NodeCounters } from "./schema";
import { setWatchList } from "./watch-list";

export type Watcher = {
  /** Counters of the last hour, oldest first. */
  history: (nodeId: string) => NodeCounters[];
  stop: () => Promise<void>;
};

type Watched = { stop: AbortController; done: Promise<void>; dialledBy: string };

const firstReadsAtOnce = 48;
const configReadsAtOnce = 8;
/** How often it is looked whether a node stays too long in a stage. */
const stageTickMs = 10_000;
/** Starts are spread, so that a thousand handshakes do not stall the first page. */
const staggerMsPerNode = 2;

const watcherKey = Symbol.for("ichor.watcher");
const shared = globalThis as { [watcherKey]?: Promise<Watcher> };

/**
 * Loads nodes and clusters, shows them with their stored facts, and keeps a supervised connection to each. One per process:
 * a second call gives the first's watcher.
 */
export const startWatcher = (): Promise<Watcher> => (shared[watcherKey] ??= start());

/** The running watcher, if there is one. */
export const watcher = (): Promise<Watcher> | null => shared[watcherKey] ?? null;

/** Ends all connections and stores what was read. */
export async function stopWatcher(): Promise<void> {
  const running = await shared[watcherKey];
  delete shared[watcherKey];
  await running?.stop();
}

async function start(): Promise<Watcher> {
  const all = fleet();
  const gate = createGate(firstReadsAtOnce);
  const configGate = createGate(configReadsAtOnce);
  const stopping = new AbortController();
  const watched = new Map<string, Watched>();
  const histories = new Map<string, CounterHistory>();
  const lastRaw = new Map<string, RawCounters>();
  const facts = createFactStore({ state: all.state });
  const rollups = createRollupStore();
  const kubernetes = createAllocatableReader();

  const apply = (nodeId: string, reading: Reading) => {
    all.apply(nodeId, reading);
    if (reading.kind === "facts" || reading.kind === "identity" || reading.kind === "reached") facts.touch(nodeId);
  };

  function takeCounters(nodeId: string, raw: RawCounters): void {
    const counters = countersBetween(lastRaw.get(nodeId) ?? null, raw);
    lastRaw.set(nodeId, raw);
    const history = histories.get(nodeId) ?? createCounterHistory();
    histories.set(nodeId, history);
    const complete = history.push(counters);
    if (complete) rollups.add(nodeId, complete);
    apply(nodeId, { kind: "counters", counters, cpuHistory: history.cpuPercents(raw.atMs) });
  }

  const portsOf = (nodeId: string): LifePorts => ({
    nodeId,
    state: () => all.state(nodeId),
    apply: (reading) => apply(nodeId, reading),
    onCounters: (raw) => takeCounters(nodeId, raw),
    kubernetes: kubernetes.read,
    readConfig: async (signal) => {
      const leave = await configGate(signal);
      return readConfigFacts(nodeId, { signal }).finally(leave);
    },
    recordAsFound: (signal) => recordAsFound([nodeId], signal),
    openForTelemetry: env().gpuTelemetry ? (signal) => openNodeClient(nodeId, "admin", { signal }) : null,
    now: Date.now,
  });

  function drop(nodeId: string): void {
    watched.get(nodeId)?.stop.abort();
    watched.delete(nodeId);
    histories.delete(nodeId);
    lastRaw.delete(nodeId);
  }

  function sync(nodeId: string, delayMs = 0): void {
    const record = all.state(nodeId)?.record;
    const dialledBy = record?.address ? `${record.address} ${record.clusterId ?? ""}` : null;
    if (watched.get(nodeId)?.dialledBy === dialledBy) return;
    drop(nodeId);
    if (!record || record.address === null || dialledBy === null) return;
    const target = { nodeId, address: record.address, clusterId: record.clusterId };
    const stop = new AbortController();
    const signal = AbortSignal.any([stopping.signal, stop.signal]);
    const run = async () => {
      await sleep(delayMs, signal).catch(() => undefined);
      await watchNode({
        ports: portsOf(nodeId),
        dial: (until) => dialNode(target, "reader", { signal: until }),
        gate,
        signal,
      });
    };
    watched.set(nodeId, { stop, done: run(), dialledBy });
  }

  const nodeIds = await loadFleet();
  setWatchList({ sync: (nodeId) => sync(nodeId), drop });
  nodeIds.forEach((nodeId, index) => sync(nodeId, index * staggerMsPerNode));

  const clock = setInterval(() => all.tick(), stageTickMs).unref();
  const keeper = new HoldKeeper();
  keeper.start();

  return {
    history: (nodeId) => histories.get(nodeId)?.list() ?? [],
    async stop() {
      setWatchList(null);
      clearInterval(clock);
      await keeper.stop();
      stopping.abort();
      await Promise.allSettled([...watched.values()].map(({ done }) => done));
      kubernetes.close();
      await Promise.all([facts.stop(), rollups.stop()]);
    },
  };
}
