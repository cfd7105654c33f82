import type { MachineServiceServer } from "@/lib/talos/gen/machine/machine";
import { CPUStat, DiskStat, MemInfo, NetDev, SoftIRQStat, type CPUInfo } from "@/lib/talos/gen/machine/stats";
import { loadAt, workSeconds } from "../node/load";
import type { SimNode } from "../node/node";
import { kernelCounters, memoryKib } from "../node/usage";
import type { Rpc } from "./rpc";

type Part = Pick<
  MachineServiceServer,
  "systemStat" | "cpuFreqStats" | "loadAvg" | "memory" | "cpuInfo" | "diskStats" | "networkDeviceStats" | "processes"
>;

const one = <T extends object>(message: T): { messages: [T & { metadata: undefined }] } => ({
  messages: [{ ...message, metadata: undefined }],
});
const whole = (value: number): bigint => BigInt(Math.max(0, Math.floor(value)));

function memInfo(node: SimNode): MemInfo {
  const memory = memoryKib(node);
  return MemInfo.fromPartial({
    memtotal: memory.total,
    memfree: memory.free,
    memavailable: memory.available,
    buffers: memory.buffers,
    cached: memory.cached,
    active: memory.active,
    inactive: memory.inactive,
    slab: memory.slab,
    sreclaimable: memory.reclaimable,
    mapped: memory.mapped,
    anonpages: memory.anonymous,
    hugepagesize: memory.hugepagesize,
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

/** The sum, under all their names (prometheus/procfs NetDev.Total). */
function totalOf(devices: readonly NetDev[]): NetDev {
  const sum = (count: (device: NetDev) => bigint) => devices.reduce((total, device) => total + count(device), 0n);
  return NetDev.fromPartial({
    name: devices
      .map(({ name }) => name)
      .sort()
      .join(", "),
    rxBytes: sum(({ rxBytes }) => rxBytes),
    rxPackets: sum(({ rxPackets }) => rxPackets),
    txBytes: sum(({ txBytes }) => txBytes),
    txPackets: sum(({ txPackets }) => txPackets),
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

/** The disk, and its partitions, which the kernel counts once more: almost all is done on the last. */
function diskStats(node: SimNode): DiskStat[] {
  const work = workSeconds(node);
  const { id } = node.machine.disk;
  const partitions = node.installed ? [0, 0, 0.02, 0.98] : [];
  return [
    diskStat(id, work),
    ...partitions.map((share, index) => diskStat(`${id}p${index + 1}`, work * share)),
    diskStat("loop0", 0),
  ];
}

/** The sum of all devices, whatever they are. */
function totalOfDisks(devices: readonly DiskStat[]): DiskStat {
  const sum = (count: (device: DiskStat) => bigint) => devices.reduce((total, device) => total + count(device), 0n);
  return DiskStat.fromPartial({
    readCompleted: sum(({ readCompleted }) => readCompleted),
    readSectors: sum(({ readSectors }) => readSectors),
    readTimeMs: sum(({ readTimeMs }) => readTimeMs),
    writeCompleted: sum(({ writeCompleted }) => writeCompleted),
    writeSectors: sum(({ writeSectors }) => writeSectors),
    writeTimeMs: sum(({ writeTimeMs }) => writeTimeMs),
    ioTimeMs: sum(({ ioTimeMs }) => ioTimeMs),
    ioTimeWeightedMs: sum(({ ioTimeWeightedMs }) => ioTimeWeightedMs),
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
    // Talos reads the number of cores and does not pass it on (v1alpha1_monitoring.go).
    cpuCores: 0,
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
      const { cpuTotal, cpu, ...counters } = kernelCounters(node);
      return one({
        ...counters,
        bootTime: whole(node.bootedAtMs / 1000),
        cpuTotal: CPUStat.fromPartial(cpuTotal),
        cpu: cpu.map((stat) => CPUStat.fromPartial(stat)),
        irq: [],
        softIrq: SoftIRQStat.fromPartial({}),
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
    cpuFreqStats: rpc.unary(({ node }) => {
      const { processor } = node.machine;
      const frequency = { currentFrequency: 3_250_000n, minimumFrequency: 800_000n, maximumFrequency: 5_000_000n };
      const threads = processor.threads * processor.sockets;
      return one({ cpuFreqStats: Array.from({ length: threads }, () => ({ ...frequency, governor: "performance" })) });
    }),
    diskStats: rpc.unary(({ node }) => {
      const devices = diskStats(node);
      return one({ total: totalOfDisks(devices), devices });
    }),
    networkDeviceStats: rpc.unary(({ node }) => {
      const work = workSeconds(node);
      const devices = [
        netDev("lo", work * 0.1, true),
        ...node.machine.nics.map((nic) => netDev(nic.name, work, nic.up)),
      ];
      return one({ total: totalOf(devices), devices });
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
