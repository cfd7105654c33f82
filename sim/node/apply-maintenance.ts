import { sleep } from "@/lib/core/time";
import { runDetached } from "../clock";
import { parseInstallerRef } from "../factory/image-ref";
import { holdCri } from "./services";
import { joinCluster } from "../cluster/join";
import { ApplyRefused, type ApplyMode, type ApplyOptions, type ApplyResult } from "./apply-result";
import { boot, runBoot } from "./boot";
import { checkConfig } from "./config-check";
import { configFacts, InvalidConfig, type ConfigFacts } from "./config-facts";
import { runInstaller } from "./install";
import type { SimNode } from "./node";
import { cycle, reboot, runSequence } from "./power";
import { announceStage } from "./readiness";
import { sequenceEvent, taskEvent } from "./run-sequence";
import { installPhases } from "./sequences";
import { takeConfig } from "./take-config";
import { installUnattended } from "./unattended-install";

/** The maintenance service of Talos 1.12 and older: its own words, and its answer says nothing of the mode (maintenance/server.go). */
export function applyToSmallApi(node: SimNode, text: string, mode: ApplyMode, { dryRun }: ApplyOptions): ApplyResult {
  if (mode === "no-reboot" || mode === "staged")
    throw new ApplyRefused(
      "unimplemented",
      `apply configuration --mode='${mode}' is not supported in maintenance mode`,
    );
  let facts: ConfigFacts;
  let warnings: readonly string[];
  try {
    warnings = checkConfig(text, node.running.release);
    facts = configFacts(text);
  } catch (error) {
    if (error instanceof InvalidConfig) throw new ApplyRefused("unknown", `failed to parse config: ${error.message}`);
    throw error;
  }
  const details = dryRun ? "Dry run summary:\nNode is running in maintenance mode and does not have a config yet." : "";
  return { mode: "reboot", details, warnings, after: dryRun ? null : () => leaveMaintenance(node, text, facts) };
}

/**
 * A machine in maintenance mode got its config: from here on it is of its cluster, with the certificates for it. Then it installs:
 * by the install sequence, which reboots; or since 1.14, where the config has an UnattendedInstallConfig, beside its boot, which
 * waits for its disk. What is installed already goes on with its boot.
 */
export async function leaveMaintenance(node: SimNode, text: string, facts: ConfigFacts): Promise<void> {
  await node.wait(300);
  taskEvent(node, "runningMaintenance", "stop");
  await joinCluster(node, text);
  takeConfig(node, text);
  runDetached(restartApi(node), node.world.report);
  holdCri(node);
  announceStage(node, "booting");
  sequenceEvent(node, "initialize", "stop", "");
  if (node.installed) {
    node.disk.config = text;
    return runBoot(node, { instant: false });
  }
  if (!facts.unattended) return installBySequence(node, text, facts);
  sequenceEvent(node, "install", "start", "");
  sequenceEvent(node, "install", "stop", "");
  const { unattended } = facts;
  runDetached(
    installUnattended(node, text, unattended).then(() => (unattended.reboot ? reboot(node, "default", "") : undefined)),
    node.world.report,
  );
  return runBoot(node, { instant: false });
}

/** Connections of before end once their answers are out: in real time, since they are. */
async function restartApi(node: SimNode): Promise<void> {
  await sleep(200, node.serving.signal);
  if (node.power === "up") node.restartApi();
}

async function installBySequence(node: SimNode, text: string, facts: ConfigFacts): Promise<void> {
  const { release, schematicId } = node.running;
  const ref = facts.installImage === null ? null : parseInstallerRef(facts.installImage);
  const schematic = ref ? node.world.schematics.get(ref.schematicId) : undefined;
  if (ref && (!schematic || node.faults.has("image-not-found"))) {
    node.kmsg(`[talos] install failed: failed to pull image "${facts.installImage}": not found`, "user", "err");
    return boot(node, { instant: false });
  }
  await runSequence(node, "install", installPhases(release), "", {
    during: async (phase) => {
      if (phase.name !== "install") return;
      await runInstaller(
        node,
        { release: ref?.tag ?? release, schematicId: ref?.schematicId ?? schematicId },
        (event) => {
          if (event.kind === "line") node.kmsg(`[talos] ${event.text}`, "user", "warning");
        },
      );
      node.disk.config = text;
    },
  });
  return cycle(node);
}
