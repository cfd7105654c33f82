import "server-only";
import { setMaxListeners } from "node:events";
import { AppError, errorMessage } from "@/lib/core/errors";
import { env } from "@/lib/core/env";
import { inBatches } from "@/lib/db/batches";
import { db } from "@/lib/db/client";
import { officialExtensionsOf } from "@/lib/gpu/extension-catalogue";
import { installerImage, parseInstallerImage } from "@/lib/image-factory/asset-urls";
import { FactoryError } from "@/lib/image-factory/factory-error";
import { extensionsIfReachable, imageFactory } from "@/lib/image-factory/factory";
import { withNodeClient } from "@/lib/inventory/access";
import { fleet } from "@/lib/inventory/fleet";
import type { NodeView } from "@/lib/inventory/schema";
import { type SchematicDocument, parseSchematic } from "@/lib/schematic/document";
import { absentAsNull } from "@/lib/talos/errors";
import { resourceDefs } from "@/lib/talos/resources";
import { readClusterEtcd } from "./live-etcd";
import { kernelModuleSpec } from "./live-node-port";
import { openLiveKubernetes } from "./live-ports";
import { runsAtWork } from "./overlap";
import { pathOf, planUpgrade } from "./plan";
import type { InstallerReference, PlanFacts, PlanNodeFacts } from "./plan-facts";
import { knownReleases } from "./releases";
import type { PlanInput, UpgradePlan } from "./schema";

