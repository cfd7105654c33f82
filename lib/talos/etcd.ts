import { nodeCaps } from "@/lib/core/bounds/input-caps";
import { ask, checkReply, type CallOptions } from "@/lib/talos/call";
import type { Channel } from "@/lib/talos/channel";
import type { Data } from "@/lib/talos/gen/common/common";
import { EtcdMemberAlarm_AlarmType as Alarm } from "@/lib/talos/gen/machine/etcd";
import { MachineServiceService as machine } from "@/lib/talos/gen/machine/machine";
import { memberId, safeNumber } from "@/lib/talos/numbers";
import { serverStream, type StreamOptions } from "@/lib/talos/stream";
import { cleanText } from "@/lib/talos/text";

/** `id` is 16 hex digits, as etcdctl prints it. */
export type EtcdMember = { id: string; hostname: string; peerUrls: string[]; clientUrls: string[]; learner: boolean };

export type EtcdStatus = {
  memberId: string;
  /** `0000000000000000` when there is no leader. */
  leaderId: string;
  leader: boolean;
  learner: boolean;
  protocolVersion: string;
  /** Empty before Talos 1.11. */
  storageVersion: string;
  dbSizeBytes: number;
  dbSizeInUseBytes: number;
  raftIndex: number;
  raftAppliedIndex: number;
  raftTerm: number;
  errors: string[];
};

export type EtcdAlarm = { memberId: string; alarm: "none" | "no-space" | "corrupt" | "unknown" };

const alarms: Record<Alarm, EtcdAlarm["alarm"]> = {
  [Alarm.NONE]: "none",
  [Alarm.NOSPACE]: "no-space",
  [Alarm.CORRUPT]: "corrupt",
  [Alarm.UNRECOGNIZED]: "unknown",
};
const short = (text: string) => cleanText(text, { max: 512 });

/** etcd, asked of control planes only: a worker answers with an error. Reading needs `os:reader` or `os:etcd:backup`. */
export const etcdCalls = (channel: Channel) => ({
  /** Members as this node's etcd knows them; `local` asks only its own member, which answers without quorum. */
  async etcdMemberList({ local = false, ...options }: CallOptions & { local?: boolean } = {}): Promise<EtcdMember[]> {
    const { members } = await ask(channel, machine.etcdMemberList, { queryLocal: local }, options);
    channel.limits.atMost(machine.etcdMemberList.path, members.length, nodeCaps.etcdMembers, "members of etcd");
    return members.map((member) => ({
      id: memberId(member.id),
      hostname: short(member.hostname),
      peerUrls: member.peerUrls.map(short),
      clientUrls: member.clientUrls.map(short),
      learner: member.isLearner,
    }));
  },

  /** The status of this node's member. */
  async etcdStatus(options?: CallOptions): Promise<EtcdStatus> {
    const { memberStatus } = await ask(channel, machine.etcdStatus, {}, options);
    const id = memberId(memberStatus?.memberId ?? 0n);
    return {
      memberId: id,
      leaderId: memberId(memberStatus?.leader ?? 0n),
      leader: memberStatus !== undefined && memberStatus.leader !== 0n && memberId(memberStatus.leader) === id,
      learner: memberStatus?.isLearner ?? false,
      protocolVersion: short(memberStatus?.protocolVersion ?? ""),
      storageVersion: short(memberStatus?.storageVersion ?? ""),
      dbSizeBytes: safeNumber(memberStatus?.dbSize ?? 0n),
      dbSizeInUseBytes: safeNumber(memberStatus?.dbSizeInUse ?? 0n),
      raftIndex: safeNumber(memberStatus?.raftIndex ?? 0n),
      raftAppliedIndex: safeNumber(memberStatus?.raftAppliedIndex ?? 0n),
      raftTerm: safeNumber(memberStatus?.raftTerm ?? 0n),
      errors: (memberStatus?.errors ?? []).slice(0, 32).map(short),
    };
  },

  /** Alarms of all members; empty = none. */
  async etcdAlarmList(options?: CallOptions): Promise<EtcdAlarm[]> {
    const { memberAlarms } = await ask(channel, machine.etcdAlarmList, {}, options);
    channel.limits.atMost(machine.etcdAlarmList.path, memberAlarms.length, nodeCaps.etcdMembers, "alarms of etcd");
    return memberAlarms.map((member) => ({
      memberId: memberId(member.memberId),
      alarm: alarms[member.alarm] ?? "unknown",
    }));
  },

  /** Role `os:admin`. Hands leadership to another member; returns who has it, empty when this one was not the leader. */
  async etcdForfeitLeadership(options?: CallOptions): Promise<string> {
    return short((await ask(channel, machine.etcdForfeitLeadership, {}, { deadlineMs: 30_000, ...options })).member);
  },

  /** Role `os:operator` or `os:etcd:backup`. The database in frames; only a stream that ends without an error is a whole snapshot. */
  etcdSnapshot(options?: StreamOptions): AsyncIterable<Uint8Array> {
    const method = machine.etcdSnapshot;
    const decode = (data: Data) => [checkReply(data, method.path, channel.address.text).bytes];
    return serverStream<object, Data, Uint8Array>(
      channel,
      { method, request: {}, decode },
      { inactivityMs: 60_000, ...options },
    );
  },
});
