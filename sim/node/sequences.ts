import { atLeast } from "../factory/releases";

export type Phase = { name: string; task: string; durationMs: number };

const phase = (name: string, task: string, durationMs: number): Phase => ({ name, task, durationMs });

/** The end of every sequence that takes a node down (`stopAllPhaselist` of Talos' v1alpha1_sequencer.go). */
function teardown(release: string, kexec: boolean): Phase[] {
  const late = atLeast(release, "1.14.0");
  return [
    ...(late ? [phase("denyNewServices", "denyNewServices", 50)] : []),
    phase("stopServices", "stopServicesForUpgrade", 800),
    phase("umount", "unmountPodMounts", 200),
    phase("unmountBind", "unmountSystemDiskBindMounts", 100),
    ...(late ? [phase("unmountPromotable", "unmountPromotableSystemPartitions", 100)] : []),
    phase("unmountSystem", "unmountEphemeralPartition", 200),
    phase("volumeFinalize", "teardownLifecycle", 200),
    ...(kexec && !late ? [phase("kexec", "kexecPrepare", 300)] : []),
    phase("stopEverything", "stopAllServices", 800),
    ...(kexec && late ? [phase("kexec", "kexecPrepare", 300)] : []),
  ];
}

const cleanup = [phase("cleanup", "stopAllPods", 2_500), phase("dbus", "stopDBus", 100)];

/** Phases and tasks of the reboot sequence; a forced one only reboots. */
export function rebootPhases(release: string, mode: "default" | "powercycle" | "force"): Phase[] {
  if (mode === "force") return [phase("reboot", "reboot", 200)];
  return [...cleanup, ...teardown(release, mode === "default"), phase("reboot", "reboot", 200)];
}

export function shutdownPhases(release: string, force: boolean): Phase[] {
  return [
    phase("storeShutdown", "storeShutdownEmergency", 50),
    ...(force ? [] : [phase("drain", "cordonAndDrainNode", 3_000)]),
    ...cleanup,
    ...teardown(release, false),
    phase("shutdown", "shutdown", 200),
  ];
}

/** The legacy upgrade sequence, which drains, installs and reboots by itself. */
export function upgradePhases(release: string, kexec: boolean): Phase[] {
  const late = atLeast(release, "1.14.0");
  return [
    ...(late ? [phase("denyNewServices", "denyNewServices", 50)] : []),
    phase("drain", "cordonAndDrainNode", 4_000),
    ...cleanup,
    phase("stopServices", "stopServicesForUpgrade", 800),
    phase("unmount", "unmountPodMounts", 200),
    phase("unmountBind", "unmountSystemDiskBindMounts", 100),
    ...(late ? [phase("unmountPromotable", "unmountPromotableSystemPartitions", 100)] : []),
    phase("unmountSystem", "unmountEphemeralPartition", 200),
    phase("volumeFinalize", "teardownLifecycle", 200),
    phase("upgrade", "upgrade", 15_000),
    phase("meta", "reloadMeta", 100),
    ...(kexec ? [phase("kexec", "kexecPrepare", 300)] : []),
    phase("stopEverything", "stopAllServices", 800),
    phase("reboot", "reboot", 200),
  ];
}

export const bootPhases: readonly Phase[] = [
  phase("memorySizeCheck", "memorySizeCheck", 20),
  phase("diskSizeCheck", "diskSizeCheck", 20),
  phase("env", "setUserEnvVars", 20),
  phase("dbus", "startDBus", 50),
  phase("ephemeral", "mountEphemeralPartition", 300),
  phase("promotableVolumes", "mountPromotableSystemPartitions", 50),
  phase("userSetup", "writeUserFiles", 50),
];

export const installPhases: readonly Phase[] = [
  phase("env", "setUserEnvVars", 20),
  phase("install", "install", 12_000),
  phase("meta", "reloadMeta", 100),
  phase("stopEverything", "stopAllServices", 500),
  phase("kexec", "kexecPrepare", 200),
  phase("reboot", "reboot", 200),
];

export function resetPhases(graceful: boolean, reboot: boolean): Phase[] {
  return [
    ...(graceful ? [phase("drain", "cordonAndDrainNode", 3_000)] : []),
    ...cleanup,
    ...(graceful ? [phase("leave", "leaveEtcd", 800)] : []),
    phase("preReset", "sendResetSignal", 50),
    phase("forceCleanup", "forceCleanup", 100),
    phase("reset", "resetSystemDisk", 3_000),
    reboot ? phase("reboot", "reboot", 200) : phase("shutdown", "shutdown", 200),
  ];
}
