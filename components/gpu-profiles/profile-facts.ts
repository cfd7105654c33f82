import { driverBranch, driverVersionText } from "@/lib/gpu/driver-branches";
import type { GpuProfile } from "@/lib/gpu/profile-schema";
import { firstKnownMinor, inRange, lastKnownMinor } from "@/lib/gpu/talos-release";

export type ReleaseFacts = {
  /** `1.14` */
  release: string;
  exists: boolean;
  extensions: string[];
  modules: string[];
  sysctls: string[];
  kernelArgs: string[];
  driver: string | null;
};

/** What a profile comes to on each Talos minor, newest first. Whether a given node may have it is `resolveProfiles`' to say. */
export function profilePerRelease(profile: GpuProfile): ReleaseFacts[] {
  const rows: ReleaseFacts[] = [];
  for (let minor = lastKnownMinor; minor >= firstKnownMinor; minor--) {
    const { driver } = profile;
    const branch = driver.kind === "nvidia" ? driverBranch(`1.${minor}`, driver.channel) : null;
    rows.push({
      release: `1.${minor}`,
      exists: inRange(minor, profile.talos),
      extensions: profile.extensions
        .filter(({ talos, when }) => when === "always" && inRange(minor, talos))
        .map(({ name }) => name),
      modules: profile.kernelModules.filter(({ talos }) => inRange(minor, talos)).map(({ name }) => name),
      sysctls: profile.sysctls.filter(({ talos }) => inRange(minor, talos)).map(({ key, value }) => `${key}=${value}`),
      kernelArgs: profile.kernelArgs.filter(({ talos }) => inRange(minor, talos)).map(({ arg }) => arg),
      driver: branch && driverVersionText(branch),
    });
  }
  return rows;
}

const vendorNames: Record<GpuProfile["vendor"], string> = {
  nvidia: "NVIDIA",
  amd: "AMD",
  intel: "Intel",
  other: "Other",
  none: "None",
};
export const vendorName = (profile: GpuProfile): string => vendorNames[profile.vendor];
