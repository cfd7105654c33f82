import "server-only";
import { recordSystem } from "@/lib/audit/record";
import { actorName, actorRef, type Ctx } from "@/lib/auth/ctx";
import { roleSatisfies } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import type { TalosClient } from "@/lib/talos/client";
import { isReconnectable, isTalosError } from "@/lib/talos/errors";
import { fleet } from "../fleet";
import { nodeTargetOf } from "../node-target";
import { readBoot } from "./boot-id";
import { type Disturbance, type HoldingOperation, disturbances } from "./disturbance";
import { type Hold, type HoldEnd, claimNode, claimPlane, noteHold, releaseNode, returnMs } from "./holds";
import { lookAtHolds } from "./keeper";
import { judgePlane, type PlaneVerdict } from "./judge-plane";
import { showHolds } from "./show-holds";

export type HoldRequest = {
  nodeId: string;
  operation: HoldingOperation;
  /** The cluster's name, typed by an admin who goes on although the guard refuses. */
  confirmCluster?: string | undefined;
};

/** A node in the hands of one operation. */
export type Held = {
  /**
   * To be asked right before the call that takes the node down. A control plane needs the cluster's one lock and the quorum's leave;
   * gives the sentence of what was read, empty for other nodes. From then on the node counts as on its way until it is back.
   * @throws AppError `refused`, `conflict`
   */
  takeAway: (client: TalosClient) => Promise<string>;
  /** It stays after all: the node took the call without going down. */
  stays: () => void;
  /** The cluster's lock alone, for what adds a member; of the node's own cluster by default. @throws AppError `conflict` */
  lockCluster: (clusterId?: string) => Promise<void>;
  /** A member is on its way into etcd: the lock is kept until all are healthy. */
  joined: () => void;
};

/** Nobody knows whether the node has carried out what it could not answer any more. */
const mayHaveHappened = (error: unknown): boolean => isReconnectable(error) || isTalosError(error, "cancelled");

/**
 * Holds a node for one operation, from before the call until the node is back: nobody else may disturb it meanwhile, no run may start
 * on it, and none of its runs is overtaken. The hold is a row of the database, so it outlives the process (`keeper.ts` ends it).
 * @throws AppError `conflict` with who has the node; what `work` throws.
 */
export async function holdNode<T>(ctx: Ctx, request: HoldRequest, work: (held: Held) => Promise<T>): Promise<T> {
  const { nodeId, operation } = request;
  const view = fleet().view(nodeId);
  if (!view) throw new AppError("not-found", "This node is not (or no longer) there.");
  const { name, clusterId } = view;
  await lookAtHolds({ nodeIds: [nodeId], clusterId });
  const { hold, previous } = await claimNode({
    ...{ nodeId, nodeName: name, clusterId, operation, runId: null },
    ...{ actor: actorRef(ctx.actor), actorName: actorName(ctx.actor), nowMs: Date.now() },
  });
  await showHolds();
  const what: Disturbance = disturbances[operation];
  let sent = false;
  const held: Held = {
    async takeAway(client) {
      if (what.kind !== "away") throw new AppError("internal", `${operation} is not known to take a node away.`);
      const { ends, forGood } = what;
      let sentence = "";
      if (view.role !== "worker" && clusterId !== null) {
        const subject = { nodeId, name, clusterId, forGood };
        sentence = await allowPlane(ctx, request, subject, { hold, ends });
      }
      const bootId = await readBoot(client);
      await noteHold(hold, { bootId, ends, until: new Date(Date.now() + returnMs) });
      sent = true;
      return sentence;
    },
    stays: () => void (sent = false),
    joined: () => void (sent = true),
    async lockCluster(joined = clusterId ?? undefined) {
      if (joined === undefined) return;
      await claimPlane({ nodeId, clusterId: joined, ends: "service", runId: null, overridden: false });
    },
  };
  try {
    const value = await work(held);
    await settle(hold, sent, previous);
    return value;
  } catch (error) {
    await settle(hold, sent && mayHaveHappened(error), previous);
    throw error;
  }
}

/** A row that cannot be written now is taken up by the keeper: its lease ends. */
const settle = (hold: Hold, onItsWay: boolean, previous: Hold | null): Promise<void> =>
  (onItsWay ? noteHold(hold, { phase: "awaiting" }) : releaseNode(hold, previous))
    .then(showHolds)
    .catch((error: unknown) =>
      log.unexpected("The hold of a node could not be let go at once", error, { nodeId: hold.nodeId }),
    );

type Subject = { nodeId: string; name: string; clusterId: string; forGood: boolean };

async function allowPlane(
  ctx: Ctx,
  { operation, confirmCluster }: HoldRequest,
  subject: Subject,
  { hold, ends }: { hold: Hold; ends: HoldEnd },
): Promise<string> {
  const { nodeId, clusterId } = subject;
  const cluster = fleet().cluster(clusterId);
  const clusterName = cluster?.name ?? "its cluster";
  const overridden = confirmCluster !== undefined && mayOverride(ctx, confirmCluster, clusterName);
  await claimPlane({ nodeId, clusterId, ends, runId: null, overridden });
  const verdict = await judgePlane(subject);
  await noteHold(hold, { memberId: verdict.memberId });
  if (verdict.state !== "refused" && verdict.state !== "unknown") return verdict.sentence;
  if (!overridden) throw refusal(verdict, clusterName);
  await recordSystem(ctx, {
    action: "quorum.override",
    target: nodeTargetOf(nodeId),
    detail: { operation, cluster: clusterName, read: verdict.sentence },
  });
  return `${verdict.sentence} Overridden.`;
}

/** @throws AppError `forbidden` for anybody but an admin, `invalid-input` where the name is another one. */
function mayOverride({ actor }: Ctx, typed: string, clusterName: string): true {
  if (actor.kind !== "system" && !roleSatisfies(actor.role, "admin")) {
    throw new AppError("forbidden", "Only an administrator may go on against what the guard of etcd says.");
  }
  if (typed !== clusterName) {
    throw new AppError("invalid-input", "The name does not match the cluster's.", {
      fields: { confirmCluster: `Type ${clusterName}.` },
    });
  }
  return true;
}

function refusal({ state, sentence }: PlaneVerdict, clusterName: string): AppError {
  const message = state === "unknown" ? `Nothing says whether this control plane can be spared. ${sentence}` : sentence;
  const wait =
    state === "unknown"
      ? "Bring the control planes and their etcd back, then try again."
      : "Wait until the other members are back and healthy.";
  return new AppError("refused", message, {
    hint: `${wait} An administrator may go on all the same by typing the cluster's name, ${clusterName}.`,
    // What a form shows where the name is to be typed.
    fields: { confirmCluster: `Type ${clusterName} to go on all the same.` },
  });
}
