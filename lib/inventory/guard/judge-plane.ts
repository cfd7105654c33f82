import "server-only";
import { errorMessage } from "@/lib/core/errors";
import { bootstrapVerdict } from "../bootstrap";
import { fleet } from "../fleet";
import { pastOf } from "./disturbance";
import { planesAway } from "./holds";
import { type LossState, judgeLoss } from "./quorum";
import { type ClusterEtcd, readClusterEtcd } from "./read-etcd";

/** `unknown`: etcd could not be read, so that nothing says whether the member can be spared. */
export type PlaneVerdict = { state: LossState | "unknown"; sentence: string; memberId: string | null };

/** The member on a node: by its own word, else by its name in the list; `none` where all members run on other nodes; null = not known. */
export function memberOn(etcd: ClusterEtcd, nodeId: string, name: string): string | "none" | null {
  const own = etcd.memberIdByNode.get(nodeId);
  if (own !== undefined) return own;
  const { members } = etcd.state;
  const namesakes = members.filter((member) => member.name !== "" && member.name === name);
  const [namesake, ...others] = namesakes;
  if (namesake && others.length === 0) return namesake.id;
  const elsewhere = new Set(etcd.memberIdByNode.values());
  return members.length > 0 && members.every(({ id }) => elsewhere.has(id)) ? "none" : null;
}

/** etcd as its members tell it, with those that were taken away here and are not back marked as missing. */
export async function readEtcdWithAway(
  clusterId: string,
  exceptNodeId: string,
  signal: AbortSignal,
): Promise<ClusterEtcd> {
  const [etcd, holds] = await Promise.all([readClusterEtcd(clusterId, signal), planesAway(clusterId, exceptNodeId)]);
  const away = new Map(
    holds.map(({ nodeId, nodeName, memberId, operation, actorName }) => [
      memberId ?? memberOn(etcd, nodeId, nodeName),
      `${pastOf(operation)} by ${actorName}`,
    ]),
  );
  const members = etcd.state.members.map((member) => ({ ...member, away: away.get(member.id) }));
  return { ...etcd, state: { ...etcd.state, members } };
}

const askMs = 25_000;

/** Asks etcd now, and judges whether the control plane on a node may go. Never throws for what it could not read: that is a verdict. */
export async function judgePlane(node: {
  nodeId: string;
  name: string;
  clusterId: string;
  forGood: boolean;
}): Promise<PlaneVerdict> {
  const { nodeId, name, clusterId, forGood } = node;
  const planes = fleet()
    .views()
    .filter((view) => view.clusterId === clusterId);
  if (bootstrapVerdict(planes).state === "awaited") {
    return { state: "ok", sentence: "Its cluster has not been bootstrapped: there is no etcd yet.", memberId: null };
  }
  let etcd: ClusterEtcd;
  try {
    etcd = await readEtcdWithAway(clusterId, nodeId, AbortSignal.timeout(askMs));
  } catch (error) {
    return { state: "unknown", sentence: `etcd could not be read: ${errorMessage(error)}`, memberId: null };
  }
  const found = memberOn(etcd, nodeId, name);
  if (found === null) {
    const { length } = etcd.state.members;
    return {
      state: "unknown",
      sentence: `etcd has ${length} members, and nothing says which of them runs on ${name}.`,
      memberId: null,
    };
  }
  const memberId = found === "none" ? null : found;
  return { ...judgeLoss(etcd.state, { memberId, forGood }), memberId };
}
