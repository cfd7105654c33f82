import "server-only";
import { schematicOfImage } from "@/lib/inventory/drift/install-image";
import type { NodeState } from "@/lib/inventory/node-state";
import type { NodeView } from "@/lib/inventory/schema";
import { acceptableForms } from "@/lib/schematic/canonical";
import type { SchematicDocument } from "@/lib/schematic/document";
import { hopsFinder } from "../plan-aim";
import type { PlanFacts, PlanNodeFacts } from "../plan-facts";
import { imageSourceOf } from "../plan-image";
import type { PlanInput } from "../schema";
import { documentOf, type Schematics } from "./factory-answers";
import type { NodeAnswer } from "./node-answers";
import type { PlanSources } from "./sources";

type Subject = { view: NodeView; state: NodeState };

/** The schematic that a reinstall would bring: of the node's own config, and of the record only where that could not be read. */
function installSchematicOf({ config, intent }: NodeView): string | null {
  const image = config.state === "known" ? config.installImage : intent.installImage;
  return image === null ? null : schematicOfImage(image);
}

/** Node facts without what depends on schematics, which is added once these are read. */
function nodeFacts(
  { view }: Subject,
  answer: NodeAnswer & Pick<PlanNodeFacts, "configIssues">,
  memberId: string | undefined,
): PlanNodeFacts {
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
    installSchematicId: installSchematicOf(view),
    config: view.config,
    runningDocument: null,
    recordedDocument: null,
    profileNames: intent.profileNames,
    asFound: intent.asFound,
    extensions: view.extensions,
    loadedModules: view.kernelModules,
    gpus: view.gpus,
    etcdMemberId: memberId ?? null,
    certificateExpiresMs: view.certificateExpiresMs,
    runId: view.runId,
    nodename: view.nodename,
    ...answer,
  };
}

/** Documents that nodes carry themselves; one with an embedded config is held without it, and so has another ID. */
function carriedDocuments(subjects: readonly Subject[]): Map<string, SchematicDocument> {
  const carried = new Map<string, SchematicDocument>();
  for (const { view, state } of subjects) {
    const { runningSchematicId: id } = view;
    const own = state.facts.runningSchematic;
    if (id === null || own === null || carried.has(id)) continue;
    const document = documentOf(own.text);
    // A node is not trusted: the document has to have the ID that the node gives it.
    if (document && acceptableForms(document).some((form) => form.id === id)) carried.set(id, document);
  }
  return carried;
}

const withDocuments = (node: PlanNodeFacts, { documents }: Schematics): PlanNodeFacts => ({
  ...node,
  runningDocument: documents.get(node.runningSchematicId ?? "") ?? null,
  recordedDocument: documents.get(node.recordedSchematicId ?? "") ?? null,
});

/** Every schematic of the nodes, with those that a plan would compose for nodes without one. */
function schematicsNamed(nodes: readonly PlanNodeFacts[], carried: Map<string, SchematicDocument>): string[] {
  const ids = new Set<string>();
  for (const node of nodes) {
    const image = imageSourceOf(node);
    if (!("skip" in image) && image.from === "plain" && image.document) {
      carried.set(image.schematicId, image.document);
      ids.add(image.schematicId);
    }
    for (const id of [node.runningSchematicId, node.recordedSchematicId]) if (id !== null) ids.add(id);
  }
  return [...ids];
}

export type GatherOptions = {
  signal: AbortSignal;
  /** Ask the factory and the clusters again, whatever was heard a moment ago. */
  fresh: boolean;
  /** The nodes, too. */
  freshNodes: boolean;
  /** So many of the nodes have answered. */
  onProgress?: (answered: number, of: number) => void;
};

/**
 * Everything that the plan judges: from memory, the nodes, etcd, Kubernetes and the factory, each asked at most once.
 * @throws the signal's reason.
 */
export async function gatherFacts(
  input: PlanInput,
  sources: PlanSources,
  { signal, fresh, freshNodes, onProgress }: GatherOptions,
): Promise<PlanFacts> {
  const subjects: Subject[] = [...new Set(input.nodeIds)].flatMap((id) => {
    const view = sources.view(id);
    const state = sources.state(id);
    return view && state ? [{ view, state }] : [];
  });
  const clusterIds = [...new Set(subjects.flatMap(({ view }) => view.clusterId ?? []))];
  const members = (id: string) => subjects.filter(({ view }) => view.clusterId === id);
  const withControlPlanes = clusterIds.filter((id) => members(id).some(({ view }) => view.role === "controlplane"));
  const byCluster = async <T>(ids: readonly string[], ask: (id: string) => Promise<T>) =>
    Promise.all(ids.map(async (id) => [id, await ask(id)] as const));
  let answered = 0;
  const releases = await sources.releasesKnown(signal, fresh);
  const hopsOf = hopsFinder(input.targetVersion, releases.tags);
  const waysOf = (version: string | null): readonly string[] => {
    const hops = hopsOf({ version });
    return "skip" in hops ? [] : hops;
  };
  const [otherRuns, tookMs, etcds, kubernetes, pods, answers] = await Promise.all([
    sources.readOtherRuns(clusterIds),
    sources.readTurnLengths(),
    byCluster(withControlPlanes, (id) => sources.askEtcd(id, signal, fresh)),
    byCluster(clusterIds, (id) => sources.askKubernetes(id, signal, fresh)),
    byCluster(clusterIds, (id) =>
      sources.askPods(
        id,
        members(id).flatMap(({ view }) => view.nodename ?? []),
        signal,
        fresh,
      ),
    ),
    Promise.all(
      subjects.map(async ({ view, state }) => {
        const [answer, configIssues] = await Promise.all([
          sources.askNode(view, signal, freshNodes),
          sources.askConfigFit(view, state, waysOf(view.talosVersion), signal, freshNodes),
        ]);
        onProgress?.(++answered, subjects.length);
        return { ...answer, configIssues };
      }),
    ),
  ]);
  const memberIds = new Map(etcds.flatMap(([, answer]) => (answer.ok ? [...answer.etcd.memberIdByNode] : [])));
  const bare = subjects.flatMap((subject, index) => {
    const answer = answers[index];
    return answer ? [nodeFacts(subject, answer, memberIds.get(subject.view.id))] : [];
  });
  const carried = carriedDocuments(subjects);
  const schematics = await sources.readSchematics(schematicsNamed(bare, carried), carried, signal, fresh);
  const known = new Set(subjects.map(({ view }) => view.id));
  return {
    nodes: bare.map((node) => withDocuments(node, schematics)),
    unknownNodeIds: input.nodeIds.filter((id) => !known.has(id)),
    releases,
    offered: await sources.readOffered(bare.flatMap(({ version }) => waysOf(version))),
    atFactory: schematics.atFactory,
    pods: new Map(pods),
    tookMs,
    etcd: new Map(etcds.map(([id, answer]) => [id, answer.ok ? { ok: true, state: answer.etcd.state } : answer])),
    kubernetes: new Map(kubernetes),
    clusterSizes: sources.clusterSizes(),
    otherRuns,
    nowMs: sources.nowMs(),
  };
}
