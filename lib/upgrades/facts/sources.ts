import "server-only";
import { fleet } from "@/lib/inventory/fleet";
import { askEtcd, askKubernetes, askPods, readOtherRuns } from "./cluster-answers";
import { askConfigFit } from "./config-answers";
import { readOffered, readSchematics, releasesKnown } from "./factory-answers";
import { askNode } from "./node-answers";
import { readTurnLengths } from "./turn-lengths";

/** Everything that a plan asks. Tests give it answers of their own, and count them. */
export const liveSources = {
  state: (nodeId: string) => fleet().state(nodeId),
  view: (nodeId: string) => fleet().view(nodeId),
  clusterSizes(): ReadonlyMap<string, number> {
    const sizes = new Map<string, number>();
    for (const { record } of fleet().states()) {
      if (record.clusterId !== null) sizes.set(record.clusterId, (sizes.get(record.clusterId) ?? 0) + 1);
    }
    return sizes;
  },
  askNode,
  askConfigFit,
  askEtcd,
  askKubernetes,
  askPods,
  readOtherRuns,
  readOffered,
  readSchematics,
  releasesKnown,
  readTurnLengths,
  nowMs: Date.now,
};
export type PlanSources = typeof liveSources;
