import "server-only";
import { mayLoseMember } from "./quorum";
import { type StepContext, call, note, overFlaps, sentenceOf, withNode } from "./step-context";

/**
 * May this control plane go down now? Asked anew before the installer and again right before the restart, since minutes lie
 * between. Gives the sentence of a refusal, or null.
 */
export async function guardQuorum(ctx: StepContext): Promise<string | null> {
  if (ctx.plan.role !== "controlplane") return null;
  if (!ctx.clusterId) return "It is a control plane of no known cluster.";
  const { clusterId } = ctx;
  try {
    const etcd = await overFlaps(ctx, () => ctx.ports.readEtcd(clusterId, ctx.signal));
    const ownId = etcd.memberIdByNode.get(ctx.row.nodeId);
    if (ownId === undefined) return "It does not say which etcd member it is.";
    const verdict = mayLoseMember(etcd.state, ownId);
    if (verdict.state !== "refused") await note(ctx, verdict.sentence);
    return verdict.state === "refused" ? verdict.sentence : null;
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
    const etcd = await ctx.ports.readEtcd(ctx.clusterId, ctx.signal);
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
