import { createTwoFilesPatch } from "diff";
import { atLeast } from "../factory/releases";
import { ApplyRefused, type ApplyMode, type ApplyOptions, type ApplyOutcome, type ApplyResult } from "./apply-result";
import { applyToSmallApi, leaveMaintenance } from "./apply-maintenance";
import { smallMaintenanceApi } from "./boot";
import { checkConfig } from "./config-check";
import { configFacts, InvalidConfig } from "./config-facts";
import { needsReboot } from "./live-config";
import type { SimNode } from "./node";
import { reboot } from "./power";
import { publishConfig } from "./publish-config";
import { takeConfig } from "./take-config";

const withoutReboot = "Applied configuration without a reboot";
const immediateRefusal = "this config change can't be applied in immediate mode";

function configDiff(before: string, after: string): string {
  if (before === after) return "Config diff:\n\nNo changes.";
  const patch = createTwoFilesPatch("a", "b", before, after, undefined, undefined, { context: 3 });
  return `Config diff:\n\n${patch.split("\n").slice(1).join("\n")}`;
}

/** A duration as Go writes it, of whole seconds: `1m0s`. */
function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const tail = `${seconds % 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${tail}`;
  return minutes > 0 ? `${minutes}m${tail}` : tail;
}

/** How it is done, and what is said of it: AUTO decides, and REBOOT is gone since 1.14 (v1alpha1_server.go 183-322). */
function decide(node: SimNode, text: string, mode: ApplyMode): { mode: ApplyMode; details: string } {
  const modern = atLeast(node.running.release, "1.14.0");
  const asked = mode === "reboot" && node.maintenance ? "no-reboot" : mode;
  if (asked === "staged") return { mode: asked, details: "Staged configuration to be applied after the next reboot" };
  if (asked === "reboot") {
    if (!modern) return { mode: asked, details: "Applied configuration with a reboot" };
    throw new ApplyRefused(
      "unimplemented",
      "the REBOOT mode is not supported, please use AUTO or NO_REBOOT modes instead",
    );
  }
  if (!modern && !node.maintenance && needsReboot(node.configText ?? "", text)) {
    if (asked !== "auto") throw new ApplyRefused("invalid-argument", immediateRefusal);
    return { mode: "reboot", details: `Applied configuration with a reboot: ${immediateRefusal}` };
  }
  return { mode: asked === "auto" ? "no-reboot" : asked, details: withoutReboot };
}

/** ApplyConfiguration. Throws InvalidConfig and ApplyRefused; `after` is what happens once the caller has its answer. */
export function applyConfiguration(node: SimNode, text: string, mode: ApplyMode, options: ApplyOptions): ApplyResult {
  if (smallMaintenanceApi(node)) return applyToSmallApi(node, text, mode, options);
  if (mode !== "try") endTrial(node);
  const warnings = checkConfig(text, node.running.release);
  return { ...applyChecked(node, text, mode, options), warnings };
}

function applyChecked(node: SimNode, text: string, mode: ApplyMode, options: ApplyOptions): ApplyOutcome {
  const facts = configFacts(text);
  if (!node.maintenance && !facts.hasV1Alpha1)
    throw new InvalidConfig(
      "the applied machine configuration doesn't contain v1alpha1 config, did you mean to patch the machine config instead?",
    );
  const { mode: effective, details } = decide(node, text, mode);
  if (options.dryRun)
    return {
      mode: effective,
      details: `Dry run summary:\n${details} (skipped in dry-run).\n${configDiff(node.configText ?? "", text)}`,
      after: null,
    };
  if (node.maintenance && effective !== "staged")
    return { mode: effective, details, after: () => leaveMaintenance(node, text, facts) };
  switch (effective) {
    case "reboot":
      node.disk.config = text;
      publishConfig(node);
      return { mode: effective, details, after: () => reboot(node, "default", "", true) };
    case "staged":
      node.disk.config = text;
      publishConfig(node);
      return { mode: effective, details, after: null };
    case "try": {
      const until = goDuration(options.tryTimeoutMs);
      return {
        mode: effective,
        details: `${details}\nThe config is applied in 'try' mode and will be automatically reverted back in ${until}`,
        after: () => tryConfig(node, text, options.tryTimeoutMs),
      };
    }
    default:
      node.disk.config = text;
      takeConfig(node, text);
      return { mode: effective, details, after: null };
  }
}

/** Any other apply makes a config on trial final, or replaces it. */
function endTrial(node: SimNode): void {
  node.trial?.abort();
  node.trial = null;
}

async function tryConfig(node: SimNode, text: string, timeoutMs: number): Promise<void> {
  endTrial(node);
  const previous = node.configText;
  const trial = new AbortController();
  node.trial = trial;
  takeConfig(node, text);
  await node.wait(timeoutMs);
  if (!trial.signal.aborted && previous !== null) takeConfig(node, previous);
}
