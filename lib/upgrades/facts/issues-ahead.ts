import { contractOfTalosVersion } from "@/lib/machine-config/schema";
import { validateConfigText } from "@/lib/machine-config/validate";

/**
 * What later releases would refuse of a config, by release, without its values. What is said of the release that runs as well is left out:
 * the node lives with it. Pure.
 */
export function issuesAhead(
  config: string,
  running: string,
  platform: string | null,
  hops: readonly string[],
): Map<string, string[]> {
  const mode = platform === null || platform === "metal" ? "metal" : "cloud";
  const errorsOf = (release: string) =>
    validateConfigText(config, { contract: contractOfTalosVersion(release), release, mode })
      .filter(({ severity }) => severity === "error")
      .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  const lived = new Set(errorsOf(running));
  return new Map(hops.map((hop) => [hop, errorsOf(hop).filter((issue) => !lived.has(issue))]));
}
