import type { GpuProfile } from "./profile-schema";
import type { GpuDevice } from "./schema";
import { inRange } from "./talos-release";

export type NodeHardware = { gpus: readonly GpuDevice[] | null; nvSwitch?: boolean };

/** The extensions of profiles on one Talos minor, as the node's hardware asks for them: sorted, without repeats. */
export function extensionsForNode(
  profiles: readonly GpuProfile[],
  minor: number,
  { gpus, nvSwitch }: NodeHardware,
): string[] {
  const discrete = gpus?.some(({ generation }) => generation === "Alchemist" || generation === "Battlemage") ?? false;
  const holds = { always: true, nvswitch: nvSwitch === true, "intel-discrete": discrete };
  const names = profiles
    .flatMap((profile) => profile.extensions)
    .filter(({ talos, when }) => inRange(minor, talos) && holds[when])
    .map(({ name }) => name);
  return [...new Set(names)].sort();
}

/** Kernel modules that must be live for a profile: those it loads, else the one that udev loads by itself. */
export function expectedModules({ driver, kernelModules }: GpuProfile, minor: number): string[] {
  const loaded = kernelModules.filter(({ talos }) => inRange(minor, talos)).map(({ name }) => name);
  if (loaded.length > 0) return loaded;
  return driver.kind === "none" ? [] : [driver.kind];
}

/** Kubernetes resources that a profile's add-ons make allocatable on one Talos minor. */
export const expectedResources = (profile: GpuProfile, minor: number): string[] => [
  ...new Set(profile.addOns.filter(({ talos }) => inRange(minor, talos)).flatMap(({ resources }) => resources)),
];
