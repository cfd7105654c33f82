/** One member of etcd as the member list and its own node describe it. */
export type EtcdMember = {
  id: string;
  name: string;
  learner: boolean;
  /** Listed with a name: etcd leaves it empty until the member has started. */
  started: boolean;
  /** Its node answers and its etcd reports no errors; null = could not be asked. */
  healthy: boolean | null;
};
export type EtcdState = { members: readonly EtcdMember[]; alarms: readonly string[] };

export type QuorumVerdict = { state: "ok" | "warning" | "refused"; sentence: string };

const names = (members: readonly EtcdMember[]): string =>
  members.map(({ name, id }) => name || `member ${id}`).join(", ");

/**
 * May one control plane go down now? Since Talos 1.13 no server checks this (`ValidateForUpgrade` has one caller, the
 * legacy call), so this is the guard. `leavingId` is the member on the node in question.
 * Rules: all started and healthy, no learner, no alarm, not two members, and what stays is a majority.
 */
export function mayLoseMember(etcd: EtcdState, leavingId: string): QuorumVerdict {
  const { members, alarms } = etcd;
  const refuse = (sentence: string): QuorumVerdict => ({ state: "refused", sentence });
  const total = members.length;
  if (total === 0) return refuse("The list of etcd members is empty.");
  if (!members.some(({ id }) => id === leavingId)) return refuse("This node is not among the members of etcd.");
  if (alarms.length > 0) return refuse(`etcd raises an alarm: ${alarms.join(", ")}.`);
  const learners = members.filter(({ learner }) => learner);
  if (learners.length > 0) return refuse(`${names(learners)} is still a learner of etcd.`);
  const unstarted = members.filter(({ started }) => !started);
  if (unstarted.length > 0) return refuse(`${names(unstarted)} has not started its etcd.`);
  const bad = members.filter(({ healthy }) => healthy !== true);
  if (bad.length > 0) {
    const word = bad.some(({ healthy }) => healthy === false) ? "is not healthy" : "could not be asked for its health";
    return refuse(`etcd on ${names(bad)} ${word}: taking another member down could lose the quorum.`);
  }
  if (total === 1) {
    return {
      state: "warning",
      sentence: "This is the only etcd member: the cluster has no control plane while it reboots.",
    };
  }
  if (total === 2) return refuse("etcd has two members: it loses its quorum as soon as one goes down.");
  const quorum = Math.floor(total / 2) + 1;
  if (total - 1 < quorum)
    return refuse(`${total - 1} of ${total} members would stay, fewer than the quorum of ${quorum}.`);
  return { state: "ok", sentence: `${total - 1} of ${total} etcd members stay, the quorum is ${quorum}.` };
}
