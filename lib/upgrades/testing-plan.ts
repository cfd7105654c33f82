import { expect } from "vitest";
import { gpuFromIds } from "@/lib/gpu/detect";
import { officialExtensionsOf } from "@/lib/gpu/extension-catalogue";
import { planUpgrade } from "./plan";
import type { PlanFacts, PlanNodeFacts } from "./plan-facts";
import { knownReleases } from "./releases";
import { type PlanInput, planInput, type UpgradePlan } from "./schema";

export const documentOf = (...names: string[]) => ({
  customization: { systemExtensions: { officialExtensions: names.map((name) => `siderolabs/${name}`) } },
});
export const idA = "a".repeat(64);
export const idB = "b".repeat(64);
export const gpu = (ids: string) => gpuFromIds(ids) ?? expect.fail(ids);

/** A worker on 1.13.4 with the schematic `idA`, of which everything is known and well. */
export const plannedNode = (name: string, changes: Partial<PlanNodeFacts> = {}): PlanNodeFacts => ({
  ...{ nodeId: name, name, nodename: name, address: `10.0.0.1:50000`, role: "worker", clusterId: "c1" },
  ...{ unreachable: null, version: "v1.13.4", kubernetesVersion: "v1.35.1", architecture: "amd64" },
  ...{ platform: "metal", secureBoot: false, profileNames: [], asFound: false, extensions: [], plainExtensions: null },
  ...{ runningSchematicId: idA, recordedSchematicId: idA, installSchematicId: idA },
  config: {
    ...{ state: "known", readAtMs: 1, installImage: `factory.talos.dev/metal-installer/${idA}:v1.13.4` },
    ...{ installSchematicId: idA, installExtensions: null, differs: false, loses: [], origin: null, staged: null },
  },
  ...{ runningDocument: documentOf(), recordedDocument: documentOf() },
  ...{
    configuredModules: [],
    loadedModules: [],
    configIssues: new Map(knownReleases.map((tag) => [tag, []])),
    gpus: [],
    etcdMemberId: null,
  },
  ...{ certificateExpiresMs: 1e12, timeSynced: true, runId: null },
  ...changes,
});

/** The facts of one cluster of six, `c1`, whose etcd has three healthy members. */
export const planFacts = (nodes: PlanNodeFacts[], changes: Partial<PlanFacts> = {}): PlanFacts => ({
  ...{ nodes, unknownNodeIds: [], releases: { tags: knownReleases, source: "factory" }, nowMs: 0 },
  offered: new Map(knownReleases.map((tag) => [tag, officialExtensionsOf(tag) ?? []])),
  atFactory: new Map([idA, idB].map((id) => [id, "known"])),
  pods: new Map(),
  tookMs: { byNode: new Map(), byFlow: {} },
  etcd: new Map([
    [
      "c1",
      {
        ok: true,
        state: {
          members: ["1", "2", "3"].map((id) => ({ id, name: id, learner: false, started: true, healthy: true })),
          alarms: [],
        },
      },
    ],
  ]),
  kubernetes: new Map([["c1", { ok: true }]]),
  ...{ clusterSizes: new Map([["c1", 6]]), otherRuns: new Map() },
  ...changes,
});

export const planOf = (
  facts: PlanFacts,
  { policy, ...input }: { targetVersion: string | null; policy?: Partial<PlanInput["policy"]> } = {
    targetVersion: "v1.14.0",
  },
): UpgradePlan =>
  planUpgrade(
    facts,
    planInput.parse({ nodeIds: ["x"], ...input, ...(policy && { policy }) }),
    ({ schematicId, version, platform }) => `factory.test/${platform}-installer/${schematicId}:${version}`,
  );

/** The verdict of a check on the first node of a plan. */
export const verdictOf = (plan: UpgradePlan, id: string) => plan.nodes[0]?.checks.find((check) => check.id === id);
