import { atLeast } from "../factory/releases";

/** One phase with its task; the names are Talos' (v1alpha1_sequencer.go of each release), the times are not. */
export type Phase = { name: string; task: string; durationMs: number };

const phase = (name: string, task: string, durationMs: number): Phase => ({ name, task, durationMs });
const when = (condition: boolean, ...phases: Phase[]): Phase[] => (condition ? phases : []);

const cleanup = [phase("cleanup", "stopAllPods", 2_500), phase("dbus", "stopDBus", 100)];
const kexecPhase = phase("kexec", "kexecPrepare", 300);
const stopEverything = phase("stopEverything", "stopAllServices", 800);
const reboot = phase("reboot", "reboot", 200);
const denyNewServices = phase("denyNewServices", "denyNewServices", 50);

const unmounting = (late: boolean): Phase[] => [
  phase("unmountBind", "unmountSystemDiskBindMounts", 100),
  ...when(late, phase("unmountPromotable", "unmountPromotableSystemPartitions", 100)),
  phase("unmountSystem", "unmountEphemeralPartition", 200),
  phase("volumeFinalize", "teardownLifecycle", 200),
];

/** The end of every sequence that takes a node down. */
function teardown(release: string, kexec: boolean): Phase[] {
  const late = atLeast(release, "1.14.0");
  return [
    ...when(late, denyNewServices),
    phase("stopServices", "stopServicesForUpgrade", 800),
    phase("umount", "unmountPodMounts", 200),
    ...unmounting(late),
    ...when(kexec && !late, kexecPhase),
    stopEverything,
    ...when(kexec && late, kexecPhase),
  ];
}

/** Phases and tasks of the reboot sequence; a forced one only reboots. */
export function rebootPhases(release: string, mode: "default" | "powercycle" | "force"): Phase[] {
  return mode === "force" ? [reboot] : [...cleanup, ...teardown(release, true), reboot];
}

export const stageUpgradePhases = (release: string, kexec: boolean): Phase[] => [
  ...cleanup,
  ...teardown(release, kexec),
  reboot,
];

export function shutdownPhases(release: string, force: boolean): Phase[] {
  return [
    phase("storeShutdown", "storeShutdownEmergency", 50),
    ...when(!force, phase("drain", "cordonAndDrainNode", 3_000)),
    ...cleanup,
    ...teardown(release, false),
    phase("shutdown", "shutdown", 200),
  ];
}

/** The legacy upgrade sequence, which drains, installs and reboots by itself. */
export function upgradePhases(release: string, kexec: boolean): Phase[] {
  const late = atLeast(release, "1.14.0");
  return [
    ...when(late, denyNewServices),
    phase("drain", "cordonAndDrainNode", 4_000),
    ...cleanup,
    phase("stopServices", "stopServicesForUpgrade", 800),
    phase("unmount", "unmountPodMounts", 200),
    ...unmounting(late),
    phase("upgrade", "upgrade", 15_000),
    phase("meta", "reloadMeta", 100),
    ...when(kexec, kexecPhase),
    stopEverything,
    reboot,
  ];
}

export const initializePhases: readonly Phase[] = [
  phase("systemRequirements", "enforceKSPPRequirements", 50),
  phase("earlyServices", "startMachined", 700),
  phase("usb", "waitForUSB", 300),
  phase("meta", "reloadMeta", 100),
  phase("dashboard", "startDashboard", 50),
  phase("config", "loadConfig", 300),
];

export function bootPhases(release: string): Phase[] {
  return [
    phase("memorySizeCheck", "memorySizeCheck", 20),
    phase("diskSizeCheck", "diskSizeCheck", 20),
    phase("env", "setUserEnvVars", 20),
    phase("dbus", "startDBus", 50),
    phase("ephemeral", "mountEphemeralPartition", 300),
    atLeast(release, "1.14.0")
      ? phase("promotableVolumes", "mountPromotableSystemPartitions", 50)
      : phase("udevSetup", "writeUdevRules", 50),
    phase("userDisks", "mountUserDisks", 20),
    phase("userSetup", "writeUserFiles", 50),
    // Here a boot waits for all services to be up.
    phase("startEverything", "startAllServices", 1_000),
  ];
}

export function installPhases(release: string): Phase[] {
  return [
    phase("env", "setUserEnvVars", 20),
    phase("install", "install", 12_000),
    phase("meta", "reloadMeta", 100),
    phase("saveMeta", "flushMeta", 50),
    ...when(atLeast(release, "1.14.0"), denyNewServices),
    phase("volumeFinalize", "teardownLifecycle", 200),
    stopEverything,
    kexecPhase,
    reboot,
  ];
}

/** What a reset does: `partitions` when only some of the system's are wiped. */
export type ResetScope = { graceful: boolean; reboot: boolean; leaveEtcd: boolean; partitions: boolean };

export function resetPhases(release: string, { graceful, reboot: again, leaveEtcd, partitions }: ResetScope): Phase[] {
  return [
    ...when(graceful, phase("drain", "cordonAndDrainNode", 3_000)),
    phase("cleanup", graceful ? "removeAllPods" : "stopAllPods", 2_500),
    phase("dbus", "stopDBus", 100),
    ...when(graceful && leaveEtcd, phase("leave", "leaveEtcd", 800)),
    phase("preReset", "sendResetSignal", 50),
    ...teardown(release, partitions),
    phase("forceCleanup", "forceCleanup", 100),
    partitions ? phase("resetSpec", "resetSystemDiskSpec", 1_500) : phase("reset", "resetSystemDisk", 3_000),
    again ? reboot : phase("shutdown", "shutdown", 200),
  ];
}
