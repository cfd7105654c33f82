import "server-only";
import { recordChange } from "@/lib/audit/record";
import { type Ctx, actorName, actorRef } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { withTransaction } from "@/lib/db/transaction";
import { requireAdminFor } from "@/lib/gpu/meaning/require-admin";
import { refuseHeldNodes } from "@/lib/inventory/guard/holds";
import { lookAtHolds } from "@/lib/inventory/guard/keeper";
import { hub } from "@/lib/live/hub";
import { powersOfPlan } from "./new-powers";
import { refuseOverlap } from "./overlap";
import { planWithFacts } from "./preflight";
import { registerForRun } from "./register-images";
import { refusedForGood } from "./machine";
import { type RunNodeRecord, lastSeqOf, loadRun, runWish, summaryOf } from "./records";
import type { RunRequest } from "./run-machine";
import { upgradeRunner } from "./upgrade-runner";
import type { StartInput, UpgradePlan } from "./schema";
import { judgeWish } from "./wish-rules";

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

/**
 * `Upgrade worker-1 to v1.14.0`, `Upgrade 12 nodes to v1.14.0`, `Upgrade 5 nodes towards v1.14.0` where some stop on the way,
 * `Repair worker-1`, `Change the image of 3 nodes`.
 */
function titleOf(plan: UpgradePlan): string {
  const [first] = plan.nodes;
  const what = plan.nodes.length === 1 && first ? first.name : plural(plan.nodes.length, "node");
  const versions = new Set(plan.nodes.map(({ toVersion }) => toVersion));
  const [version] = versions;
  const moves = plan.nodes.some(({ fromVersion, toVersion }) => fromVersion !== toVersion);
  if (moves)
    return versions.size === 1 ? `Upgrade ${what} to ${version}` : `Upgrade ${what} towards ${plan.targetVersion}`;
  return plan.nodes.every(({ repairs }) => repairs.length > 0) ? `Repair ${what}` : `Change the image of ${what}`;
}

/**
 * Starts the run that a plan describes. The plan is made anew, and has to be the one that was shown.
 * @throws AppError `conflict` when the plan has changed or another run is at work; `refused` when a check refuses; `forbidden` where
 * an operator starts what gives new powers over a node.
 */
export async function startRun(ctx: Ctx<Grants["operator"]>, input: StartInput): Promise<{ runId: string }> {
  const { plan, facts } = await planWithFacts(input, { fresh: true });
  if (plan.hash !== input.planHash) {
    throw new AppError("conflict", "The plan has changed since it was shown.", {
      hint: "Look at the new plan, then start it.",
    });
  }
  if (plan.refused) {
    const checks = [...plan.checks, ...plan.nodes.flatMap((node) => node.checks)];
    const why = checks.find(({ state }) => state === "refused")?.detail ?? "No node is left to upgrade.";
    throw new AppError("refused", `The plan cannot be started. ${why}`);
  }
  requireAdminFor(ctx, powersOfPlan(plan, facts));
  await registerForRun(ctx, plan, facts);
  await lookAtHolds({ nodeIds: plan.nodes.map(({ nodeId }) => nodeId), clusterId: null });
  const id = newId("run");
  await withTransaction(async (tx) => {
    const nodeIds = plan.nodes.map(({ nodeId }) => nodeId);
    await refuseOverlap(tx, nodeIds);
    // From here on the run holds its nodes, and it starts on none that somebody works on.
    await refuseHeldNodes(tx, nodeIds);
    await tx.upgradeRun.create({
      data: {
        id,
        title: titleOf(plan),
        state: "planned",
        plan: JSON.stringify(plan),
        planHash: plan.hash,
        targetVersion: plan.targetVersion,
        startedById: actorRef(ctx.actor),
        startedByName: actorName(ctx.actor),
        nodes: {
          create: plan.nodes.map((node) => ({
            id: `${id}_${node.order}`,
            nodeId: node.nodeId,
            name: node.name,
            position: node.order,
            state: "queued",
            fromVersion: node.fromVersion,
            toVersion: node.toVersion,
            fromSchematicId: node.fromSchematicId,
            toSchematicId: node.toSchematicId,
            image: node.image,
            flow: node.flow,
          })),
        },
      },
    });
    const target = { kind: "run", id, name: titleOf(plan) } as const;
    await recordChange(tx, ctx, {
      action: "upgrade.create-run",
      target,
      detail: { planHash: plan.hash, nodes: plan.nodes.length },
    });
  });
  hub().publish({ type: "run.upsert", run: summaryOf(await loadRun(id), 0) });
  upgradeRunner().wake(id);
  return { runId: id };
}

/** @throws AppError `refused` where a node is in the way that must not, or need not, be tried again. */
function refuseHopeless(nodes: readonly RunNodeRecord[]): void {
  if (nodes.some(({ state }) => state === "rolled-back")) {
    throw new AppError(
      "refused",
      "A node of this run fell back to its old image, and a second attempt would overwrite that image.",
      { hint: "Find out why on the node, cancel this run, and make a new plan." },
    );
  }
  const refused = nodes.find(({ state, installExit }) => state === "failed" && refusedForGood(installExit));
  if (!refused) return;
  throw new AppError("refused", `The installer refused the image on ${refused.name}, and would refuse it again.`, {
    hint: "See its lines for the reason, cancel this run, and make a new plan with another image.",
  });
}

/**
 * Asks something of a run. The runner answers between two nodes; the wish is stored, so it outlives a restart. The rules stand in
 * `judgeWish`, asked in the transaction that stores it, so that two at the same time get one answer each.
 * @throws AppError `not-found`, `refused` for a retry in vain, or `conflict` when its state, another wish, or another run on its cluster,
 * does not allow it.
 */
export async function askOfRun(
  _ctx: Ctx<"operator">,
  runId: string,
  wish: RunRequest,
): Promise<{ runId: string; beats: RunRequest | null }> {
  const run = await loadRun(runId);
  const nodeIds = run.nodes.map(({ nodeId }) => nodeId);
  if (wish === "retry") {
    refuseHopeless(run.nodes);
    await lookAtHolds({ nodeIds, clusterId: null });
  }
  const beats = await withTransaction(async (tx) => {
    const now = runWish.parse(
      await tx.upgradeRun.findUniqueOrThrow({ where: { id: runId }, select: { state: true, requested: true } }),
    );
    const verdict = judgeWish(now.state, now.requested, wish);
    if (verdict.kind === "refuse") throw new AppError("conflict", verdict.sentence);
    // Others may have been started while it was halted: two at work on one cluster could take its quorum.
    if (wish === "retry") {
      await refuseOverlap(tx, nodeIds, runId);
      await refuseHeldNodes(tx, nodeIds);
    }
    const requested = verdict.kind === "take" ? wish : null;
    await tx.upgradeRun.update({ where: { id: runId }, data: { requested } });
    return verdict.beats;
  });
  hub().publish({ type: "run.upsert", run: summaryOf(await loadRun(runId), await lastSeqOf(runId)) });
  upgradeRunner().wake(runId);
  return { runId, beats };
}
