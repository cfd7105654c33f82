import { driverBranch, nvidiaChannels } from "./driver-branches";
import { isBeforeKepler, nvidiaSupportOf } from "./generation";
import { xeGenerations } from "./intel-catalogue";
import { type NvidiaDriver, nvidiaDrives } from "./nvidia-rules";
import type { Architecture, GpuSuggestion } from "./profile-schema";
import type { GpuDevice } from "./schema";
import { lastKnownMinor, parseTalosRelease } from "./talos-release";

export type SuggestTarget = { talosVersion: string | null; arch: Architecture };

/** Best first: open modules where they work; for cards that need the proprietary ones, the branch that keeps them longest. */
const nvidiaPreference: readonly NvidiaDriver[] = [
  { kind: "nvidia", flavour: "open", channel: "production" },
  { kind: "nvidia", flavour: "open", channel: "lts" },
  { kind: "nvidia", flavour: "proprietary", channel: "lts" },
  { kind: "nvidia", flavour: "proprietary", channel: "production" },
];

const minorOf = (talosVersion: string | null): number =>
  (talosVersion === null ? null : parseTalosRelease(talosVersion))?.minor ?? lastKnownMinor;

const named = (gpu: GpuDevice): string => {
  const subject = gpu.chip ?? gpu.model;
  if (gpu.generation) return `${subject} is ${gpu.generation}`;
  return gpu.vendor === "nvidia" && isBeforeKepler(gpu)
    ? `${subject} is older than Kepler`
    : `${subject} is not in the catalogue`;
};

function noNvidiaDriver(gpu: GpuDevice, minor: number): string {
  const { lastBranch, firstBranch } = nvidiaSupportOf(gpu);
  const branches = nvidiaChannels.map((channel) => driverBranch(`1.${minor}`, channel)?.branch).join(" and ");
  if (lastBranch !== null && lastBranch < 535) {
    return `${named(gpu)}: no driver branch after R${lastBranch} supports it, and no Talos release from 1.9 on carries one that old.`;
  }
  return `${named(gpu)}: it needs driver R${firstBranch} or newer, and Talos 1.${minor} carries ${branches}. Upgrade Talos first.`;
}

function nvidiaReason(gpu: GpuDevice, driver: NvidiaDriver, minor: number): string {
  const profile = `nvidia-${driver.flavour}-${driver.channel}`;
  const support = nvidiaSupportOf(gpu);
  if (support.open === "unsupported") {
    return `${named(gpu)}: the open modules and the ${(support.lastBranch ?? 580) + 10}+ branches do not support it, so it needs ${profile}.`;
  }
  const spark = gpu.chip === "GB10" ? " DGX Spark is experimental: sources disagree on its driver." : "";
  const production = driverBranch(`1.${minor}`, "production");
  if (driver.channel === "lts" && production) {
    return `${named(gpu)}: the production branch of Talos 1.${minor} (${production.branch}) is too old for it, so it needs ${profile}.${spark}`;
  }
  if (support.open === "required")
    return `${named(gpu)}: only the open modules drive it, so it needs ${profile}.${spark}`;
  return `${named(gpu)}: the open modules support it, so ${profile} fits.`;
}

/** One driver for all NVIDIA cards of a node, since a node can carry only one. */
function suggestNvidia(gpus: readonly GpuDevice[], target: SuggestTarget): GpuSuggestion {
  const minor = minorOf(target.talosVersion);
  const drives = (driver: NvidiaDriver, gpu: GpuDevice) => nvidiaDrives(gpu, driver, `1.${minor}`);
  const driver = nvidiaPreference.find((one) => gpus.every((gpu) => drives(one, gpu)));
  if (driver) {
    // The card that narrows the choice most explains it.
    const telling = gpus.find((gpu) => nvidiaSupportOf(gpu).open !== "supported") ?? gpus[0];
    if (telling) {
      return { profileId: `nvidia-${driver.flavour}-${driver.channel}`, reason: nvidiaReason(telling, driver, minor) };
    }
  }
  const hopeless = gpus.find((gpu) => !nvidiaPreference.some((one) => drives(one, gpu)));
  if (hopeless) return { profileId: null, reason: noNvidiaDriver(hopeless, minor) };
  const cards = [...new Set(gpus.map(named))].join(", ");
  return {
    profileId: null,
    reason: `${cards}: no single NVIDIA driver of Talos 1.${minor} drives them all, and a node can carry only one.`,
  };
}

