import type { TalosClient } from "@/lib/talos/client";
import { isTalosError } from "@/lib/talos/errors";
import type { CpuTimes } from "@/lib/talos/stats";
import type { RawCounters } from "./counters";
import type { NodeFacts } from "./facts";
import { unlessAbsent } from "./node-follow";

const pollDeadlineMs = 10_000;

function cpuOf(times: CpuTimes): RawCounters["cpu"] {
  const total = Object.values(times).reduce((sum, seconds) => sum + seconds, 0);
  return { busy: total - times.idle - times.iowait, total };
}

/** Counts physical links and whole disks only: bridges and partitions would count the same bytes again. */
function sumOf<Device extends { name: string }>(
  devices: readonly Device[],
  physical: ReadonlySet<string>,
  amount: (device: Device) => number,
): number {
  const known = devices.filter(({ name }) => physical.has(name));
  const counted = known.length > 0 ? known : devices.filter(({ name }) => name !== "lo");
  return counted.reduce((sum, device) => sum + amount(device), 0);
}

/** One sample of all counters. A call that the node does not have gives null; a node that does not answer throws. */
export async function readCounters(
  client: TalosClient,
  facts: NodeFacts,
  { signal, now }: { signal: AbortSignal; now: () => number },
): Promise<RawCounters> {
  const options = { signal, deadlineMs: pollDeadlineMs };
  const [stat, memory, load, network, disk] = await Promise.all([
    unlessAbsent(client.systemStat(options)),
    unlessAbsent(client.memory(options)),
    unlessAbsent(client.loadAvg(options)),
    unlessAbsent(client.networkDeviceStats(options)),
    unlessAbsent(client.diskStats(options)),
  ]);
  const links = new Set(facts.links.filter(({ physical }) => physical).map(({ name }) => name));
  const disks = new Set(facts.hardware?.disks.map(({ id }) => id) ?? []);
  return {
    atMs: now(),
    bootedAtMs: stat && stat.bootTimeMs,
    cpu: stat && cpuOf(stat.cpuTotal),
    memory: memory && { usedBytes: memory.totalBytes - memory.availableBytes, totalBytes: memory.totalBytes },
    network: network && {
      receiveBytes: sumOf(network.devices, links, ({ receiveBytes }) => receiveBytes),
      transmitBytes: sumOf(network.devices, links, ({ transmitBytes }) => transmitBytes),
    },
    disk: disk && {
      readBytes: sumOf(disk.devices, disks, ({ readBytes }) => readBytes),
      writeBytes: sumOf(disk.devices, disks, ({ writeBytes }) => writeBytes),
    },
    load1: load?.load1 ?? null,
  };
}

const alarmWords = { "no-space": "NOSPACE", corrupt: "CORRUPT", unknown: "an unknown alarm", none: "" } as const;

/** What a control plane's etcd says of itself; null where it has none yet (before the bootstrap) or it does not answer. */
export async function readEtcd(client: TalosClient, signal: AbortSignal): Promise<NodeFacts["etcd"]> {
  const options = { signal, deadlineMs: pollDeadlineMs };
  try {
    const [status, members, alarms] = await Promise.all([
      client.etcdStatus(options),
      client.etcdMemberList(options),
      client.etcdAlarmList(options),
    ]);
    const raised = alarms.filter(({ memberId, alarm }) => memberId === status.memberId && alarm !== "none");
    return {
      memberId: status.memberId,
      leader: status.leader,
      learner: status.learner,
      members: members.length,
      dbSizeBytes: status.dbSizeBytes,
      errors: [...status.errors, ...raised.map(({ alarm }) => `alarm ${alarmWords[alarm]}`)],
    };
  } catch (error) {
    // An etcd that is down is told by its service and by the other members. Its "unavailable" looks like a lost node's, and a node
    // that is lost is noticed by the watches.
    if (signal.aborted || !isTalosError(error)) throw error;
    return null;
  }
}
