import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import { CPUStat, DiskStat, MemInfo, NetDev, type CPUInfo } from "@/lib/talos/gen/machine/stats";
import { loadAt, uptimeSeconds, workSeconds } from "../node/load";
import type { SimNode } from "../node/node";
import type { Rpc } from "./rpc";

type Part = Pick<
  MachineServiceServer,
  "systemStat" | "loadAvg" | "memory" | "cpuInfo" | "diskStats" | "networkDeviceStats" | "processes"
>;

const one = <T extends object>(message: T): { messages: [T & { metadata: undefined }] } => ({
  messages: [{ ...message, metadata: undefined }],
});
const whole = (value: number): bigint => BigInt(Math.max(0, Math.floor(value)));

function cpuStat(node: SimNode, threads: number, share = 1): CPUStat {
  const busy = workSeconds(node) * threads * share;
  const total = uptimeSeconds(node) * threads;
  return CPUStat.fromPartial({
    user: busy * 0.72,
    system: busy * 0.24,
    iowait: busy * 0.02,
    softIrq: busy * 0.02,
    idle: Math.max(0, total - busy),
  });
}

function memInfo(node: SimNode): MemInfo {
  // /proc/meminfo counts in KiB.
  const total = node.machine.memoryBytes / 1024;
  const used = total * (0.14 + 0.5 * loadAt(node, node.world.clock.nowMs()));
  const cached = total * 0.21;
  const buffers = total * 0.004;
  return MemInfo.fromPartial({
    memtotal: whole(total),
    memfree: whole(total - used - cached - buffers),
    memavailable: whole(total - used),
    buffers: whole(buffers),
    cached: whole(cached),
    active: whole(used * 0.6),
    inactive: whole(cached * 0.7),
    slab: whole(total * 0.01),
    sreclaimable: whole(total * 0.006),
    mapped: whole(total * 0.01),
    anonpages: whole(used * 0.5),
    hugepagesize: 2048n,
  });
}

function netDev(name: string, work: number, up: boolean): NetDev {
  const bytes = up ? work * 38_000_000 : 0;
  return NetDev.fromPartial({
    name,
    rxBytes: whole(bytes),
    rxPackets: whole(bytes / 1180),
    txBytes: whole(bytes * 0.62),
    txPackets: whole((bytes * 0.62) / 940),
  });
}

function diskStat(name: string, work: number): DiskStat {
  return DiskStat.fromPartial({
    name,
    readCompleted: whole(work * 190),
    readSectors: whole(work * 24_000),
    readTimeMs: whole(work * 40),
    writeCompleted: whole(work * 320),
    writeSectors: whole(work * 51_000),
    writeTimeMs: whole(work * 160),
    ioTimeMs: whole(work * 120),
    ioTimeWeightedMs: whole(work * 200),
  });
}

function cpuInfo(node: SimNode): CPUInfo[] {
  const { processor } = node.machine;
  return Array.from({ length: processor.threads * processor.sockets }, (_, index) => ({
    processor: index,
    vendorId: processor.manufacturer.startsWith("Intel") ? "GenuineIntel" : "AuthenticAMD",
    cpuFamily: processor.manufacturer.startsWith("Intel") ? "6" : "25",
    model: "17",
    modelName: processor.name,
    stepping: "1",
    microcode: "0xa101148",
    cpuMhz: 3250,
    cacheSize: "1024 KB",
    physicalId: String(Math.floor(index / processor.threads)),
    siblings: processor.threads,
    coreId: String(index % processor.cores),
    cpuCores: processor.cores,
    apicId: String(index),
    initialApicId: String(index),
    fpu: "yes",
    fpuException: "yes",
    cpuIdLevel: 16,
    wp: "yes",
    flags: ["fpu", "sse4_2", "avx2", "svm"],
    bugs: [],
    bogoMips: 6500,
    clFlushSize: 64,
    cacheAlignment: 64,
    addressSizes: "52 bits physical, 57 bits virtual",
    powerManagement: "",
  }));
}

export function statsPart(rpc: Rpc): Part {
  return {
    systemStat: rpc.unary(({ node }) => {
      const threads = node.machine.processor.threads * node.machine.processor.sockets;
      const work = workSeconds(node);
      return one({
        bootTime: whole(node.bootedAtMs / 1000),
        cpuTotal: cpuStat(node, threads),
        cpu: Array.from({ length: threads }, (_, index) =>
          cpuStat(node, 1, 0.85 + (0.3 * ((index * 7919) % 101)) / 101),
        ),
        irqTotal: whole(work * 24_000),
        irq: [],
        contextSwitches: whole(work * 41_000),
        processCreated: whole(4_000 + work * 12),
        processRunning: whole(1 + loadAt(node, node.world.clock.nowMs()) * threads),
        processBlocked: 0n,
        softIrqTotal: whole(work * 11_000),
        softIrq: undefined,
      });
    }),
    loadAvg: rpc.unary(({ node }) => {
      const threads = node.machine.processor.threads;
      const now = node.world.clock.nowMs();
      const mean = (windowMs: number) =>
        (threads * (loadAt(node, now) + loadAt(node, now - windowMs / 2) + loadAt(node, now - windowMs))) / 3;
      return one({ load1: mean(60_000), load5: mean(300_000), load15: mean(900_000) });
    }),
    memory: rpc.unary(({ node }) => one({ meminfo: memInfo(node) })),
    cpuInfo: rpc.unary(({ node }) => one({ cpuInfo: cpuInfo(node) })),
    diskStats: rpc.unary(({ node }) =>
      one({ total: diskStat("", workSeconds(node)), devices: [diskStat(node.machine.disk.id, workSeconds(node))] }),
    ),
    networkDeviceStats: rpc.unary(({ node }) => {
      const work = workSeconds(node);
      return one({
        total: netDev("", work, true),
        devices: [netDev("lo", work * 0.1, true), ...node.machine.nics.map((nic) => netDev(nic.name, work, nic.up))],
      });
    }),
    processes: rpc.unary(({ node }) => {
      const work = workSeconds(node);
      const names = ["init", ...node.services.ids().filter((id) => node.services.state(id) === "Running")];
      return one({
        processes: names.map((name, index) => ({
          pid: index === 0 ? 1 : 1200 + index * 31,
          ppid: index === 0 ? 0 : 1,
          state: "S",
          threads: 14,
          cpuTime: work * 0.05,
          virtualMemory: 1_400_000_000n,
          residentMemory: 90_000_000n,
          command: name,
          executable: `/usr/bin/${name}`,
          args: "",
          label: "",
        })),
      });
    }),
  };
}