function suggestOther(gpu: GpuDevice, { talosVersion, arch }: SuggestTarget): GpuSuggestion {
  const minor = minorOf(talosVersion);
  if (gpu.vendor === "other") {
    return {
      profileId: null,
      reason: `${gpu.model}: there is no built-in profile for it; a custom profile can carry its extension.`,
    };
  }
  if (arch === "arm64") {
    const driver = gpu.vendor === "amd" ? "amdgpu" : "i915 and xe";
    return {
      profileId: null,
      reason: `${named(gpu)}: Talos has ${driver} for amd64 only, on arm64 the extension is empty.`,
    };
  }
  if (gpu.generation === null) {
    const driver = gpu.vendor === "amd" ? "amdgpu" : "i915 or xe";
    const profiles = gpu.vendor === "amd" ? "amd" : "intel-i915 or intel-xe";
    return {
      profileId: null,
      reason: `${gpu.model} (${gpu.vendorId}:${gpu.deviceId}) is not in the catalogue: whether ${driver} drives it is not known. If it does, assign ${profiles} by hand.`,
    };
  }
  if (gpu.vendor === "amd") {
    return gpu.chip === "Strix Halo"
      ? {
          profileId: "amd-strix-halo",
          reason: "Strix Halo shares the system's memory: amd-strix-halo lets its GPU use up to 128 GiB of it.",
        }
      : { profileId: "amd", reason: `${named(gpu)}: the amdgpu driver supports it, so amd fits.` };
  }
  if (gpu.generation === "Ponte Vecchio") {
    return {
      profileId: null,
      reason: `${gpu.model}: the kernel binds it only with xe.force_probe; a custom profile can set that.`,
    };
  }
  if (!xeGenerations.includes(gpu.generation)) {
    return { profileId: "intel-i915", reason: `${named(gpu)}: the kernel binds it to i915, so intel-i915 fits.` };
  }
  return minor < 12
    ? {
        profileId: null,
        reason: `${named(gpu)}: it needs the xe driver, which Talos has from 1.12 on. Upgrade Talos first.`,
      }
    : { profileId: "intel-xe", reason: `${named(gpu)}: the kernel binds it to xe, so intel-xe fits.` };
}

/** The built-in profile for one GPU, with the reason in one sentence. */
export const suggestForGpu = (gpu: GpuDevice, target: SuggestTarget): GpuSuggestion =>
  gpu.vendor === "nvidia" ? suggestNvidia([gpu], target) : suggestOther(gpu, target);

export type NodeSuggestion = {
  /** Built-in profiles to assign together, without repeats; empty where none fits. */
  profileIds: string[];
  /** One sentence per distinct decision, first the ones that picked a profile. */
  reason: string;
};

/** The built-in profiles for all GPUs of a node: one for its NVIDIA cards, one per other driver. Null without GPUs. */
export function suggestForNode(gpus: readonly GpuDevice[], target: SuggestTarget): NodeSuggestion | null {
  if (gpus.length === 0) return null;
  const nvidia = gpus.filter(({ vendor }) => vendor === "nvidia");
  const suggestions = [
    ...(nvidia.length > 0 ? [suggestNvidia(nvidia, target)] : []),
    ...gpus.filter(({ vendor }) => vendor !== "nvidia").map((gpu) => suggestOther(gpu, target)),
  ];
  const profileIds = new Set(suggestions.flatMap(({ profileId }) => profileId ?? []));
  // Strix Halo's profile is amd's with more kernel arguments.
  if (profileIds.has("amd-strix-halo")) profileIds.delete("amd");
  const ordered = [...suggestions].sort((a, b) => Number(a.profileId === null) - Number(b.profileId === null));
  return { profileIds: [...profileIds], reason: [...new Set(ordered.map(({ reason }) => reason))].join(" ") };
}
