import type { TalosClient } from "@/lib/talos/client";
import type { ApplyMode, ApplyRequest } from "@/lib/talos/control";
import { isTalosError } from "@/lib/talos/errors";
import { textRedactor } from "@/lib/machine-config/redact-text";
import type { ConfigPlan } from "./config-plan";

/** A node's answer to a config, without the config's secrets. */
export type ConfigAnswer = { mode: ApplyMode; details: string; warnings: string[] };

const maxDetails = 100_000;

/** Cut between lines, and before secrets are looked for: half of one would not be found. */
const capped = (text: string): string =>
  text.length <= maxDetails ? text : `${text.slice(0, text.lastIndexOf("\n", maxDetails) + 1)}…`;

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
  const redact = textRedactor([before, after]);
  try {
    const { mode, modeDetails, warnings } = await client.applyConfiguration({ ...request, config: after });
    return { mode, details: redact(capped(modeDetails)), warnings: warnings.map(redact) };
  } catch (error) {
    throw isTalosError(error) ? error.rewritten(redact) : error;
  }
}
