import "server-only";
import { setMaxListeners } from "node:events";
import { AppError, errorMessage } from "@/lib/core/errors";
import { env } from "@/lib/core/env";
import { installerImage } from "@/lib/image-factory/asset-urls";
import { type GatherOptions, gatherFacts } from "./facts/gather";
import { liveSources } from "./facts/sources";
import { planUpgrade } from "./plan";
import type { InstallerReference, PlanFacts } from "./plan-facts";
import type { PlanInput, UpgradePlan } from "./schema";

/** The factory of the settings, as the nodes pull from it. */
export const installerOfFactory: InstallerReference = ({ schematicId, version, platform, secureBoot }) =>
  installerImage({
    factoryUrl: env().factoryUrl,
    schematicId,
    talosVersion: version,
    platform,
    secureboot: secureBoot,
  });

const longestMs = 60_000;

/**
 * Plans an upgrade from what is so now, with the facts that it was made from.
 * @throws AppError `unavailable` when it takes more than a minute, or is not wanted any more.
 */
export async function planWithFacts(
  input: PlanInput,
  { signal: wanted, ...options }: Partial<GatherOptions> = {},
): Promise<{ plan: UpgradePlan; facts: PlanFacts }> {
  const timeout = AbortSignal.timeout(longestMs);
  const signal = wanted ? AbortSignal.any([wanted, timeout]) : timeout;
  // Every node of the plan is asked at once.
  setMaxListeners(0, signal);
  try {
    const facts = await gatherFacts(input, liveSources, { fresh: false, freshNodes: false, ...options, signal });
    return { plan: planUpgrade(facts, input, installerOfFactory), facts };
  } catch (error) {
    if (wanted?.aborted) throw new AppError("unavailable", "The plan is not wanted any more.", { cause: error });
    if (!timeout.aborted) throw error;
    throw new AppError("unavailable", `The plan took too long to gather: ${errorMessage(error)}`, {
      hint: "Plan fewer nodes at a time, or look which of them does not answer.",
    });
  }
}

/** As `planWithFacts`, only the plan. */
export const computePlan = async (input: PlanInput, options: Partial<GatherOptions> = {}): Promise<UpgradePlan> =>
  (await planWithFacts(input, options)).plan;
