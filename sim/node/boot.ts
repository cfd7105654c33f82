import { randomUUID } from "node:crypto";
import { RuntimeUnattendedInstallPhase } from "@/lib/talos/gen/resource/definitions/enums";
import { withDriverFaults } from "../hardware/driver-faults";
import { bindDrivers } from "../hardware/drivers";
import { atLeast, kernelOf } from "../factory/releases";
import { gpuModelOf } from "../hardware/pci";
import { beginSequence } from "./begin-sequence";
import { announceStage, refreshReadiness } from "./readiness";
import { publishConfig } from "./publish-config";
import { loadedExtensions } from "./publish-extensions";
import { publishMetaKeys } from "./meta-keys";
import { losesPower } from "./power-loss";
import { publishHardware } from "./publish-hardware";
import { publishKubelet } from "./publish-kubernetes";
import { failVolume, mendVolume } from "./publish-storage";
import { publishNetwork } from "./publish-network";
import { publishInstall } from "./unattended-install";
import { kernelCmdline, publishRuntime } from "./publish-runtime";
import { leaveSequence, runPhases, sequenceEvent, TaskFailed, taskEvent, waitOr, type During } from "./run-sequence";
import { bootPhases, initializePhases, type Phase } from "./sequences";
import { holdCri, joinEtcd, startEarlyServices, startLateServices } from "./services";
import type { SimNode } from "./node";

/** `instant` boots a node in no time, for the start of a fleet. */
export type BootOptions = { instant: boolean };

/** Firmware, boot loader and kernel take this long before anything answers. */
export const firmwareMs = 9_000;
/** Kubernetes' word on the node comes a while after its kubelet has started. */
const nodeStatusMs = 2_500;

/** Boots what the active slot (or the boot media) holds, up to running or maintenance. */
export async function boot(node: SimNode, { instant }: BootOptions): Promise<void> {
  node.powerOn(randomUUID());
  if (!instant) await node.wait(firmwareMs);
  if (node.disk.fallback !== null && losesPower(node, "restart")) await node.wait(firmwareMs);
  loadKernel(node);
  sequenceEvent(node, "initialize", "start", "");
  announceStage(node, "booting");
  publishRuntime(node);
  publishHardware(node);
  publishMetaKeys(node);
  publishNetwork(node);
  publishConfig(node);
  publishKubelet(node);
  publishInstall(node, RuntimeUnattendedInstallPhase.UNATTENDED_INSTALL_PHASE_INSTALLED);
  startEarlyServices(node);
  node.setPower("up");
  announceStage(node, "booting");
  // A machine without a config stays in the last of these phases, which waits for one.
  await runPhases(node, paced(node.maintenance ? initializePhases.slice(0, -1) : initializePhases, instant), "");
  if (node.maintenance) return enterMaintenance(node);
  sequenceEvent(node, "initialize", "stop", "");
  return runBoot(node, { instant });
}

/** The boot sequence, which waits in its second phase for an installation on the disk; `instant` takes no time. */
export async function runBoot(node: SimNode, { instant }: BootOptions): Promise<void> {
  const signal = beginSequence(node, "boot");
  sequenceEvent(node, "boot", "start", "");
  try {
    const during: During = (phase) => {
      if (phase.name === "diskSizeCheck") return installation(node, signal);
      if (phase.name === "ephemeral" || phase.name === "userDisks") return failedVolume(node, phase.name, signal);
      return phase.name === "startEverything" ? startEverything(node, signal) : null;
    };
    await runPhases(node, paced(bootPhases(node.running.release), instant), "", { during, signal });
  } catch (error) {
    if (!(error instanceof TaskFailed)) throw error;
    return leaveBoot(node, error, signal);
  }
  node.sequence = null;
  sequenceEvent(node, "boot", "stop", "");
  announceStage(node, "running");
  if (!instant) await node.wait(nodeStatusMs);
  node.disk.fallback = null;
  refreshReadiness(node);
  node.world.nodeChanged(node);
}

const paced = (phases: readonly Phase[], instant: boolean): readonly Phase[] =>
  instant ? phases.map((phase) => ({ ...phase, durationMs: 0 })) : phases;

