import { driverBranch, driverVersionText } from "./driver-branches";
import { judgeDrmDrivers } from "./drm-rules";
import { absentExtensions, extensionConflicts } from "./extension-rules";
import { extensionsForNode } from "./profile-parts";
import { nvidiaConflicts, nvidiaMismatch } from "./nvidia-rules";
import type { Architecture, GpuProfile, ProfileResolution, Refusal, ResolvedModule } from "./profile-schema";
import type { GpuDevice } from "./schema";
import { firstKnownMinor, inRange, lastKnownMinor, parseTalosRelease, rangeText } from "./talos-release";

export type ResolveInput = {
  profiles: readonly GpuProfile[];
  /** `v1.13.4`; without a patch (`1.13`) the newest of that minor is meant. */
  talosVersion: string;
  arch: Architecture;
  /** What the node has; null while its hardware was never seen. */
  gpus: readonly GpuDevice[] | null;
  /** The node has an NVSwitch (`hasNvSwitch`). */
  nvSwitch?: boolean;
  /** The factory's own list for the release, `siderolabs/…`, when it could be asked. */
  availableExtensions?: readonly string[] | undefined;
  /** Kernel arguments of the image beside the profiles' own, where `force_probe` may be; absent where they are not known. */
  kernelArgs?: readonly string[];
};

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

function refuseCombination({ profiles, arch, gpus }: ResolveInput, minor: number): Refusal[] {
  const refusals: Refusal[] = nvidiaConflicts(profiles);
  if (profiles.length > 1 && profiles.some(({ vendor }) => vendor === "none")) {
    refusals.push({ rule: "none-with-others", message: "The profile none cannot be combined with another profile." });
  }
  for (const profile of profiles) {
    if (!inRange(minor, profile.talos)) {
      refusals.push({
        rule: "profile-range",
        message: `The profile ${profile.name} is for Talos ${rangeText(profile.talos)}, not for 1.${minor}.`,
      });
    }
    if (!profile.architectures.includes(arch)) {
      refusals.push({
        rule: "architecture",
        message: `The profile ${profile.name} exists for ${profile.architectures.join(" and ")} only, not for ${arch}.`,
      });
    }
    if (profile.driver.kind === "nvidia" && !gpus?.some(({ vendor }) => vendor === "nvidia")) {
      refusals.push({
        rule: "toolkit-without-gpu",
        message: gpus
          ? `The node has no NVIDIA GPU: with ${profile.name} its boot would hang, waiting for a driver that never binds.`
          : `The node's hardware has not been seen yet: ${profile.name} is only for nodes on which an NVIDIA GPU was seen, since the boot hangs without one.`,
      });
    }
  }
  return refusals;
}

function refuseGenerations({ profiles, talosVersion, gpus }: ResolveInput): Refusal[] {
  return profiles.flatMap(({ driver }) => {
    if (driver.kind !== "nvidia") return [];
    const branch = driverBranch(talosVersion, driver.channel);
    return (gpus ?? [])
      .filter(({ vendor }) => vendor === "nvidia")
      .flatMap((gpu) => nvidiaMismatch(gpu, driver, branch) ?? []);
  });
}

function mergeModules(profiles: readonly GpuProfile[], minor: number, refusals: Refusal[]): ResolvedModule[] {
  const merged = new Map<string, ResolvedModule>();
  for (const { name, parameters, talos } of profiles.flatMap((profile) => profile.kernelModules)) {
    if (!inRange(minor, talos)) continue;
    const before = merged.get(name);
    if (before && before.parameters.join("\n") !== parameters.join("\n")) {
      refusals.push({ rule: "conflicting-module", message: `Two profiles load ${name} with different parameters.` });
    }
    merged.set(name, { name, parameters });
  }
  return [...merged.values()];
}

