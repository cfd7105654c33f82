import { createBlinder } from "@/lib/machine-config/blind";
import type { ConfigIssue } from "@/lib/machine-config/validate-schema";
import { type ConfigPlan, planConfig } from "./config-plan";

type Texts = {
  active: string;
  /** What lies on disk for the next boot; null where nothing does. */
  staged: string | null;
  /** The one of the two that is patched. */
  base: string;
  intent: readonly string[];
  patches: readonly string[];
};
type BlindPlan = Omit<ConfigPlan, "before" | "staged"> & { before: { active: string; staged: string | null } };

const keyOf = ({ path, message }: ConfigIssue): string => `${path}\n${message}`;

/**
 * Plans a change without its author's patches ever meeting a secret: on texts with made-up secrets (`createBlinder`). What is
 * wrong with the real config is told as well, but judged without these patches. Pure but for the made-up secrets.
 * @throws AppError `invalid-input` naming the patch that is wrong.
 */
export function planBlindly(
  { active, staged, base, intent, patches }: Texts,
  { talosVersion, platform }: { talosVersion: string | null; platform: string | null },
): BlindPlan {
  const blind = createBlinder();
  const blindBase = blind(base);
  const planned = planConfig(blindBase, [...intent, ...patches], talosVersion, platform);
  // Made-up secrets are no certificates: what is wrong with them is not what the patches did.
  const made = new Set(planConfig(blindBase, intent, talosVersion, platform).issues.map(keyOf));
  const real = planConfig(base, intent, talosVersion, platform).issues;
  return {
    ...planned,
    before: { active: blind(active), staged: staged === null ? null : blind(staged) },
    issues: [...real, ...planned.issues.filter((issue) => !made.has(keyOf(issue)))],
  };
}
