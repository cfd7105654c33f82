import { driverBranch, type DriverBranch } from "./driver-branches";
import { nvidiaSupportOf } from "./generation";
import type { GpuProfile, ProfileDriver, Refusal } from "./profile-schema";
import type { GpuDevice } from "./schema";

export type NvidiaDriver = Extract<ProfileDriver, { kind: "nvidia" }>;

const generationName = (gpu: GpuDevice): string => {
  if (gpu.chip && gpu.generation) return `${gpu.chip} is ${gpu.generation}`;
  return gpu.generation
    ? `${gpu.model} is ${gpu.generation}`
    : `${gpu.model} (${gpu.vendorId}:${gpu.deviceId}) is unknown`;
};

/**
 * Why one NVIDIA driver cannot drive one NVIDIA card, or null when it can. Sources: `nvidiaSupport` in generation.ts,
 * `driver-branches.ts`.
 */
export function nvidiaMismatch(gpu: GpuDevice, driver: NvidiaDriver, branch: DriverBranch | null): Refusal | null {
  const support = nvidiaSupportOf(gpu);
  if (driver.flavour === "open" && support.open === "unsupported") {
    return {
      rule: "generation-not-open",
      message: `${generationName(gpu)}: the open kernel modules support Turing and newer only.`,
    };
  }
  if (driver.flavour === "proprietary" && support.open === "required" && gpu.chip !== "GB10") {
    return {
      rule: "generation-open-only",
      message: `${generationName(gpu)}: it works with the open kernel modules only.`,
    };
  }
  if (!branch) return null;
  if (support.lastBranch !== null && branch.branch > support.lastBranch) {
    return {
      rule: "generation-dropped",
      message: `${generationName(gpu)}: the ${branch.branch} driver does not support it any more, R${support.lastBranch} is the last branch that does.`,
    };
  }
  if (branch.branch < support.firstBranch) {
    return {
      rule: "generation-too-new",
      message: `${generationName(gpu)}: the ${branch.branch} driver does not know it yet, it needs R${support.firstBranch} or newer.`,
    };
  }
  return null;
}

/** True where an NVIDIA driver of this Talos release can drive the card. */
export const nvidiaDrives = (gpu: GpuDevice, driver: NvidiaDriver, talosVersion: string): boolean =>
  nvidiaMismatch(gpu, driver, driverBranch(talosVersion, driver.channel)) === null;

/** One driver stack per node: both flavours, and both channels, install the same files. */
export function nvidiaConflicts(profiles: readonly GpuProfile[]): Refusal[] {
  const drivers = profiles.flatMap(({ driver }) => (driver.kind === "nvidia" ? [driver] : []));
  const refusals: Refusal[] = [];
  if (new Set(drivers.map(({ flavour }) => flavour)).size > 1) {
    refusals.push({
      rule: "open-with-proprietary",
      message:
        "The open and the proprietary NVIDIA kernel modules install the same files: a node can have only one of them.",
    });
  }
  if (new Set(drivers.map(({ channel }) => channel)).size > 1) {
    refusals.push({
      rule: "different-channels",
      message:
        "NVIDIA's production and LTS extensions install the same files and their versions must match: a node can have only one channel.",
    });
  }
  return refusals;
}