/** A boot waits for the volume EPHEMERAL, which is there once Talos is installed. */
async function installation(node: SimNode, signal: AbortSignal): Promise<void> {
  while (!node.installed) await waitOr(node, 500, signal);
}

/** A boot waits for its volumes for as long as one fails: EPHEMERAL before all services, the others after it. */
async function failedVolume(node: SimNode, phase: "ephemeral" | "userDisks", signal: AbortSignal): Promise<null> {
  const fault = node.faults.get("volume-failed");
  if (fault?.kind !== "volume-failed" || (fault.volume === "EPHEMERAL") !== (phase === "ephemeral")) return null;
  failVolume(node, fault.volume);
  while (node.faults.get("volume-failed") === fault) await waitOr(node, 500, signal);
  mendVolume(node, fault.volume);
  return null;
}

/** What the kernel finds on the bus: all of the machine, but a card that a fault has taken out. */
function cardsOnBus(node: SimNode): SimNode["pci"] {
  const gone = node.faults.get("card-gone");
  if (gone?.kind !== "card-gone") return node.machine.pci;
  const cards = node.machine.pci.filter((device) => gpuModelOf(device) && gpuModelOf(device)?.family !== "bmc");
  return node.machine.pci.filter((device) => device !== cards[gone.index]);
}

function loadKernel(node: SimNode): void {
  const { release } = node.running;
  const blocked = node.faults.get("module-not-loaded");
  node.pci = cardsOnBus(node);
  const bound = bindDrivers({
    release,
    pci: node.pci,
    extensions: loadedExtensions(node),
    wantedModules: node.config?.modules ?? [],
    ...(blocked?.kind === "module-not-loaded" ? { blockedModules: [blocked.module] } : {}),
  });
  node.drivers = withDriverFaults(bound, node.faults);
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
  holdCri(node);
  startLateServices(node);
  taskEvent(node, "runningMaintenance", "start");
  announceStage(node, "maintenance");
  node.kmsg("[talos] entering maintenance service", "user", "warning");
  node.kmsg(`[talos] this machine is reachable at: ${node.address}`, "user", "warning");
}

/** A control plane boots until its etcd runs, and that waits for the bootstrap of its cluster (Talos StartAllServices). */
async function etcdUp(node: SimNode, signal: AbortSignal): Promise<void> {
  while (node.controlPlane && node.services.state("etcd") !== "Running") {
    await waitOr(node, 500, signal);
    joinEtcd(node);
  }
}

/** Starts what is left, and gives the reason why a boot cannot end; a service that never comes up keeps it waiting. */
async function startEverything(node: SimNode, signal: AbortSignal): Promise<string | null> {
  if (node.disk.fallback !== null && node.faults.has("rollback")) return "the new image does not start";
  const { hung } = startLateServices(node);
  announceStage(node, "booting");
  await etcdUp(node, signal);
  if (hung === null) return null;
  // The node works, but its boot does not end.
  node.kmsg(`[talos] task startAllServices (1/1): waiting for service "${hung}" to be "up"`, "user", "warning");
  node.world.nodeChanged(node);
  for (;;) {
    await waitOr(node, 3_600_000, signal);
    if (node.disk.fallback !== null) return `service "${hung}" is not up`;
  }
}

/** A boot that failed or made way for another sequence. */
async function leaveBoot(node: SimNode, { phase, message, canceled }: TaskFailed, signal: AbortSignal): Promise<void> {
  if (!canceled) node.kmsg(`[talos] boot sequence: failed: error running phase ${phase}`, "user", "err");
  leaveSequence(node, "boot", phase, message, "", canceled);
  if (canceled) {
    // A boot that ended counts as one that succeeded, for a moment (runtime/machine_status.go).
    announceStage(node, "running");
    throw signal.reason;
  }
  // A new slot that never got ready: the boot loader goes back to the old one, and the machine reboots.
  announceStage(node, "rebooting");
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

/** Brings the maintenance API's smaller predecessor into view: before 1.13 it served far fewer calls. */
export const smallMaintenanceApi = (node: SimNode): boolean =>
  node.maintenance && !atLeast(node.running.release, "1.13.0");
