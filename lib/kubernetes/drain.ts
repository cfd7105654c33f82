import { sleep } from "@/lib/core/time";
import type { KubernetesClient } from "./client";
import { evictPod } from "./eviction";
import { type NodePod, listPodsOnNode } from "./pods";

export type DrainPodState = "waiting-budget" | "ending" | "gone" | "skipped";
export type DrainPodProgress = { name: string; state: DrainPodState; detail: string };
export type DrainProgress = {
  /** Pods that have to leave, and how many have. */
  total: number;
  gone: number;
  pods: DrainPodProgress[];
};
export type DrainOutcome = { kind: "drained"; progress: DrainProgress } | { kind: "blocked"; progress: DrainProgress };

export type DrainOptions = {
  timeoutMs: number;
  onProgress: (progress: DrainProgress) => void | Promise<void>;
  signal?: AbortSignal;
  /** Between two looks at the node. */
  pollMs?: number;
  /** Between two evictions of a pod that a budget protects; kubectl waits 5 s. */
  retryMs?: number;
  nowMs?: () => number;
  wait?: (durationMs: number, signal?: AbortSignal) => Promise<void>;
};

type Tracked = { progress: DrainPodProgress; nextTryMs: number };

const endingDetail = (pod: NodePod, nowMs: number): string => {
  const seconds = pod.endsByMs === null ? 0 : Math.ceil((pod.endsByMs - nowMs) / 1000);
  return seconds > 0 ? `Ends within ${seconds} s.` : "Ending.";
};

/**
 * Evicts every pod that has to leave a node that is cordoned already, and waits until they are gone; a pod's grace period
 * is never cut short and none is ever deleted by force. Pods of DaemonSets, static pods and finished ones stay.
 * @returns `blocked` when the time is up, with what stands in the way.
 * @throws AppError `unavailable`; the signal's reason when aborted.
 */
export async function drainNode(
  client: KubernetesClient,
  nodeName: string,
  options: DrainOptions,
): Promise<DrainOutcome> {
  const { signal, pollMs = 1_000, retryMs = 5_000, nowMs = Date.now, wait = sleep } = options;
  const deadlineMs = nowMs() + options.timeoutMs;
  const tracked = new Map<string, Tracked>();

  const look = async (): Promise<DrainProgress> => {
    const pods = await listPodsOnNode(client, nodeName, signal);
    const present = new Set(pods.map(({ uid }) => uid));
    for (const [uid, { progress }] of tracked) {
      if (!present.has(uid) && progress.state !== "skipped") Object.assign(progress, { state: "gone", detail: "" });
    }
    for (const pod of pods) await tend(pod);
    const all = [...tracked.values()].map(({ progress }) => ({ ...progress }));
    const leaving = all.filter(({ state }) => state !== "skipped");
    return { total: leaving.length, gone: leaving.filter(({ state }) => state === "gone").length, pods: all };
  };

  const tend = async (pod: NodePod): Promise<void> => {
    const name = `${pod.namespace}/${pod.name}`;
    const known = tracked.get(pod.uid);
    const entry: Tracked = known ?? { progress: { name, state: "ending", detail: "" }, nextTryMs: 0 };
    tracked.set(pod.uid, entry);
    if (pod.drain.kind === "skip") {
      Object.assign(entry.progress, { state: "skipped", detail: `Stays: ${pod.drain.reason}.` });
    } else if (pod.endsByMs !== null) {
      Object.assign(entry.progress, { state: "ending", detail: endingDetail(pod, nowMs()) });
    } else if (nowMs() >= entry.nextTryMs) {
      entry.nextTryMs = nowMs() + retryMs;
      const eviction = await evictPod(client, pod, signal);
      if (eviction.kind === "blocked") {
        Object.assign(entry.progress, { state: "waiting-budget", detail: eviction.reason });
      } else {
        const detail = pod.unmanaged ? "Ending; nothing will start it elsewhere." : "Ending.";
        Object.assign(
          entry.progress,
          eviction.kind === "gone" ? { state: "gone", detail: "" } : { state: "ending", detail },
        );
      }
    }
  };

  for (;;) {
    const progress = await look();
    await options.onProgress(progress);
    if (progress.gone === progress.total) return { kind: "drained", progress };
    if (nowMs() >= deadlineMs) return { kind: "blocked", progress };
    await wait(pollMs, signal);
  }
}

/** A drain as pages and the API tell it: how many pods are left, and what is in the way of them. */
export const drainStand = (progress: DrainProgress): { total: number; gone: number; blockers: string[] } => ({
  total: progress.total,
  gone: progress.gone,
  blockers: drainBlockers({ ...progress, pods: progress.pods.filter(({ state }) => state === "waiting-budget") }),
});

/** What stands in the way of a drain, one sentence per pod, at most five. */
export function drainBlockers(progress: DrainProgress): string[] {
  const stuck = progress.pods.filter(({ state }) => state === "waiting-budget" || state === "ending");
  const sentences = stuck
    .slice(0, 5)
    .map(({ name, state, detail }) =>
      state === "waiting-budget" ? `${name} may not be evicted: ${detail}` : `${name} has not ended yet.`,
    );
  return stuck.length > 5 ? [...sentences, `${stuck.length - 5} more pods are left.`] : sentences;
}
