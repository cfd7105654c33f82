import { parseTalosRelease } from "@/lib/gpu/talos-release";
import { supportsLifecycle } from "@/lib/talos/capabilities";
import { compareVersions, isStable } from "./release-order";

export type HopPlan = { ok: true; hops: string[] } | { ok: false; reason: string };

/** Newest stable release of a minor among those known; null where none is. */
export function latestPatch(minor: number, releases: readonly string[]): string | null {
  const ofMinor = releases.filter((tag) => isStable(tag) && parseTalosRelease(tag)?.minor === minor);
  return ofMinor.sort(compareVersions).at(-1) ?? null;
}

/**
 * The releases to pass through from one to another: one minor at a time, by the newest patch of each. Talos tests only
 * adjacent minors, and its installers refuse more than two (docs "Upgrading Talos", `compatibility/talos_version.go`).
 * A downgrade is refused: machine configs and etcd data do not go back.
 */
export function planHops(from: string, target: string, releases: readonly string[]): HopPlan {
  const start = parseTalosRelease(from);
  const end = parseTalosRelease(target);
  if (!start || !end) return { ok: false, reason: `${start ? target : from} is no release of Talos 1.` };
  const order = compareVersions(from, target);
  if (order === 0) return { ok: true, hops: [target] };
  if (order > 0) return { ok: false, reason: `It runs ${from}; going back to ${target} is not supported.` };
  const hops: string[] = [];
  for (let minor = start.minor + 1; minor < end.minor; minor++) {
    const hop = latestPatch(minor, releases);
    if (!hop)
      return {
        ok: false,
        reason: `The way to ${target} leads through Talos 1.${minor}, of which no release is known.`,
      };
    hops.push(hop);
  }
  return { ok: true, hops: [...hops, target] };
}

/** The five-part upgrade (pull, install, drain, reboot, prove) needs 1.13; before that one call does all of it. */
export const flowOf = (version: string): "lifecycle" | "legacy" =>
  supportsLifecycle(version) ? "lifecycle" : "legacy";

/**
 * Kubernetes minors that a Talos minor supports: six, moving by one each release (support matrix; 1.12: 1.30 to 1.35,
 * 1.13: 1.31 to 1.36, and 1.14 kept 1.32 to 1.37).
 */
export const kubernetesRange = (talosMinor: number): { min: number; max: number } => ({
  min: talosMinor + 18,
  max: talosMinor + 23,
});

/** Whether a Kubernetes version may run on a Talos release, with the sentence to show. */
export function kubernetesFits(kubernetesVersion: string, talosVersion: string): { ok: boolean; sentence: string } {
  const talos = parseTalosRelease(talosVersion);
  const minor = /^v?1\.(\d{1,3})/.exec(kubernetesVersion)?.[1];
  if (!talos || minor === undefined)
    return { ok: false, sentence: `Kubernetes ${kubernetesVersion} cannot be compared.` };
  const { min, max } = kubernetesRange(talos.minor);
  const supports = `Talos 1.${talos.minor} supports Kubernetes 1.${min} to 1.${max}`;
  const fits = Number(minor) >= min && Number(minor) <= max;
  if (fits) return { ok: true, sentence: `${supports}; this cluster runs ${kubernetesVersion}.` };
  const way = Number(minor) < min ? "upgrade Kubernetes first" : "choose a newer Talos";
  return { ok: false, sentence: `${supports}, but this cluster runs ${kubernetesVersion}: ${way}.` };
}