function mergeSysctls(profiles: readonly GpuProfile[], minor: number, refusals: Refusal[]): Record<string, string> {
  const merged = new Map<string, string>();
  for (const { key, value, talos } of profiles.flatMap((profile) => profile.sysctls)) {
    if (!inRange(minor, talos)) continue;
    const before = merged.get(key);
    if (before !== undefined && before !== value) {
      refusals.push({ rule: "conflicting-sysctl", message: `Two profiles set ${key}: to ${before} and to ${value}.` });
    }
    merged.set(key, value);
  }
  return Object.fromEntries([...merged].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A driver for cards of a vendor of which the node has none, though it has others, is a mistake: nothing of it could be proven. */
function refuseVendors({ profiles, gpus }: ResolveInput): Refusal[] {
  if (!gpus || gpus.length === 0) return [];
  const had = [...new Set(gpus.map(({ model }) => model))].join(", ");
  return profiles
    .filter(({ vendor, driver }) => (vendor === "amd" || vendor === "intel") && driver.kind !== "none")
    .filter((profile) => !gpus.some(({ vendor }) => vendor === profile.vendor))
    .map(({ name, vendor }) => ({
      rule: "vendor-absent" as const,
      message: `The node has no ${vendor === "amd" ? "AMD" : "Intel"} GPU: ${name} drives none of its cards (${had}).`,
    }));
}

/** All kernel arguments that the profiles' drivers will see: the image's own come last, as they do in it. */
function argumentsOf({ profiles, kernelArgs = [] }: ResolveInput, minor: number): string[] {
  const own = profiles.flatMap((profile) => profile.kernelArgs).filter(({ talos }) => inRange(minor, talos));
  return [...own.map(({ arg }) => arg), ...kernelArgs];
}

/** What the built-in rules cannot decide, but a person should know. */
function warningsOf({ profiles, gpus }: ResolveInput, extensions: readonly string[]): string[] {
  const warnings: string[] = [];
  if (gpus?.some(({ chip }) => chip === "GB10")) {
    warnings.push("GB10 (DGX Spark) is experimental: sources disagree on which kernel modules work on it.");
  }
  const vendors = new Set(profiles.map(({ vendor }) => vendor));
  for (const gpu of gpus ?? []) {
    if (profiles.length > 0 && !vendors.has(gpu.vendor) && !vendors.has("none")) {
      warnings.push(`No profile covers ${gpu.model} at ${gpu.pciAddress}.`);
    }
  }
  for (const [vendor, title] of [
    ["amd", "AMD"],
    ["intel", "Intel"],
  ] as const) {
    if (gpus && vendors.has(vendor) && !gpus.some((gpu) => gpu.vendor === vendor)) {
      warnings.push(`The node has no ${title} GPU: ${extensions.length} extensions would be carried for nothing.`);
    }
  }
  return warnings;
}

/**
 * What a set of profiles comes to on one Talos release and node: extensions (sorted), modules, sysctls, kernel arguments
 * and Kubernetes add-ons, or every reason why it cannot be. Pure.
 */
export function resolveProfiles(input: ResolveInput): ProfileResolution {
  const { profiles, talosVersion, availableExtensions } = input;
  const release = parseTalosRelease(talosVersion);
  const known = release && release.minor >= firstKnownMinor && (release.minor <= lastKnownMinor || availableExtensions);
  if (!release || !known) {
    const message = `Talos ${talosVersion} is not a release that Ichor knows: 1.${firstKnownMinor} to 1.${lastKnownMinor} are, and newer ones when the Image Factory can be asked.`;
    return { ok: false, refusals: [{ rule: "unknown-release", message }] };
  }
  const drivers = profiles.map(({ driver }) => driver);
  const drm = judgeDrmDrivers(drivers, input.gpus ?? [], argumentsOf(input, release.minor));
  // Whether an argument is missing can be said only of an image whose arguments are known.
  const needed = input.kernelArgs ? [] : drm.refusals.filter(({ rule }) => rule === "driver-needs-argument");
  const refusals = [
    ...refuseCombination(input, release.minor),
    ...refuseVendors(input),
    ...refuseGenerations(input),
    ...drm.refusals.filter((refusal) => !needed.includes(refusal)),
  ];
  const extensions = extensionsForNode(input.profiles, release.minor, input);
  for (const found of [
    ...extensionConflicts(extensions),
    ...absentExtensions(extensions, talosVersion, availableExtensions),
  ]) {
    if (!refusals.some(({ message }) => message === found.message)) refusals.push(found);
  }
  const kernelModules = mergeModules(profiles, release.minor, refusals);
  const sysctls = mergeSysctls(profiles, release.minor, refusals);
  if (
    extensions.some((name) => name.includes("nvidia-container-toolkit")) &&
    !kernelModules.some(({ name }) => name === "nvidia")
  ) {
    const message = "The NVIDIA container toolkit is there but nothing loads the module nvidia: the boot would hang.";
    refusals.push({ rule: "toolkit-without-modules", message });
  }
  if (refusals.length > 0) return { ok: false, refusals };

  const nvidia = profiles.find(({ driver }) => driver.kind === "nvidia")?.driver;
  const branch = nvidia?.kind === "nvidia" ? driverBranch(talosVersion, nvidia.channel) : null;
  const addOns = profiles.flatMap(({ addOns }) => addOns).filter(({ talos }) => inRange(release.minor, talos));
  return {
    ok: true,
    extensions,
    kernelModules,
    sysctls,
    kernelArgs: unique(
      profiles
        .flatMap(({ kernelArgs }) => kernelArgs)
        .filter(({ talos }) => inRange(release.minor, talos))
        .map(({ arg }) => arg),
    ),
    addOns: [...new Map(addOns.map((addOn) => [addOn.id, addOn])).values()],
    driverVersion: branch ? driverVersionText(branch) : null,
    warnings: [...warningsOf(input, extensions), ...drm.warnings],
  };
}
