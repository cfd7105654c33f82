import "server-only";
import { AppError, errorMessage } from "@/lib/core/errors";
import { sleep } from "@/lib/core/time";
import type { EtcdAlarm, EtcdMember, EtcdStatus } from "@/lib/talos/etcd";
import { isReconnectable } from "@/lib/talos/errors";
import { withNodeClient } from "../access";
import { fleet } from "../fleet";
import type { EtcdState } from "./quorum";

export type ClusterEtcd = {
  state: EtcdState;
  /** Member that runs on each of our nodes. */
  memberIdByNode: ReadonlyMap<string, string>;
  leaderId: string | null;
};

type Answer = { nodeId: string; members: EtcdMember[]; status: EtcdStatus; alarms: EtcdAlarm[] };

const askNode = (nodeId: string, signal: AbortSignal): Promise<Answer> =>
  withNodeClient(
    nodeId,
    "reader",
    async (client) => {
      const options = { signal, deadlineMs: 8_000 };
      const [members, status, alarms] = await Promise.all([
        client.etcdMemberList(options),
        client.etcdStatus(options),
        client.etcdAlarmList(options),
      ]);
      return { nodeId, members, status, alarms };
    },
    { signal },
  );

/** Asked twice: one lost call makes no member unhealthy. */
async function askSurely(nodeId: string, signal: AbortSignal): Promise<Answer> {
  try {
    return await askNode(nodeId, signal);
  } catch (error) {
    if (!isReconnectable(error)) throw error;
    await sleep(1_000, signal);
    return askNode(nodeId, signal);
  }
}

/** Members that all answering nodes agree on. @throws AppError `refused` when they do not. */
function agreed(first: Answer, answers: readonly Answer[]): EtcdMember[] {
  const ids = (members: readonly EtcdMember[]) =>
    members
      .map(({ id }) => id)
      .sort()
      .join();
  const lists = new Set(answers.map(({ members }) => ids(members)));
  if (lists.size > 1) throw new AppError("refused", "The control planes disagree on who the members of etcd are.");
  return first.members;
}

/**
 * etcd as its own members tell it, each asked on its node. A member whose node does not answer counts as not healthy: it may
 * be down, and then the cluster has no member to spare.
 * @throws AppError `unavailable` when no control plane answers, `refused` when they disagree.
 */
export async function readClusterEtcd(clusterId: string, signal: AbortSignal): Promise<ClusterEtcd> {
  const nodes = fleet()
    .views()
    .filter((node) => node.clusterId === clusterId && node.role === "controlplane");
  const results = await Promise.allSettled(nodes.map(({ id }) => askSurely(id, signal)));
  signal.throwIfAborted();
  const answers = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const [first] = answers;
  if (!first) {
    const [failed] = results;
    const why = failed?.status === "rejected" ? ` ${errorMessage(failed.reason)}` : "";
    throw new AppError("unavailable", `No control plane answers for etcd.${why}`);
  }
  const alarms = answers.flatMap((answer) => answer.alarms).filter(({ alarm }) => alarm !== "none");
  const statuses = new Map(answers.map(({ status }) => [status.memberId, status]));
  return {
    state: {
      members: agreed(first, answers).map((member) => {
        const status = statuses.get(member.id);
        return {
          id: member.id,
          name: member.hostname,
          learner: member.learner,
          started: member.hostname !== "",
          healthy: status ? status.errors.length === 0 && /[^0]/.test(status.leaderId) : null,
        };
      }),
      alarms: [...new Set(alarms.map(({ alarm }) => alarm))],
    },
    memberIdByNode: new Map(answers.map(({ nodeId, status }) => [nodeId, status.memberId])),
    leaderId: answers.find(({ status }) => status.leader)?.status.memberId ?? null,
  };
}
