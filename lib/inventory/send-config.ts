import type { TalosClient } from "@/lib/talos/client";
import type { ApplyMode, ApplyRequest } from "@/lib/talos/control";
import { isTalosError } from "@/lib/talos/errors";
import { redactText } from "@/lib/machine-config/redact-text";
import type { ConfigPlan } from "./config-plan";

/** A node's answer to a config, without the config's secrets. */
export type ConfigAnswer = { mode: ApplyMode; details: string; warnings: string[] };

const maxDetails = 100_000;

/**
 * Sends a planned config, or has it judged only (`dryRun`). What the node says of it (a diff, a reason) may quote its secrets:
 * they are taken out here, from the answer and from a refusal alike.
 * @throws TalosError
 */
export async function sendConfig(
  client: TalosClient,
  { before, after }: ConfigPlan,
  request: Omit<ApplyRequest, "config">,
): Promise<ConfigAnswer> {
  const redact = (text: string) => redactText(text, [before, after]);
  try {
    const { mode, modeDetails, warnings } = await client.applyConfiguration({ ...request, config: after });
    return { mode, details: redact(modeDetails).slice(0, maxDetails), warnings: warnings.map(redact) };
  } catch (error) {
    throw isTalosError(error) ? error.rewritten(redact) : error;
  }
}
