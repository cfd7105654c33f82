import "server-only";
import { AppError, errorMessage } from "@/lib/core/errors";
import { log } from "@/lib/core/log";
import { ownerIsDead, processOwner } from "@/lib/core/process-owner";
import { db } from "@/lib/db/client";
import { resourceDefs } from "@/lib/talos/resources";
import { withNodeClient } from "../access";
import { fleet } from "../fleet";
import { readBoot } from "./boot-id";
import { type HeldReading, type HoldStep, type MemberReading, holdStep } from "./hold-course";
import { type Hold, endHold, listHolds, noteHold } from "./holds";
import { readClusterEtcd } from "./read-etcd";
import { showHolds } from "./show-holds";

export type KeeperPorts = {
  nowMs: () => number;
  /** Is the node still managed here? */
  known: (nodeId: string) => boolean;
  node: (nodeId: string, signal: AbortSignal) => Promise<HeldReading>;
  member: (hold: Hold, signal: AbortSignal) => Promise<MemberReading>;
  /** Whether the run that took the node still works on it, and so lets it go by itself. */
  inRun: (hold: Hold) => Promise<boolean>;
  ownerEnded: (owner: string) => boolean;
};

/** Between two looks at a node that is on its way, and at one that counts as missing. */
const lookMs = { calling: 5_000, awaiting: 1_500, away: 30_000 } as const;
const tickMs = 500;

async function readHeldNode(nodeId: string, signal: AbortSignal): Promise<HeldReading> {
  try {
    return await withNodeClient(
      nodeId,
      "reader",
      async (client) => {
        const { spec } = await client.get(resourceDefs.machineStatus, undefined, { signal, deadlineMs: 5_000 });
        const running = spec.stage === "running" || spec.stage === "maintenance";
        return { bootId: await readBoot(client, signal), running, ready: spec.status.ready };
      },
      { signal },
    );
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

async function readMember({ clusterId, memberId }: Hold, signal: AbortSignal): Promise<MemberReading> {
  if (clusterId === null) return "left";
  try {
    const { state } = await readClusterEtcd(clusterId, signal);
    // It was taken away without its member being known: then all of them have to be well.
    if (memberId === null) return state.members.every(({ healthy }) => healthy === true) ? "healthy" : "missing";
    const found = state.members.find(({ id }) => id === memberId);
    return found === undefined ? "left" : found.healthy === true ? "healthy" : "missing";
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

export const liveKeeperPorts: KeeperPorts = {
  nowMs: Date.now,
  known: (nodeId) => fleet().state(nodeId) !== null,
  node: readHeldNode,
  member: readMember,
  async inRun({ runId, nodeId }) {
    if (runId === null) return false;
    const where = { runId, nodeId, finishedAt: null, run: { finishedAt: null } };
    return (await db.upgradeRunNode.count({ where })) > 0;
  },
  ownerEnded: (owner) => ownerIsDead(owner, processOwner()),
};

/**
 * Ends holds by what the nodes say, so that what a process before this one began is ended as well. One per process, begun with the
 * watcher.
 */
export class HoldKeeper {
  private readonly nextLookMs = new Map<string, number>();
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;

  constructor(private readonly ports: KeeperPorts = liveKeeperPorts) {}

  start(): void {
    this.timer ??= setInterval(() => {
      void this.tick();
      showHolds().catch((error: unknown) => log.unexpected("Who holds a node could not be shown", error));
    }, tickMs).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer ?? undefined);
    this.timer = null;
    this.stopping.abort(new Error("The server is stopping."));
    await this.looking;
  }

  /** One look at every hold whose time has come. One at a time; never throws. */
  tick(): Promise<void> {
    this.looking ??= this.look()
      .catch((error: unknown) => {
        if (!this.stopping.signal.aborted) log.unexpected("The holds of nodes could not be looked at", error);
      })
      .finally(() => (this.looking = null));
    return this.looking;
  }

  private async look(): Promise<void> {
    const holds = await listHolds();
    const nowMs = this.ports.nowMs();
    const due = holds.filter(({ nodeId }) => (this.nextLookMs.get(nodeId) ?? 0) <= nowMs);
    for (const nodeId of this.nextLookMs.keys()) {
      if (!holds.some((hold) => hold.nodeId === nodeId)) this.nextLookMs.delete(nodeId);
    }
    await Promise.all(due.map((hold) => this.tend(hold)));
  }

  /** Looks at these at once, whether or not their time has come: somebody is about to be refused because of them. */
  async lookNow(holds: readonly Hold[], signal: AbortSignal): Promise<void> {
    await Promise.all(holds.map((hold) => this.tend(hold, signal)));
  }

  private async tend(hold: Hold, until: AbortSignal = AbortSignal.timeout(20_000)): Promise<void> {
    const { ports } = this;
    const { nodeId } = hold;
    if (hold.phase !== "calling" && (await ports.inRun(hold))) return this.later(hold);
    const signal = AbortSignal.any([this.stopping.signal, until]);
    const forgotten = !ports.known(nodeId);
    const step = await holdStep({
      hold,
      nowMs: ports.nowMs(),
      forgotten,
      ownerEnded: ports.ownerEnded(hold.owner),
      node: forgotten || hold.phase === "calling" ? null : await ports.node(nodeId, signal),
      member: () => ports.member(hold, signal),
    });
    this.stopping.signal.throwIfAborted();
    await this.carryOut(hold, step);
  }

  private async carryOut(hold: Hold, step: HoldStep): Promise<void> {
    if (step.do === "release" && (await endHold(hold))) {
      log.info("A node is let go", { nodeId: hold.nodeId, operation: hold.operation, why: step.why });
    }
    if (step.do === "note") await noteHold(hold, step.data);
    this.later(hold);
  }

  private later({ nodeId, phase }: Hold): void {
    const ms = phase === "away" ? lookMs.away : phase === "calling" ? lookMs.calling : lookMs.awaiting;
    this.nextLookMs.set(nodeId, this.ports.nowMs() + ms);
  }
}

const nowMs = 4_000;

/** Before somebody is refused: a node that came back a moment ago is let go at once. */
export async function lookAtHolds(where: { nodeIds: readonly string[]; clusterId: string | null }): Promise<void> {
  const { nodeIds, clusterId } = where;
  const holds = (await listHolds()).filter(
    (hold) =>
      hold.phase === "awaiting" &&
      (nodeIds.includes(hold.nodeId) || (clusterId !== null && hold.clusterId === clusterId && hold.takesPlane)),
  );
  await new HoldKeeper()
    .lookNow(holds, AbortSignal.timeout(nowMs))
    .catch((error: unknown) =>
      log.debug("A node that is held could not be looked at", { reason: errorMessage(error) }),
    );
}