/** What only the node itself can tell, and may not: a plan must not fail for it. */
async function askNode(nodeId: string, signal: AbortSignal) {
  const nothing = { configuredModules: null, timeSynced: null, unreachable: null as string | null };
  try {
    return await withNodeClient(
      nodeId,
      "reader",
      async (client) => {
        const options = { signal, deadlineMs: 6_000 };
        const [modules, time] = await Promise.all([
          absentAsNull(client.listResources(kernelModuleSpec, options)),
          absentAsNull(client.get(resourceDefs.timeStatus, undefined, options)),
        ]);
        return {
          unreachable: null,
          configuredModules: modules?.map(({ id }) => id) ?? null,
          timeSynced: time ? time.spec.synced || time.spec.syncDisabled : null,
        };
      },
      { signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AppError) return { ...nothing, unreachable: error.message };
    throw error;
  }
}

function whyUnreachable(view: NodeView): string | null {
  const { reachability } = view;
  if (reachability.state === "reachable") return null;
  return reachability.state === "unreachable" ? reachability.reason : "It has not answered yet.";
}

type Documents = {
  documents: ReadonlyMap<string, SchematicDocument>;
  /** Does the factory know them? Absent = it could not be asked. */
  atFactory: ReadonlyMap<string, boolean>;
};

/** Schematics of the nodes, from our own store, else from the factory, which also tells whether it could build them. */
async function documentsOf(views: readonly NodeView[], signal: AbortSignal): Promise<Documents> {
  const named = views.flatMap(({ runningSchematicId, intent }) => [runningSchematicId, intent.schematicId]);
  const ids = [...new Set(named.filter((id) => id !== null))];
  const rows = await inBatches(ids, (batch) => db.schematic.findMany({ where: { id: { in: batch } } }));
  const documents = new Map(rows.map(({ id, canonical }) => [id, parseSchematic(canonical)]));
  const atFactory = new Map<string, boolean>(
    rows.flatMap(({ id, registeredAt }) => (registeredAt ? [[id, true] as const] : [])),
  );
  const unsure = ids.filter((id) => !atFactory.has(id));
  await Promise.all(
    unsure.slice(0, 50).map(async (id) => {
      try {
        const text = await imageFactory().schematic(id, signal);
        atFactory.set(id, text !== null);
        if (text !== null && !documents.has(id)) documents.set(id, parseSchematic(text));
      } catch (error) {
        signal.throwIfAborted();
        // Unreachable, or a document that is newer than we are: then it is simply not known.
        if (!(error instanceof AppError)) throw error;
      }
    }),
  );
  return { documents, atFactory };
}

async function nodeFacts(
  view: NodeView,
  { documents, atFactory }: Documents,
  memberIds: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<PlanNodeFacts> {
  const away = whyUnreachable(view);
  const asked =
    away === null ? await askNode(view.id, signal) : { configuredModules: null, timeSynced: null, unreachable: away };
  const documentOf = (id: string | null) => (id === null ? null : (documents.get(id) ?? null));
  const { intent } = view;
  return {
    nodeId: view.id,
    name: view.name,
    address: view.address,
    role: view.role,
    clusterId: view.clusterId,
    version: view.talosVersion,
    kubernetesVersion: view.kubernetesVersion,
    architecture: view.architecture,
    platform: view.platform,
    secureBoot: view.secureBoot,
    runningSchematicId: view.runningSchematicId,
    recordedSchematicId: intent.schematicId,
    recordedRegistered: intent.schematicRegistered,
    runningAtFactory: view.runningSchematicId === null ? null : (atFactory.get(view.runningSchematicId) ?? null),
    installSchematicId: intent.installImage ? (parseInstallerImage(intent.installImage)?.schematicId ?? null) : null,
    runningDocument: documentOf(view.runningSchematicId),
    recordedDocument: documentOf(intent.schematicId),
    profileNames: intent.profileNames,
    extensions: view.extensions,
    loadedModules: view.kernelModules,
    gpus: view.gpus,
    etcdMemberId: memberIds.get(view.id) ?? null,
    certificateExpiresMs: view.certificateExpiresMs,
    runId: view.runId,
    ...asked,
  };
}

async function orReason<T, Good>(
  work: Promise<T>,
  good: (value: T) => Good,
): Promise<Good | { ok: false; reason: string }> {
  try {
    return good(await work);
  } catch (error) {
    if (error instanceof AppError) return { ok: false, reason: error.message };
    throw error;
  }
}

async function checkKubernetes(clusterId: string, signal: AbortSignal): Promise<void> {
  const port = await openLiveKubernetes(clusterId, signal);
  try {
    // Any answer proves address, certificate and rights; a node of this name need not exist.
    await port.node("ichor-probe", signal);
  } finally {
    port.close();
  }
}

/** Stable and testing releases as the factory lists them; the known ones where it cannot be asked. */
export async function releasesKnown(signal: AbortSignal): Promise<PlanFacts["releases"]> {
  try {
    return { tags: await imageFactory().versions(signal), source: "factory" };
  } catch (error) {
    if (error instanceof FactoryError) return { tags: knownReleases, source: "catalogue" };
    throw error;
  }
}

async function otherRuns(clusterIds: readonly string[]): Promise<PlanFacts["otherRuns"]> {
  const runs = await db.upgradeRun.findMany({
    where: runsAtWork,
    select: { id: true, title: true, nodes: { select: { nodeId: true } } },
  });
  const found = new Map<string, { id: string; title: string }>();
  for (const { id, title, nodes } of runs) {
    for (const { nodeId } of nodes) {
      const clusterId = fleet().view(nodeId)?.clusterId;
      if (clusterId && clusterIds.includes(clusterId)) found.set(clusterId, { id, title });
    }
  }
  return found;
}

/** Everything that the plan judges, read now: from memory, the nodes, etcd, Kubernetes and the factory. */
export async function gatherFacts(input: PlanInput, signal: AbortSignal): Promise<PlanFacts> {
  const views = input.nodeIds.flatMap((id) => fleet().view(id) ?? []);
  const clusterIds = [...new Set(views.flatMap(({ clusterId }) => clusterId ?? []))];
  const withControlPlanes = clusterIds.filter((id) =>
    views.some((view) => view.clusterId === id && view.role === "controlplane"),
  );
  const [documents, releases, runs, etcdAnswers, kubernetesAnswers] = await Promise.all([
    documentsOf(views, signal),
    releasesKnown(signal),
    otherRuns(clusterIds),
    Promise.all(
      withControlPlanes.map(
        async (id) =>
          [id, await orReason(readClusterEtcd(id, signal), (etcd) => ({ ok: true as const, etcd }))] as const,
      ),
    ),
    Promise.all(
      clusterIds.map(
        async (id) => [id, await orReason(checkKubernetes(id, signal), () => ({ ok: true as const }))] as const,
      ),
    ),
  ]);
  const memberIds = new Map(etcdAnswers.flatMap(([, answer]) => (answer.ok ? [...answer.etcd.memberIdByNode] : [])));
  const nodes = await Promise.all(views.map((view) => nodeFacts(view, documents, memberIds, signal)));
  const targets = new Set(nodes.flatMap(({ version }) => version ?? []));
  for (const hop of pathOf({ nodes, releases }, input).hops) targets.add(hop);
  const offered = new Map<string, readonly string[]>();
  await Promise.all(
    [...targets].map(async (tag) => {
      const names = (await extensionsIfReachable(tag)) ?? officialExtensionsOf(tag);
      if (names) offered.set(tag, names);
    }),
  );
  return {
    nodes,
    unknownNodeIds: input.nodeIds.filter((id) => !fleet().view(id)),
    releases,
    offered,
    etcd: new Map(etcdAnswers.map(([id, answer]) => [id, answer.ok ? { ok: true, state: answer.etcd.state } : answer])),
    kubernetes: new Map(kubernetesAnswers),
    clusterSizes: new Map(
      clusterIds.map((id) => [
        id,
        fleet()
          .views()
          .filter(({ clusterId }) => clusterId === id).length,
      ]),
    ),
    otherRuns: runs,
    nowMs: Date.now(),
  };
}

/** The factory of the settings, as the nodes pull from it. */
export const installerOfFactory: InstallerReference = ({ schematicId, version, platform, secureBoot }) =>
  installerImage({
    factoryUrl: env().factoryUrl,
    schematicId,
    talosVersion: version,
    platform,
    secureboot: secureBoot,
  });

/** Plans an upgrade from what is so now. @throws AppError `unavailable` when it takes more than half a minute. */
export async function computePlan(input: PlanInput): Promise<UpgradePlan> {
  const signal = AbortSignal.timeout(30_000);
  // Every node of the plan is asked at once.
  setMaxListeners(0, signal);
  try {
    return planUpgrade(await gatherFacts(input, signal), input, installerOfFactory);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new AppError("unavailable", `The plan took too long to gather: ${errorMessage(error)}`, {
      hint: "Plan fewer nodes at a time, or look which of them does not answer.",
    });
  }
}
