import "server-only";
import { type LossState, judgeLoss } from "@/lib/inventory/guard/quorum";
import { type StepContext, call, note, overFlaps, sentenceOf, withNode } from "./step-context";

/** A run goes on by itself for hours: with a member missing already, the next failure would cost the quorum. */
const goesOn: Record<LossState, boolean> = { ok: true, alone: true, thin: false, refused: false };

/**
 * Takes the cluster's one lock before this control plane goes down, waiting for whoever takes another one away by hand. Gives the
 * sentence of a refusal, or null.
 */
export async function holdPlane(ctx: StepContext, bootId: string): Promise<string | null> {
  const { clusterId, ports, row } = ctx;
  if (ctx.plan.role !== "controlplane" || !clusterId) return null;
  const plane = { runId: ctx.journal.identity.runId, nodeId: row.nodeId, name: row.name, clusterId, bootId };
  const deadlineMs = ports.nowMs() + ctx.tuning.planeWaitMs;
  for (let told = ""; ;) {
    const held = await ports.holdPlane(plane);
    if (held.ok) return null;
    if (ports.nowMs() >= deadlineMs) return held.sentence;
    if (told !== held.sentence) await note(ctx, `Waiting. ${held.sentence}`);
    told = held.sentence;
    await ports.sleep(ctx.tuning.pollMs, ctx.signal);
  }
}

/** Lets go of the lock: this control plane did not go down, or is back and proven. */
export async function releasePlane(ctx: StepContext): Promise<void> {
  if (ctx.plan.role !== "controlplane") return;
  await ctx.ports.releasePlane({ runId: ctx.journal.identity.runId, nodeId: ctx.row.nodeId });
}

/**
 * May this control plane go down now? Asked anew before the installer and again right before the restart, since minutes lie
 * between. Gives the sentence of a refusal, or null.
 */
export async function guardQuorum(ctx: StepContext): Promise<string | null> {
  if (ctx.plan.role !== "controlplane") return null;
  if (!ctx.clusterId) return "It is a control plane of no known cluster.";
  const { clusterId } = ctx;
  try {
    const etcd = await overFlaps(ctx, () => ctx.ports.readEtcd(clusterId, ctx.signal, ctx.row.nodeId));
    const ownId = etcd.memberIdByNode.get(ctx.row.nodeId);
    if (ownId === undefined) return "It does not say which etcd member it is.";
    const { state, sentence } = judgeLoss(etcd.state, { memberId: ownId, forGood: false });
    if (goesOn[state]) await note(ctx, sentence);
    return goesOn[state] ? null : sentence;
  } catch (error) {
    return `etcd could not be checked: ${sentenceOf(error)}`;
  }
}

/** Stores a snapshot of etcd before a control plane is touched. Gives the sentence of a failure, or null. */
export async function takeSnapshot(ctx: StepContext): Promise<string | null> {
  const { clusterId, ports, row } = ctx;
  if (ctx.plan.role !== "controlplane" || !ctx.policy.etcdSnapshot || !clusterId) return null;
  try {
    const saved = await call(ctx, "MachineService.EtcdSnapshot", "node.etcd-snapshot", row.name, () =>
      withNode(ctx, "admin", (port) => ports.saveSnapshot(clusterId, row.name, port.etcdSnapshot(ctx.signal))),
    );
    await note(ctx, `etcd snapshot ${saved.file} stored, ${Math.ceil(saved.bytes / 1024)} KiB.`);
    return null;
  } catch (error) {
    return `No snapshot of etcd could be stored: ${sentenceOf(error)}`;
  }
}

/** Hands etcd's leadership to another member, so that the cluster does not wait for an election. */
export async function forfeitLeadership(ctx: StepContext): Promise<void> {
  if (ctx.plan.role !== "controlplane" || !ctx.clusterId) return;
  try {
    const etcd = await ctx.ports.readEtcd(ctx.clusterId, ctx.signal, ctx.row.nodeId);
    const ownId = etcd.memberIdByNode.get(ctx.row.nodeId);
    if (etcd.state.members.length < 2 || ownId === undefined || etcd.leaderId !== ownId) return;
    await call(ctx, "MachineService.EtcdForfeitLeadership", "node.forfeit-etcd-leadership", row(ctx), () =>
      withNode(ctx, "admin", (port) => port.forfeitEtcdLeadership()),
    );
  } catch (error) {
    // Only a courtesy: an election follows by itself.
    await note(ctx, `etcd's leadership was not handed over: ${sentenceOf(error)}`);
  }
}
const row = (ctx: StepContext): string => ctx.row.name;
