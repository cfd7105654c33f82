import { parseTalosRelease } from "@/lib/gpu/talos-release";
import { compareVersions, isPreRelease, isStable } from "./release-order";

/** The newest release that is no pre-release; null where none is known. */
export const newestStable = (releases: readonly string[]): string | null =>
  releases.filter(isStable).sort(compareVersions).at(-1) ?? null;

export type MarkedRelease = {
  tag: string;
  /** `newest`, `patch`, `next minor`, `2 minors ahead`, `downgrade`, `pre-release`… */
  marks: string[];
  /** No chosen node can go there. */
  downgrade: boolean;
};

/** What a release is to nodes that run `running` (one version or several). */
function stepMark(tag: string, running: readonly string[]): string | null {
  const [lowest] = [...running].sort(compareVersions);
  if (lowest === undefined) return null;
  const behind = running.filter((version) => compareVersions(version, tag) > 0).length;
  if (behind === running.length) return "downgrade";
  if (behind > 0) return "downgrade for some";
  if (running.every((version) => compareVersions(version, tag) === 0)) return "runs now";
  const minors = (parseTalosRelease(tag)?.minor ?? 0) - (parseTalosRelease(lowest)?.minor ?? 0);
  if (minors === 0) return "patch";
  return minors === 1 ? "next minor" : `${minors} minors ahead`;
}

/** Releases for a picker, newest first, each with what it is to the chosen nodes. Pure. */
export function markReleases(releases: readonly string[], running: readonly (string | null)[]): MarkedRelease[] {
  const newest = newestStable(releases);
  const versions = [...new Set(running.filter((version) => version !== null))];
  return [...releases]
    .sort((a, b) => compareVersions(b, a))
    .map((tag) => {
      const step = stepMark(tag, versions);
      const marks = [
        ...(tag === newest ? ["newest"] : []),
        ...(isPreRelease(tag) ? ["pre-release"] : []),
        ...(step === null ? [] : [step]),
      ];
      return { tag, marks, downgrade: step === "downgrade" };
    });
}
