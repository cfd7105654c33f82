import { currentExtensionName } from "./extension-catalogue";
import { profileParts } from "./profile-parts";
import type { Architecture, GpuProfile } from "./profile-schema";
import { builtInProfiles } from "./profiles";
import { resolveProfiles } from "./resolve";
import type { GpuDevice } from "./schema";

type Found = {
  gpus: readonly GpuDevice[];
  nvSwitch: boolean;
  talosVersion: string;
  arch: Architecture;
  /** Of the schematic that runs. */
  extensions: readonly string[];
  kernelArgs: readonly string[];
};

const sameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name) => other.includes(name));

/** Does the profile ask for exactly those extensions of its vendor that run, and are its kernel arguments among those that run? */
function covers(profile: GpuProfile, found: Found): boolean {
  const { gpus, nvSwitch, talosVersion, arch } = found;
  const resolved = resolveProfiles({ profiles: [profile], gpus, nvSwitch, talosVersion, arch });
  if (!resolved.ok) return false;
  const parts = profileParts([profile], []).extensions;
  const own = [...new Set(found.extensions.filter((name) => parts.includes(name)).map(currentExtensionName))];
  return (
    own.length > 0 &&
    sameSet(resolved.extensions.map(currentExtensionName), own) &&
    resolved.kernelArgs.every((arg) => found.kernelArgs.includes(arg))
  );
}

/**
 * The built-in profiles that cover exactly what a node runs, one for each vendor of its GPUs at most: none where a profile would add or take
 * away anything. Of several, the one whose kernel arguments run as well (`amd-strix-halo` before `amd`). Pure.
 */
export function exactProfiles(found: Found): GpuProfile[] {
  const vendors = [...new Set(found.gpus.map(({ vendor }) => vendor))];
  const exact = vendors.flatMap((vendor) => {
    const candidates = builtInProfiles.filter((profile) => profile.vendor === vendor && covers(profile, found));
    return candidates.sort((a, b) => b.kernelArgs.length - a.kernelArgs.length).slice(0, 1);
  });
  const { gpus, nvSwitch, talosVersion, arch } = found;
  return resolveProfiles({ profiles: exact, gpus, nvSwitch, talosVersion, arch }).ok ? exact : [];
}
