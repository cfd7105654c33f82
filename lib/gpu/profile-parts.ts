import { currentExtensionName, renamedExtensions } from "./extension-catalogue";
import { replacedBy } from "./profiles";
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

/** What of a schematic makes way when profiles are assigned. */
export type SchematicParts = { extensions: string[]; kernelArgs: string[] };

/**
 * The parts of a schematic that belong to profiles: to the built-in ones of the new profiles' vendors, to the new ones, and to those that
 * were assigned before, custom ones included. Extensions also by their old names, or a driver would stay beside the one that replaces it.
 */
export function profileParts(next: readonly GpuProfile[], assigned: readonly GpuProfile[]): SchematicParts {
  const all = [...replacedBy(next), ...next, ...assigned];
  const names = new Set(all.flatMap(({ extensions }) => extensions.map(({ name }) => name)));
  const old = Object.keys(renamedExtensions).filter((name) => names.has(currentExtensionName(name)));
  return {
    extensions: [...names, ...old],
    kernelArgs: all.flatMap(({ kernelArgs }) => kernelArgs.map(({ arg }) => arg)),
  };
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
