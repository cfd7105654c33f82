import { parseInstallerRef } from "../factory/image-ref";
import { joinCluster } from "../cluster/join";
import { ApplyRefused, type ApplyMode, type ApplyOptions, type ApplyResult } from "./apply-result";
import { boot } from "./boot";
import { checkConfig } from "./config-check";
import { configFacts, InvalidConfig, type ConfigFacts } from "./config-facts";
import { runInstaller } from "./install";
import type { SimNode } from "./node";
import { cycle, runSequence } from "./power";
import { announceStage } from "./readiness";
import { taskEvent } from "./run-sequence";
import { installPhases } from "./sequences";

/** The maintenance service of Talos 1.12 and older: its own words, and its answer says nothing of the mode (maintenance/server.go). */
export function applyToSmallApi(node: SimNode, text: string, mode: ApplyMode, { dryRun }: ApplyOptions): ApplyResult {
  if (mode === "no-reboot" || mode === "staged")
    throw new ApplyRefused(
      "unimplemented",
      `apply configuration --mode='${mode}' is not supported in maintenance mode`,
    );
  let facts: ConfigFacts;
  try {
    checkConfig(text, node.running.release);
    facts = configFacts(text);
  } catch (error) {
    if (error instanceof InvalidConfig) throw new ApplyRefused("unknown", `failed to parse config: ${error.message}`);
    throw error;
  }
  const details = dryRun ? "Dry run summary:\nNode is running in maintenance mode and does not have a config yet." : "";
  return { mode: "reboot", details, after: dryRun ? null : () => leaveMaintenance(node, text, facts) };
}

/** A machine in maintenance mode got its config: it installs what the config names, reboots, and joins its cluster. */
export async function leaveMaintenance(node: SimNode, text: string, facts: ConfigFacts): Promise<void> {
  await node.wait(300);
  const ref = facts.installImage === null ? null : parseInstallerRef(facts.installImage);
  const schematic = ref ? node.world.schematics.get(ref.schematicId) : undefined;
  if (ref && !schematic) {
    node.kmsg(`[talos] install failed: failed to pull image "${facts.installImage}": not found`, "user", "err");
    return boot(node, { instant: false });
  }
  const release = node.running.release;
  taskEvent(node, "runningMaintenance", "stop");
  announceStage(node, "booting");
  await runSequence(node, "install", installPhases(release), "", {
    during: async (phase) => {
      if (phase.name !== "install" || node.installed) return;
      await runInstaller(
        node,
        { release: ref?.tag ?? release, schematicId: ref?.schematicId ?? node.running.schematicId },
        (event) => {
          if (event.kind === "line") node.kmsg(`[talos] ${event.text}`, "user", "warning");
        },
      );
    },
  });
  await joinCluster(node, text);
  return cycle(node);
}
