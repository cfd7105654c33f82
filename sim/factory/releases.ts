import semver from "semver";
import catalogue from "./catalogue.json";

/** Releases that the simulated Image Factory can build, ascending, with their `v`. */
export const releases: readonly string[] = catalogue.releases;

const firstRelease: Readonly<Record<string, string>> = catalogue.extensions;

/** Is release `a` (`v1.14.0` or `1.14.0`) the same as or newer than `b`? Pre-releases count as their release. */
export function atLeast(a: string, b: string): boolean {
  const left = semver.coerce(a);
  const right = semver.coerce(b);
  return left !== null && right !== null && semver.gte(left, right);
}

/** `v1.14.0` → `1.14`. */
export function minorOf(release: string): string {
  const parsed = semver.coerce(release);
  return parsed ? `${parsed.major}.${parsed.minor}` : release;
}

/** Official extensions of a release, without their `siderolabs/`, sorted. */
export function officialExtensions(release: string): string[] {
  return Object.entries(firstRelease)
    .filter(([, first]) => atLeast(release, first))
    .map(([name]) => name)
    .sort();
}

type Branch = { lts: string; production: string; toolkit: string };

/** NVIDIA driver branches per Talos minor (siderolabs/extensions nvidia-gpu/vars.yaml on the release branches). */
const nvidiaBranches: Readonly<Record<string, Branch>> = {
  "1.9": { lts: "535.230.02", production: "550.144.03", toolkit: "v1.17.4" },
  "1.10": { lts: "535.247.01", production: "570.148.08", toolkit: "v1.17.7" },
  "1.11": { lts: "535.247.01", production: "570.172.08", toolkit: "v1.17.8" },
  "1.12": { lts: "580.126.20", production: "570.211.01", toolkit: "v1.18.2" },
  "1.13": { lts: "580.178.04", production: "595.91.07", toolkit: "v1.19.1" },
  "1.14": { lts: "580.178.04", production: "595.91.07", toolkit: "v1.19.1" },
};

/** The NVIDIA driver that a release ships on a channel: `595.91.07`. */
export function nvidiaDriver(release: string, channel: "lts" | "production"): string {
  return (nvidiaBranches[minorOf(release)] ?? nvidiaBranches["1.14"])?.[channel] ?? "595.91.07";
}

/** The version in an extension's manifest on a release. */
export function extensionVersion(name: string, release: string): string {
  const channel = name.endsWith("-lts") ? "lts" : "production";
  const driver = nvidiaDriver(release, channel);
  if (name.startsWith("nvidia-open-gpu-kernel-modules-") || name.startsWith("nonfree-kmod-nvidia-"))
    return `${driver}-${release}`;
  if (name.startsWith("nvidia-container-toolkit-"))
    return `${driver}-${nvidiaBranches[minorOf(release)]?.toolkit ?? "v1.19.1"}`;
  if (name.startsWith("nvidia-fabricmanager-")) return driver;
  if (name === "amdgpu" || name === "amd-ucode" || name === "i915" || name === "xe") return "20260810";
  if (name === "intel-ucode") return "20260512";
  return release;
}

const kernels: Readonly<Record<string, string>> = {
  "1.9": "6.12.18",
  "1.10": "6.12.31",
  "1.11": "6.12.57",
  "1.12": "6.18.29",
  "1.13": "6.18.44",
  "1.14": "6.18.51",
};
export const kernelOf = (release: string): string => `${kernels[minorOf(release)] ?? "6.18.51"}-talos`;
