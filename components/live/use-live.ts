"use client";

import { skipToken, useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect, useMemo } from "react";
import type { ClusterView, NodeCounters, NodeView } from "@/lib/inventory/schema";
import type { RunEvent, RunSummary } from "@/lib/upgrades/schema";
import type { ScanAnswers, ScanProgress } from "./fleet";
import { liveKey } from "./keys";
import { mergeEvents } from "./merge-events";
import { useLiveStatus } from "./status-store";

type Nodes = { byId: ReadonlyMap<string, NodeView>; list: readonly NodeView[] };
const noNodes: readonly NodeView[] = [];
const noClusters: readonly ClusterView[] = [];
const noRuns: readonly RunSummary[] = [];
const noSamples: readonly NodeCounters[] = [];
const noEvents: readonly RunEvent[] = [];

const useSynced = () => useLiveStatus((status) => status.synced);

function useLive<T, S = T>(queryKey: readonly string[], select?: (data: T) => S) {
  return useQuery<T, Error, S>({ queryKey, queryFn: skipToken, select }).data;
}

/** All nodes by name, and whether the whole fleet has arrived. */
export function useNodes(): { nodes: readonly NodeView[]; loaded: boolean } {
  const nodes = useLive<Nodes>(liveKey.nodes)?.list ?? noNodes;
  return { nodes, loaded: useSynced() };
}

/** One node; `initial` is what the server rendered. Null once the fleet has arrived without it. */
export function useNode<I extends NodeView | undefined>(id: string, initial?: I): NodeView | null | (undefined & I) {
  const live = useLive<Nodes, NodeView | undefined>(liveKey.nodes, (nodes) => nodes.byId.get(id));
  const synced = useSynced();
  return live ?? (synced ? null : (initial as NodeView | (undefined & I)));
}

export function useClusters(): { clusters: readonly ClusterView[]; loaded: boolean } {
  const clusters = useLive<readonly ClusterView[]>(liveKey.clusters) ?? noClusters;
  return { clusters, loaded: useSynced() };
}

/** Upgrade runs, newest first. */
export function useRuns(): { runs: readonly RunSummary[]; loaded: boolean } {
  const runs = useLive<readonly RunSummary[]>(liveKey.runs) ?? noRuns;
  return { runs, loaded: useSynced() };
}

/** The run that holds a node, by the node's `runId`. */
export function useNodeRun(runId: string | null): RunSummary | undefined {
  return useLive<readonly RunSummary[], RunSummary | undefined>(liveKey.runs, (runs) =>
    runId === null ? undefined : runs.find(({ id }) => id === runId),
  );
}

/** The counters of the node that this tab looks at: the server's last hour, then what came since. */
export function useSamples(nodeId: string, initial: readonly NodeCounters[]): readonly NodeCounters[] {
  const live = useLive<readonly NodeCounters[]>(liveKey.samples(nodeId)) ?? noSamples;
  return useMemo(() => {
    const newestMs = initial.at(-1)?.atMs ?? 0;
    return [...initial, ...live.filter(({ atMs }) => atMs > newestMs)];
  }, [initial, live]);
}

/** Progress of an address scan, null until the first frame. */
export function useScan(id: string | null): ScanProgress | null {
  const scans = useLive<ReadonlyMap<string, ScanProgress>>(liveKey.scans);
  return (id === null ? undefined : scans?.get(id)) ?? null;
}

/** What else an address scan has met, null until the first such answer. */
export function useScanAnswers(id: string | null): ScanAnswers | null {
  const answers = useLive<ReadonlyMap<string, ScanAnswers>>(liveKey.scanAnswers);
  return (id === null ? undefined : answers?.get(id)) ?? null;
}

/**
 * The log of one run: what the server rendered, then what the stream adds. A hole between the two (the stream was away)
 * makes the page ask the server again.
 */
export function useRunEvents(runId: string, initial: readonly RunEvent[]): readonly RunEvent[] {
  const router = useRouter();
  const live = useLive<readonly RunEvent[]>(liveKey.runEvents(runId)) ?? noEvents;
  const { events, hole } = useMemo(() => mergeEvents(initial, live), [initial, live]);
  const run = useLive<readonly RunSummary[], RunSummary | undefined>(liveKey.runs, (runs) =>
    runs.find((candidate) => candidate.id === runId),
  );
  const behind = (run?.lastSeq ?? 0) > (events.at(-1)?.seq ?? 0);
  useEffect(() => {
    if (!hole && !behind) return;
    const timer = setTimeout(() => router.refresh(), 1_000);
    return () => clearTimeout(timer);
  }, [hole, behind, router]);
  return events;
}
