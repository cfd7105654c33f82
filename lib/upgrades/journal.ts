import "server-only";
import { AppError, StorageUnavailable } from "@/lib/core/errors";
import { type Tx, withTransaction } from "@/lib/db/transaction";
import { LeaseLost, leaseMs } from "./lease";
import type { RunnerPorts } from "./ports";
import { lastSeqOf, loadRun, summaryOf } from "./records";
import type { RunRequest } from "./run-machine";
import { type RunEvent, type RunEventBody, runEvent } from "./schema";

export type RunPatch = Parameters<Tx["upgradeRun"]["update"]>[0]["data"];
export type NodePatch = Parameters<Tx["upgradeRunNode"]["update"]>[0]["data"];
export type JournalEntry = {
  run?: RunPatch;
  /** The wish that this answers: it is taken off, unless another has taken its place meanwhile. */
  answers?: RunRequest | null;
  /** Changes of one node's row. */
  node?: { rowId: string; data: NodePatch };
  /** An upgrade that is done: the recorded image of the node becomes the one that it runs, unless the intent has changed since. */
  installed?: { nodeId: string; schematicId: string; installImage: string };
  events?: readonly RunEventBody[];
};
type Identity = { runId: string; owner: string; fence: number };

/**
 * The only writer of a run: its row, its nodes and its events, in one transaction each, in order, and only while the lease
 * is ours. Events are published after they are stored.
 */
export class RunJournal {
  private tail: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly identity: Identity,
    private readonly ports: Pick<RunnerPorts, "nowMs" | "publish" | "auditIntent" | "auditOutcome">,
    private seq: number,
  ) {}

  static async open(identity: Identity, ports: RunnerPorts): Promise<RunJournal> {
    return new RunJournal(identity, ports, await lastSeqOf(identity.runId));
  }

  /** @throws LeaseLost when another process has taken the run. */
  write(entry: JournalEntry): Promise<void> {
    const turn = this.tail.then(() => this.commit(entry));
    this.tail = turn.catch(() => undefined);
    return turn;
  }

  private async commit({ run = {}, answers = null, node, installed, events = [] }: JournalEntry): Promise<void> {
    const { runId, owner, fence } = this.identity;
    const nowMs = this.ports.nowMs();
    const stamped = events.map((body, index): RunEvent =>
      // A body and its stamp make an event again; the parse keeps this honest.
      runEvent.parse({ ...body, seq: this.seq + 1 + index, runId, atMs: nowMs }),
    );
    await withTransaction(async (tx) => {
      const { count } = await tx.upgradeRun.updateMany({
        where: { id: runId, leaseOwner: owner, fence },
        data: { leaseUntil: new Date(nowMs + leaseMs), ...run },
      });
      if (count !== 1) throw new LeaseLost(runId);
      // Stryker disable next-line ConditionalExpression: without an answer it would take off the wish that nobody has
      if (answers) {
        await tx.upgradeRun.updateMany({ where: { id: runId, requested: answers }, data: { requested: null } });
      }
      if (node) await tx.upgradeRunNode.update({ where: { id: node.rowId }, data: node.data });
      if (installed) {
        const { nodeId: id, schematicId, installImage } = installed;
        await tx.node.updateMany({ where: { id, schematicId, installImage: { not: null } }, data: { installImage } });
      }
      for (const event of stamped) {
        const { seq, nodeId, kind } = event;
        await tx.upgradeRunEvent.create({
          data: { runId, seq, at: new Date(nowMs), nodeId, kind, body: JSON.stringify(event) },
        });
      }
    });
    this.seq += stamped.length;
    for (const event of stamped) this.ports.publish({ type: "run.event", event });
    if (node || answers || Object.keys(run).length > 0) {
      this.ports.publish({ type: "run.upsert", run: summaryOf(await loadRun(runId), this.seq) });
    }
  }

  /** Says what is about to be done to a node, here and in the audit log, does it, and says how it ended. */
  async call<T>(
    what: { nodeId: string; nodeName: string; call: string; action: string; detail: string },
    run: () => Promise<T>,
    /** `unknown`: it may have happened all the same. */
    outcomeOf: (error: unknown) => "failed" | "unknown" = () => "failed",
  ): Promise<T> {
    const { nodeId, nodeName, call, action, detail } = what;
    await this.write({ events: [{ kind: "call-intent", nodeId, call, detail }] });
    const intentId = await this.ports.auditIntent({
      action,
      nodeId,
      nodeName,
      detail: { run: this.identity.runId, detail },
    });
    const startedMs = this.ports.nowMs();
    const end = async (outcome: "succeeded" | "failed" | "unknown", sentence: string, errorCode?: string) => {
      await this.write({ events: [{ kind: "call-outcome", nodeId, call, outcome, detail: sentence }] });
      const durationMs = this.ports.nowMs() - startedMs;
      await this.ports.auditOutcome(intentId, {
        outcome,
        durationMs,
        ...(errorCode === undefined ? {} : { errorCode }),
      });
    };
    let result: T;
    try {
      result = await run();
    } catch (error) {
      if (error instanceof LeaseLost || error instanceof StorageUnavailable) throw error;
      const known = error instanceof AppError;
      await end(outcomeOf(error), known ? error.message : "It failed unexpectedly.", known ? error.code : "internal");
      throw error;
    }
    await end("succeeded", "");
    return result;
  }
}
