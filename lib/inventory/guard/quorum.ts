/** One member of etcd as the member list and its own node describe it. */
export type EtcdMember = {
  id: string;
  name: string;
  learner: boolean;
  /** Listed with a name: etcd leaves it empty until the member has started. */
  started: boolean;
  /** Its node answers and its etcd reports no errors; null = could not be asked. */
  healthy: boolean | null;
  /** Why it counts as missing whatever it says now: it was taken away here and is not back, such as `shut down by olga`. */
  away?: string | undefined;
};
export type EtcdState = { members: readonly EtcdMember[]; alarms: readonly string[] };

/** What is about to happen to a node. */
export type Leaving = {
  /** The member on the node; null where it runs none. */
  memberId: string | null;
  /** Its data goes with it: it does not come back as the member that it was. */
  forGood: boolean;
};

/**
 * `alone`: the only member, so that the cluster has no control plane meanwhile. `thin`: a majority stays, with none to spare, since
 * others are missing already.
 */
export type LossState = "ok" | "alone" | "thin" | "refused";
/** `sentence` says what was read and what would be lost, with numbers. */
export type LossVerdict = { state: LossState; sentence: string };

const nameOf = ({ name, id }: EtcdMember): string => name || `member ${id}`;
const names = (members: readonly EtcdMember[]): string => members.map(nameOf).join(", ");

/** Voters that etcd needs to work: more than half. */
export const quorumOf = (voters: number): number => Math.floor(voters / 2) + 1;

function whyMissing(member: EtcdMember): string {
  if (member.away !== undefined) return `${nameOf(member)} was ${member.away} and is not back`;
  return member.healthy === false ? `${nameOf(member)} is not healthy` : `${nameOf(member)} could not be asked`;
}

const verb = (count: number, one: string, many: string): string => (count === 1 ? one : many);

function judgeVoters(voters: readonly EtcdMember[], leaving: EtcdMember, forGood: boolean): LossVerdict {
  const others = voters.filter(({ id }) => id !== leaving.id);
  const staying = others.filter(({ healthy, away }) => healthy === true && away === undefined);
  const missing = others.filter((member) => !staying.includes(member));
  const quorum = quorumOf(voters.length);
  const why = missing.length === 0 ? "" : ` ${missing.map(whyMissing).join("; ")}.`;
  if (voters.length === 1) {
    return forGood
      ? {
          state: "refused",
          sentence: `${nameOf(leaving)} is the last healthy control plane: it has the only etcd member (1 of 1), and the cluster's data would be lost for good.`,
        }
      : {
          state: "alone",
          sentence: `${nameOf(leaving)} is the only etcd member (1 of 1): the cluster has no control plane until it is back; its data stays.`,
        };
  }
  const stays = `${staying.length} of ${voters.length} etcd members would stay healthy without ${nameOf(leaving)}; the quorum is ${quorum}.`;
  if (staying.length < quorum) {
    const lost = forGood
      ? "Without a quorum the cluster can be brought back from a snapshot only."
      : "Without a quorum nothing in the cluster can be changed or started until enough members are back.";
    return { state: "refused", sentence: `${stays}${why} ${lost}` };
  }
  if (missing.length > 0) return { state: "thin", sentence: `${stays}${why}` };
  return {
    state: "ok",
    sentence: `${staying.length} of ${voters.length} etcd members stay, the quorum is ${quorum}.`,
  };
}

/**
 * May one control plane go down now? Since Talos 1.13 no server checks this (`ValidateForUpgrade` has one caller, the legacy
 * call), so this is the guard: no alarm, no other learner, all started, and the voters that stay healthy are a majority. A
 * member that is not healthy itself takes nothing away; one that was taken away here counts as missing until it is back.
 */
export function judgeLoss({ members, alarms }: EtcdState, { memberId, forGood }: Leaving): LossVerdict {
  const refuse = (sentence: string): LossVerdict => ({ state: "refused", sentence });
  if (members.length === 0) return refuse("The list of etcd members is empty.");
  const read = `etcd has ${members.length} ${verb(members.length, "member", "members")} (${names(members)})`;
  if (memberId === null) return { state: "ok", sentence: `${read}; this node runs none of them.` };
  const leaving = members.find(({ id }) => id === memberId);
  if (!leaving) return refuse(`This node is not among the members of etcd: ${read}.`);
  if (alarms.length > 0) {
    return refuse(`${read} and raises an alarm: ${alarms.join(", ")}. A member that goes down now may not come back.`);
  }
  const voters = members.filter(({ learner }) => !learner);
  if (leaving.learner) {
    return {
      state: "ok",
      sentence: `${nameOf(leaving)} is a learner of etcd without a vote: ${voters.length} of ${voters.length} voters stay.`,
    };
  }
  const learners = members.filter(({ learner }) => learner);
  if (learners.length > 0) {
    return refuse(
      `${names(learners)} ${verb(learners.length, "is still a learner", "are still learners")} of etcd: ${read}. Until it has caught up, no voter is to go down.`,
    );
  }
  const unstarted = voters.filter(({ started, id }) => !started && id !== memberId);
  if (unstarted.length > 0) return refuse(`${names(unstarted)} has not started its etcd: ${read}.`);
  return judgeVoters(voters, leaving, forGood);
}
