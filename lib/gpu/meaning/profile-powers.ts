import { builtInProfiles } from "../profiles";
import type { GpuProfile } from "../profile-schema";
import { isPlainName, powerOfArg, readKernelArg } from "./kernel-args";
import { powerOfSysctl } from "./sysctls";

/** Something that only an administrator may decide: what it is, without any value, and what it does. */
export type Power = { what: string; does: string };

/** `Kernel argument init runs another program …`: one sentence, without values, which may be secrets. */
export const powerSentence = ({ what, does }: Power): string => `${what} ${does}.`;

/** Drivers of GPUs and what they stand on, all built and signed by Sidero Labs with the release (siderolabs/extensions, drivers/). */
const gpuModules =
  /^(?:nvidia|nvidia[_-](?:uvm|drm|modeset|peermem|fs)|gdrdrv|amdgpu|amdxcp|radeon|i915|xe|nouveau|ttm|drm|drm_\w{1,40}|mei|mei_\w{1,20}|tenstorrent|habanalabs|habanalabs_\w{1,20}|intel_vpu|amdxdna|gasket|apex|vfio|vfio_pci|vfio_pci_core|vfio_iommu_type1)$/i;

/** An extension that Sidero Labs builds; a private factory may have a path in front. */
const officialExtension = /^(?:[a-z0-9][a-z0-9._-]{0,62}\/){0,3}siderolabs\/[a-z0-9][a-z0-9._-]{0,80}$/;

/** A name may be where a secret was put. */
export const shownName = (text: string): string => {
  const words = text.split(/[/-]/);
  return text.length <= 60 && words.every(isPlainName) ? text : "of an unusual name";
};

export function powerOfExtension(name: string): Power | null {
  if (officialExtension.test(name)) return null;
  return {
    what: `Extension ${shownName(name)}`,
    does: "is not one of Sidero Labs', and runs with all rights on the machine",
  };
}

export function powerOfKernelArg(arg: string): Power | null {
  const does = powerOfArg(arg);
  return does === null ? null : { what: `Kernel argument ${shownName(readKernelArg(arg).name)}`, does };
}

function powersOfModule({ name, parameters }: GpuProfile["kernelModules"][number]): (Power | null)[] {
  return [
    gpuModules.test(name)
      ? null
      : { what: `Kernel module ${shownName(name)}`, does: "is no driver of a GPU, and runs inside the kernel" },
    ...parameters.map((parameter) => {
      const does = powerOfArg(`${name}.${parameter}`);
      return does === null
        ? null
        : { what: `Parameter ${shownName(readKernelArg(parameter).name)} of ${shownName(name)}`, does };
    }),
  ];
}

const builtInInstalls = new Set(builtInProfiles.flatMap(({ addOns }) => addOns.map(({ install }) => install)));

/**
 * Everything in a profile that gives more power over machines than operators have. Empty for every built-in one. Pure.
 */
export function powersOfProfile(profile: Omit<GpuProfile, "id">): Power[] {
  const found: (Power | null)[] = [
    ...profile.extensions.map(({ name }) => powerOfExtension(name)),
    ...profile.kernelModules.flatMap(powersOfModule),
    ...profile.sysctls.map(({ key, value }) => {
      const does = powerOfSysctl(key, value);
      return does === null ? null : { what: `Sysctl ${shownName(key)}`, does };
    }),
    ...profile.kernelArgs.map(({ arg }) => powerOfKernelArg(arg)),
    ...profile.addOns.map(({ id, install }) =>
      builtInInstalls.has(install)
        ? null
        : {
            what: `Add-on ${shownName(id)}`,
            does: "has people run a command against the cluster that is none of the built-in profiles'",
          },
    ),
  ];
  return found.filter((power) => power !== null);
}
