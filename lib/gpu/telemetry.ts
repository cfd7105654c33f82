import type { GpuCourse, GpuDevice, GpuTelemetry } from "./schema";

/** What sysfs has for a driver. Reading it takes the role os:admin (MachineService.Read). */
const deviceRoot = (pciAddress: string): string => `/sys/bus/pci/devices/${pciAddress}`;

/** Directories to list before reading: the numbers in their names differ from boot to boot. */
export const telemetryListPaths = (gpu: GpuDevice): string[] =>
  gpu.vendor === "amd" || gpu.vendor === "intel"
    ? [`${deviceRoot(gpu.pciAddress)}/hwmon`, `${deviceRoot(gpu.pciAddress)}/drm`]
    : [];

/** Names found in a card's `hwmon` and `drm` directories. */
export type TelemetryNames = { hwmon: readonly string[]; drm: readonly string[] };

type Files = {
  busyPercent?: string;
  idleMs?: string;
  memoryUsed?: string;
  memoryTotal?: string;
  temperature?: string[];
  power?: string[];
};

/** Kernel documentation of amdgpu (driver-misc, thermal), i915 and xe; which of them a card has depends on its chip. */
function filesOf(gpu: GpuDevice, names: TelemetryNames): Files {
  const root = deviceRoot(gpu.pciAddress);
  const hwmonName = names.hwmon.find((name) => /^hwmon\d+$/.test(name));
  const card = names.drm.find((name) => /^card\d+$/.test(name));
  const hwmon = (...files: string[]) => (hwmonName ? files.map((file) => `${root}/hwmon/${hwmonName}/${file}`) : []);
  if (gpu.vendor === "amd") {
    return {
      busyPercent: `${root}/gpu_busy_percent`,
      memoryUsed: `${root}/mem_info_vram_used`,
      memoryTotal: `${root}/mem_info_vram_total`,
      temperature: hwmon("temp1_input"),
      power: hwmon("power1_average", "power1_input"),
    };
  }
  if (gpu.driver === "xe")
    return { idleMs: `${root}/tile0/gt0/gtidle/idle_residency_ms`, temperature: hwmon("temp2_input") };
  return {
    temperature: hwmon("temp1_input"),
    ...(card
      ? { idleMs: `${root}/drm/${card}/gt/gt0/rc6_residency_ms`, memoryTotal: `${root}/drm/${card}/lmem_total_bytes` }
      : {}),
  };
}

/** Files to read for one card, in one go; some will not be there. */
export const telemetryReadPaths = (gpu: GpuDevice, names: TelemetryNames): string[] =>
  gpu.vendor === "amd" || gpu.vendor === "intel" ? Object.values(filesOf(gpu, names)).flat() : [];

/** The idle counter of a sample, to take the next one's difference from. */
export type IdleSample = { atMs: number; idleMs: number };

const numberIn = (contents: ReadonlyMap<string, string>, paths: readonly (string | undefined)[]): number | null => {
  for (const path of paths) {
    const text = path === undefined ? undefined : contents.get(path)?.trim();
    if (text !== undefined && /^-?\d{1,18}$/.test(text)) return Number(text);
  }
  return null;
};

const scaled = (value: number | null, divisor: number): number | null => (value === null ? null : value / divisor);
const percent = (value: number): number => Math.min(100, Math.max(0, value));

/** Intel counts the time that the GPU sleeps; what is left of the interval is its load, roughly. */
function busyFromIdle(idleMs: number | null, atMs: number, before: IdleSample | null): number | null {
  if (idleMs === null || !before || atMs <= before.atMs || idleMs < before.idleMs) return null;
  return percent(100 * (1 - (idleMs - before.idleMs) / (atMs - before.atMs)));
}

/** Nothing is known of a card's load, and why. */
export const unavailableTelemetry = (pciAddress: string, reason: string): GpuTelemetry => ({
  pciAddress,
  utilizationPercent: null,
  memoryUsedBytes: null,
  memoryTotalBytes: null,
  temperatureCelsius: null,
  powerWatts: null,
  unavailableReason: reason,
});

const courseLength = 60;

/** New readings with the courses of the cards so far. Pure. */
export const withCourse = (before: readonly GpuCourse[], readings: readonly GpuTelemetry[]): GpuCourse[] =>
  readings.map((reading) => {
    const known = before.find(({ pciAddress }) => pciAddress === reading.pciAddress)?.useHistory ?? [];
    return { ...reading, useHistory: [...known, reading.utilizationPercent].slice(-courseLength) };
  });

/** How far the reading of a node's cards has come, where nothing is known of one of them. */
export type TelemetryState = "off" | "unreachable" | "no-cluster" | "awaited";

const stateWords: Record<TelemetryState, string> = {
  off: "Reading it takes the Talos role os:admin, so it is off until ICHOR_GPU_TELEMETRY is set to on.",
  unreachable: "The node does not answer.",
  "no-cluster": "A machine in maintenance mode does not let its files be read.",
  awaited: "It has not been read yet.",
};

/** One entry per card: what was read of it, else the reason why nothing is known. Pure. */
export const telemetryOfAll = (
  gpus: readonly GpuDevice[],
  known: readonly GpuCourse[],
  state: TelemetryState,
): GpuCourse[] =>
  gpus.map(
    (gpu) =>
      known.find(({ pciAddress }) => pciAddress === gpu.pciAddress) ?? {
        ...unavailableTelemetry(gpu.pciAddress, unavailable[gpu.vendor] ?? stateWords[state]),
        useHistory: [],
      },
  );

const unavailable: Record<GpuDevice["vendor"], string | null> = {
  nvidia: "NVIDIA's driver tells its load through its own library only: install dcgm-exporter in the cluster.",
  other: "This kind of card tells nothing of its load.",
  amd: null,
  intel: null,
};

/**
 * A card's load from the files that were read (path → content; absent files are absent). What is not known is null with a
 * reason, never 0. Intel's load needs the sample before. Pure.
 */
export function telemetryFrom(
  gpu: GpuDevice,
  names: TelemetryNames,
  contents: ReadonlyMap<string, string>,
  { atMs, before = null }: { atMs: number; before?: IdleSample | null },
): { telemetry: GpuTelemetry; sample: IdleSample | null } {
  const files = filesOf(gpu, names);
  const reason = unavailable[gpu.vendor];
  const read = (...paths: (string | undefined)[]) => (reason === null ? numberIn(contents, paths) : null);
  const idleMs = read(files.idleMs);
  const busy = read(files.busyPercent);
  const telemetry = {
    pciAddress: gpu.pciAddress,
    utilizationPercent: busy === null ? busyFromIdle(idleMs, atMs, before) : percent(busy),
    memoryUsedBytes: read(files.memoryUsed),
    memoryTotalBytes: read(files.memoryTotal),
    // Millidegrees and microwatts.
    temperatureCelsius: scaled(read(...(files.temperature ?? [])), 1000),
    powerWatts: scaled(read(...(files.power ?? [])), 1_000_000),
  };
  const silent = Object.values(telemetry).every((value) => value === null || typeof value === "string");
  const why = silent && idleMs === null ? "The driver tells nothing of this card's load." : null;
  return {
    telemetry: { ...telemetry, unavailableReason: reason ?? why },
    sample: idleMs === null ? null : { atMs, idleMs },
  };
}
