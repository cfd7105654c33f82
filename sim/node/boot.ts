import { randomUUID } from "node:crypto";
import { bindDrivers } from "../hardware/drivers";
import { atLeast, kernelOf } from "../factory/releases";
import { refreshReadiness } from "./readiness";
import { publishCluster, publishNetwork } from "./publish-network";
import { publishHardware } from "./publish-hardware";
import { kernelCmdline, loadedExtensions, publishRuntime } from "./publish-runtime";
import { runPhases, sequenceEvent } from "./run-sequence";
import { bootPhases } from "./sequences";
import { startEarlyServices, startLateServices } from "./services";
import type { SimNode } from "./node";

/** `instant` puts a node in its booted state without living through the boot, for the start of a fleet. */
export type BootOptions = { instant: boolean };

/** Firmware, boot loader and kernel take this long before anything answers. */
export const firmwareMs = 9_000;

/** Boots what the active slot (or the boot media) holds, up to running or maintenance. */
export async function boot(node: SimNode, { instant }: BootOptions): Promise<void> {
  node.powerOn(randomUUID());
  if (!instant) await node.wait(firmwareMs);
  loadKernel(node);
  if (!instant) sequenceEvent(node, "initialize", "start", "");
  node.setStage("booting", false, [{ name: "services", reason: 'service "apid" not up' }]);
  publishRuntime(node);
  publishHardware(node);
  publishNetwork(node);
  publishCluster(node);
  startEarlyServices(node);
  node.setPower("up");
  if (!instant) {
    sequenceEvent(node, "initialize", "stop", "");
    await node.wait(1_500);
  }
  if (node.maintenance) return enterMaintenance(node);
  if (!instant) {
    sequenceEvent(node, "boot", "start", "");
    await runPhases(node, bootPhases, "");
    await node.wait(2_500);
  }
  if (failsToBoot(node)) return fallBack(node);
  const { hung } = startLateServices(node);
  if (hung !== null) return hang(node, hung, instant);
  if (!instant) {
    await node.wait(1_000);
    sequenceEvent(node, "boot", "stop", "");
  }
  node.setStage("running", false, [
    { name: "nodeReady", reason: `node "${node.hostname}" status is not available yet` },
  ]);
  if (!instant) await node.wait(2_500);
  node.disk.fallback = null;
  refreshReadiness(node);
  node.world.nodeChanged(node);
}

function loadKernel(node: SimNode): void {
  const { release } = node.running;
  const blocked = node.faults.get("module-not-loaded");
  node.drivers = bindDrivers({
    release,
    pci: node.machine.pci,
    extensions: loadedExtensions(node),
    wantedModules: node.config?.modules ?? [],
    ...(blocked?.kind === "module-not-loaded" ? { blockedModules: [blocked.module] } : {}),
  });
  node.kmsg(
    `Linux version ${kernelOf(release)} (@buildkitsandbox) (clang version 21.1.0) #1 SMP PREEMPT_DYNAMIC`,
    "kern",
    "notice",
  );
  node.kmsg(`Command line: ${kernelCmdline(node)}`);
  node.kmsg(`DMI: ${node.machine.manufacturer} ${node.machine.productName}, BIOS ${node.machine.biosVersion}`);
  node.kmsg(`[talos] task initialize: Talos ${release}`, "user", "warning");
  for (const { priority, text } of node.drivers.log)
    node.kmsg(text, text.startsWith("[talos]") ? "user" : "kern", priority);
}

function enterMaintenance(node: SimNode): void {
  startLateServices(node);
  node.setStage("maintenance", true);
  node.kmsg("[talos] entering maintenance service", "user", "warning");
  node.kmsg(`[talos] this machine is reachable at: ${node.address}`, "user", "warning");
}

function failsToBoot(node: SimNode): boolean {
  return node.disk.fallback !== null && node.faults.has("rollback");
}

/** A new slot that never got ready: the boot loader goes back to the old one, and the machine reboots. */
async function fallBack(node: SimNode): Promise<void> {
  node.kmsg("[talos] sequence boot failed: error running phase 7 in boot sequence: task 1/1: failed", "user", "err");
  sequenceEvent(node, "boot", "failed", "");
  await node.wait(4_000);
  const { fallback } = node.disk;
  if (fallback !== null) {
    node.disk.active = fallback;
    node.disk.fallback = null;
  }
  node.faults.delete("rollback");
  node.powerOff();
  await node.world.clock.wait(1_000, node.world.stopping);
  await boot(node, { instant: false });
}

/** Boot waits for a service that never comes up: the node works, but its boot does not end. */
async function hang(node: SimNode, service: string, instant: boolean): Promise<void> {
  node.kmsg(`[talos] task startAllServices (1/1): waiting for service "${service}" to be "up"`, "user", "warning");
  node.setStage("booting", false, [{ name: "services", reason: `service "${service}" not running` }]);
  node.world.nodeChanged(node);
  if (instant || node.disk.fallback === null) return;
  await node.wait(3_600_000);
  return fallBack(node);
}

/** Brings the maintenance API's smaller predecessor into view: before 1.13 it served far fewer calls. */
export const smallMaintenanceApi = (node: SimNode): boolean =>
  node.maintenance && !atLeast(node.running.release, "1.13.0");
