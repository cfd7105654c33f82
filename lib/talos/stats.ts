import { ask, type CallOptions } from "@/lib/talos/call";
import type { Channel } from "@/lib/talos/channel";
import { MachineServiceService as machine } from "@/lib/talos/gen/machine/machine";
import type { CPUStat, DiskStat, NetDev } from "@/lib/talos/gen/machine/stats";
import { safeNumber } from "@/lib/talos/numbers";
import { cleanText } from "@/lib/talos/text";

export type MemoryFacts = {
  totalBytes: number;
  freeBytes: number;
  availableBytes: number;
  buffersBytes: number;
  cachedBytes: number;
  swapTotalBytes: number;
  swapFreeBytes: number;
};

/** Seconds since boot that a CPU spent in each state; take differences for a load. */
export type CpuTimes = {
  user: number;
  nice: number;
  system: number;
  idle: number;
  iowait: number;
  irq: number;
  softIrq: number;
  steal: number;
};

export type SystemStatFacts = {
  bootTimeMs: number;
  cpuTotal: CpuTimes;
  cpus: CpuTimes[];
  contextSwitches: number;
  processCreated: number;
  processRunning: number;
  processBlocked: number;
};

/** Counters since boot. */
export type NetworkDeviceFacts = {
  name: string;
  receiveBytes: number;
  receivePackets: number;
  receiveErrors: number;
  receiveDropped: number;
  transmitBytes: number;
  transmitPackets: number;
  transmitErrors: number;
  transmitDropped: number;
};

/** Counters since boot. */
export type DiskStatFacts = {
  name: string;
  readBytes: number;
  readCompleted: number;
  readTimeMs: number;
  writeBytes: number;
  writeCompleted: number;
  writeTimeMs: number;
  ioInProgress: number;
  ioTimeMs: number;
};

export type CpuFacts = {
  processor: number;
  vendorId: string;
  modelName: string;
  mhz: number;
  physicalId: string;
  coreId: string;
};
export type MountFacts = { filesystem: string; sizeBytes: number; availableBytes: number; mountedOn: string };
export type ProcessFacts = {
  pid: number;
  state: string;
  threads: number;
  cpuSeconds: number;
  residentBytes: number;
  command: string;
};

// The kernel counts disk sectors of 512 bytes whatever the disk's own are (Documentation/admin-guide/iostats).
const sectorBytes = 512;
const kib = (value: bigint | undefined) => safeNumber(value ?? 0n) * 1024;
const short = (text: string) => cleanText(text, { max: 256 });

const cpuTimes = (stat: CPUStat | undefined): CpuTimes => ({
  user: stat?.user ?? 0,
  nice: stat?.nice ?? 0,
  system: stat?.system ?? 0,
  idle: stat?.idle ?? 0,
  iowait: stat?.iowait ?? 0,
  irq: stat?.irq ?? 0,
  softIrq: stat?.softIrq ?? 0,
  steal: stat?.steal ?? 0,
});

const networkDevice = (device: NetDev): NetworkDeviceFacts => ({
  name: short(device.name),
  receiveBytes: safeNumber(device.rxBytes),
  receivePackets: safeNumber(device.rxPackets),
  receiveErrors: safeNumber(device.rxErrors),
  receiveDropped: safeNumber(device.rxDropped),
  transmitBytes: safeNumber(device.txBytes),
  transmitPackets: safeNumber(device.txPackets),
  transmitErrors: safeNumber(device.txErrors),
  transmitDropped: safeNumber(device.txDropped),
});

const disk = (stat: DiskStat): DiskStatFacts => ({
  name: short(stat.name),
  readBytes: safeNumber(stat.readSectors) * sectorBytes,
  readCompleted: safeNumber(stat.readCompleted),
  readTimeMs: safeNumber(stat.readTimeMs),
  writeBytes: safeNumber(stat.writeSectors) * sectorBytes,
  writeCompleted: safeNumber(stat.writeCompleted),
  writeTimeMs: safeNumber(stat.writeTimeMs),
  ioInProgress: safeNumber(stat.ioInProgress),
  ioTimeMs: safeNumber(stat.ioTimeMs),
});

/** Counters and gauges, role `os:reader`. Counters only grow until the next boot: rates are the caller's differences. */
export const statsCalls = (channel: Channel) => ({
  async memory(options?: CallOptions): Promise<MemoryFacts> {
    const { meminfo } = await ask(channel, machine.memory, {}, options);
    return {
      totalBytes: kib(meminfo?.memtotal),
      freeBytes: kib(meminfo?.memfree),
      availableBytes: kib(meminfo?.memavailable),
      buffersBytes: kib(meminfo?.buffers),
      cachedBytes: kib(meminfo?.cached),
      swapTotalBytes: kib(meminfo?.swaptotal),
      swapFreeBytes: kib(meminfo?.swapfree),
    };
  },

  async systemStat(options?: CallOptions): Promise<SystemStatFacts> {
    const stat = await ask(channel, machine.systemStat, {}, options);
    return {
      bootTimeMs: safeNumber(stat.bootTime) * 1000,
      cpuTotal: cpuTimes(stat.cpuTotal),
      cpus: stat.cpu.map(cpuTimes),
      contextSwitches: safeNumber(stat.contextSwitches),
      processCreated: safeNumber(stat.processCreated),
      processRunning: safeNumber(stat.processRunning),
      processBlocked: safeNumber(stat.processBlocked),
    };
  },

  async loadAvg(options?: CallOptions): Promise<{ load1: number; load5: number; load15: number }> {
    const { load1, load5, load15 } = await ask(channel, machine.loadAvg, {}, options);
    return { load1, load5, load15 };
  },

  async networkDeviceStats(
    options?: CallOptions,
  ): Promise<{ total: NetworkDeviceFacts | null; devices: NetworkDeviceFacts[] }> {
    const { total, devices } = await ask(channel, machine.networkDeviceStats, {}, options);
    return { total: total ? networkDevice(total) : null, devices: devices.map(networkDevice) };
  },

  async diskStats(options?: CallOptions): Promise<{ total: DiskStatFacts | null; devices: DiskStatFacts[] }> {
    const { total, devices } = await ask(channel, machine.diskStats, {}, options);
    return { total: total ? disk(total) : null, devices: devices.map(disk) };
  },

  async cpuInfo(options?: CallOptions): Promise<CpuFacts[]> {
    const { cpuInfo } = await ask(channel, machine.cpuInfo, {}, options);
    return cpuInfo.map(({ processor, vendorId, modelName, cpuMhz, physicalId, coreId }) => ({
      processor,
      vendorId: short(vendorId),
      modelName: short(modelName),
      mhz: cpuMhz,
      physicalId: short(physicalId),
      coreId: short(coreId),
    }));
  },

  async mounts(options?: CallOptions): Promise<MountFacts[]> {
    const { stats } = await ask(channel, machine.mounts, {}, options);
    return stats.map(({ filesystem, size, available, mountedOn }) => ({
      filesystem: short(filesystem),
      sizeBytes: safeNumber(size),
      availableBytes: safeNumber(available),
      mountedOn: short(mountedOn),
    }));
  },

  async processes(options?: CallOptions): Promise<ProcessFacts[]> {
    const { processes } = await ask(channel, machine.processes, {}, options);
    return processes.map(({ pid, state, threads, cpuTime, residentMemory, command }) => ({
      pid,
      state: short(state),
      threads,
      cpuSeconds: cpuTime,
      residentBytes: safeNumber(residentMemory),
      command: short(command),
    }));
  },
});
