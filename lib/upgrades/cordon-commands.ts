import "server-only";
import { type Ctx, actorName } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { formatDuration } from "@/lib/core/units";
import { db } from "@/lib/db/client";
import { openClusterKubernetes } from "@/lib/inventory/access";
import { fleet } from "@/lib/inventory/fleet";
import { holdNode } from "@/lib/inventory/guard/hold-node";
import type { KubernetesClient } from "@/lib/kubernetes/client";
import { type GivenBack, type Taken, giveBackCordon, takeCordon } from "@/lib/kubernetes/cordon";
import { type DrainOutcome, type DrainProgress, drainBlockers, drainNode, drainStand } from "@/lib/kubernetes/drain";
import { hub } from "@/lib/live/hub";
import { lastSeqOf, loadRun, summaryOf } from "./records";

type Operator = Ctx<Grants["operator"]>;
type Subject = { nodeId: string; name: string; nodename: string; clusterId: string };

/** @throws AppError `not-found`, or `refused` where Kubernetes knows no node of it */
function subjectOf(nodeId: string): Subject {
  const view = fleet().view(nodeId);
  if (!view) throw new AppError("not-found", "This node is not (or no longer) there.");
  const { name, clusterId, nodename } = view;
  if (clusterId === null || nodename === null) {
    throw new AppError("refused", `${name} is no node of a Kubernetes cluster, as far as it was read.`);
  }
  return { nodeId, name, clusterId, nodename };
}

async function withKubernetes<T>({ clusterId }: Subject, work: (client: KubernetesClient) => Promise<T>): Promise<T> {
  const client = await openClusterKubernetes(clusterId);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

const markOf = ({ requestId }: Ctx): string => `operation:${requestId}`;

/** Marks a node unschedulable, in the name of this request. One that is cordoned already stays whose it is. */
export async function cordonNode(ctx: Operator, nodeId: string): Promise<{ name: string; cordon: Taken }> {
  const subject = subjectOf(nodeId);
  return holdNode(ctx, { nodeId, operation: "node.cordon" }, () =>
    withKubernetes(subject, async (client) => {
      const cordon = await takeCordon(client, subject.nodename, { by: markOf(ctx) });
      return { name: subject.name, cordon };
    }),
  );
}

/** Lets pods be scheduled on a node again, whoever cordoned it: that is what was asked. Runs that left it so know from then on. */
export async function uncordonNode(ctx: Operator, nodeId: string): Promise<{ name: string; cordon: GivenBack }> {
  const subject = subjectOf(nodeId);
  return holdNode(ctx, { nodeId, operation: "node.uncordon" }, async () => {
    const cordon = await withKubernetes(subject, (client) => giveBackCordon(client, subject.nodename, { by: null }));
    await forgetCordon(nodeId);
    return { name: subject.name, cordon };
  });
}

async function forgetCordon(nodeId: string): Promise<void> {
  const where = { nodeId, cordonedByUs: true };
  const rows = await db.upgradeRunNode.findMany({ where, select: { runId: true } });
  if (rows.length === 0) return;
  await db.upgradeRunNode.updateMany({ where, data: { cordonedByUs: false } });
  for (const { runId } of rows) {
    hub().publish({ type: "run.upsert", run: summaryOf(await loadRun(runId), await lastSeqOf(runId)) });
  }
}

const drainsKey = Symbol.for("ichor.drains");
const shared = globalThis as { [drainsKey]?: Map<string, AbortController> };
const drains = (shared[drainsKey] ??= new Map<string, AbortController>());

export type Drained = { name: string; evicted: number; cordon: Taken };

/**
 * Cordons a node and evicts its pods within their budgets. When it is done the node stays cordoned; when it was blocked or aborted, a
 * cordon that it made itself is taken back.
 * @throws AppError `refused` with the pods and budgets in the way, `conflict` when somebody aborted it
 */
export async function drainKubernetesNode(
  ctx: Operator,
  { nodeId, timeoutMs }: { nodeId: string; timeoutMs: number },
): Promise<Drained> {
  const subject = subjectOf(nodeId);
  return holdNode(ctx, { nodeId, operation: "node.drain" }, () =>
    withKubernetes(subject, async (client) => {
      const stop = new AbortController();
      drains.set(nodeId, stop);
      const by = markOf(ctx);
      const cordon = await takeCordon(client, subject.nodename, { by }).catch((error: unknown) => {
        drains.delete(nodeId);
        throw error;
      });
      try {
        const options = {
          timeoutMs,
          onProgress: (progress: DrainProgress) => show(subject, progress),
          signal: stop.signal,
        };
        const outcome = await drainNode(client, subject.nodename, options);
        refuseBlocked(outcome, subject, timeoutMs);
        return { name: subject.name, evicted: outcome.progress.gone, cordon };
      } catch (error) {
        if (cordon === "cordoned") await giveBackCordon(client, subject.nodename, { by });
        throw error;
      } finally {
        drains.delete(nodeId);
        fleet().apply(nodeId, { kind: "drain", drain: null });
      }
    }),
  );
}

/** Pods of a node that is powered off end only when it is back, whatever Kubernetes still says of it; empty where it is there. */
function awayWords({ nodeId, name }: Subject): string[] {
  const reachability = fleet().view(nodeId)?.reachability;
  if (reachability?.state !== "unreachable") return [];
  return [`${name} itself cannot be reached, and its pods end only when it is back: ${reachability.reason}`];
}

/** Has the node say how far its drain is, while it goes on. */
function show(subject: Subject, progress: DrainProgress): void {
  const { blockers, ...stand } = drainStand(progress);
  const drain = { ...stand, blockers: [...awayWords(subject), ...blockers] };
  fleet().apply(subject.nodeId, { kind: "drain", drain });
}

function refuseBlocked({ kind, progress }: DrainOutcome, subject: Subject, timeoutMs: number): void {
  if (kind === "drained") return;
  const { gone, total } = progress;
  const why = [...awayWords(subject), ...drainBlockers(progress)].join(" ");
  throw new AppError(
    "refused",
    `The drain of ${subject.name} did not end within ${formatDuration(timeoutMs)}: ${gone} of ${total} pods have left. ${why}`,
    { hint: "A cordon that the drain made was taken back. See to what is in the way, then drain it again." },
  );
}

/** Ends a drain that is under way on a node. @throws AppError `conflict` where there is none */
export async function abortDrain(ctx: Operator, nodeId: string): Promise<{ name: string }> {
  const { name } = subjectOf(nodeId);
  const stop = drains.get(nodeId);
  if (!stop) throw new AppError("conflict", `No drain of ${name} is under way.`);
  stop.abort(new AppError("conflict", `The drain of ${name} was aborted by ${actorName(ctx.actor)}.`));
  return { name };
}
