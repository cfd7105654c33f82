import { atLeast } from "../../factory/releases";
import {
  RuntimeFIPSState as Fips,
  RuntimeMachineStage as Stage,
  RuntimeSELinuxState as SELinux,
  RuntimeUnattendedInstallPhase as InstallPhase,
} from "@/lib/talos/gen/resource/definitions/enums";
import * as message from "@/lib/talos/gen/resource/definitions/runtime";
import { defineKind } from "../kind";
import { omitEmpty } from "../omit-empty";

const namespace = "runtime";

const stages: Readonly<Record<Stage, string>> = {
  [Stage.MACHINE_STAGE_UNKNOWN]: "unknown",
  [Stage.MACHINE_STAGE_BOOTING]: "booting",
  [Stage.MACHINE_STAGE_INSTALLING]: "installing",
  [Stage.MACHINE_STAGE_MAINTENANCE]: "maintenance",
  [Stage.MACHINE_STAGE_RUNNING]: "running",
  [Stage.MACHINE_STAGE_REBOOTING]: "rebooting",
  [Stage.MACHINE_STAGE_SHUTTING_DOWN]: "shutting down",
  [Stage.MACHINE_STAGE_RESETTING]: "resetting",
  [Stage.MACHINE_STAGE_UPGRADING]: "upgrading",
  [Stage.UNRECOGNIZED]: "unknown",
};
const selinux: Readonly<Record<SELinux, string>> = {
  [SELinux.SE_LINUX_STATE_DISABLED]: "disabled",
  [SELinux.SE_LINUX_STATE_PERMISSIVE]: "enabled, permissive",
  [SELinux.SE_LINUX_STATE_ENFORCING]: "enabled, enforcing",
  [SELinux.UNRECOGNIZED]: "disabled",
};
const fips: Readonly<Record<Fips, string>> = {
  [Fips.FIPS_STATE_DISABLED]: "disabled",
  [Fips.FIPS_STATE_ENABLED]: "enabled",
  [Fips.FIPS_STATE_STRICT]: "enabled, strict",
  [Fips.UNRECOGNIZED]: "disabled",
};

export const machineStatuses = defineKind({
  type: "MachineStatuses.runtime.talos.dev",
  namespace,
  owner: "runtime.MachineStatusController",
  message: message.MachineStatusSpec,
  yaml: ({ stage, status }) => ({
    stage: stages[stage],
    status: {
      ready: status?.ready ?? false,
      unmetConditions: (status?.unmetConditions ?? []).map(({ name, reason }) => ({ name, reason })),
    },
  }),
});

export const versions = defineKind({
  type: "Versions.runtime.talos.dev",
  namespace,
  owner: "runtime.VersionController",
  message: message.VersionSpec,
  yaml: ({ name, version }, release) => ({ name: atLeast(release, "1.13.0") ? name : undefined, version }),
});

export const bootIds = defineKind({
  type: "BootIDs.runtime.talos.dev",
  namespace,
  owner: "runtime.BootIDController",
  since: "1.14.0",
  message: message.BootIDSpec,
  yaml: ({ bootId }) => ({ bootID: bootId }),
});

export const bootedEntries = defineKind({
  type: "BootedEntries.talos.dev",
  namespace,
  owner: "runtime.BootedEntryController",
  message: message.BootedEntrySpec,
  yaml: ({ bootedEntry }) => ({ bootedEntry: omitEmpty(bootedEntry) }),
});

export const kernelCmdlines = defineKind({
  type: "KernelCmdlines.runtime.talos.dev",
  namespace,
  owner: "runtime.KernelCmdlineController",
  message: message.KernelCmdlineSpec,
  yaml: ({ cmdline }) => ({ cmdline }),
});

export const securityStates = defineKind({
  type: "SecurityStates.talos.dev",
  namespace,
  owner: "runtime.SecurityStateController",
  message: message.SecurityStateSpec,
  yaml: (spec) => ({
    secureBoot: spec.secureBoot,
    ukiSigningKeyFingerprint: omitEmpty(spec.ukiSigningKeyFingerprint),
    pcrSigningKeyFingerprint: omitEmpty(spec.pcrSigningKeyFingerprint),
    selinuxState: omitEmpty(spec.seLinuxState) && selinux[spec.seLinuxState],
    fipsState: omitEmpty(spec.fipsState) && fips[spec.fipsState],
    bootedWithUKI: omitEmpty(spec.bootedWithUki),
    moduleSignatureEnforced: omitEmpty(spec.moduleSignatureEnforced),
  }),
});

export const diagnostics = defineKind({
  type: "Diagnostics.runtime.talos.dev",
  namespace,
  owner: "runtime.DiagnosticsController",
  message: message.DiagnosticSpec,
  yaml: (spec) => ({ message: spec.message, details: spec.details }),
});

export const platformMetadatas = defineKind({
  type: "PlatformMetadatas.talos.dev",
  namespace,
  owner: "network.PlatformConfigApplyController",
  message: message.PlatformMetadataSpec,
  yaml: (spec) => ({
    platform: omitEmpty(spec.platform),
    hostname: omitEmpty(spec.hostname),
    region: omitEmpty(spec.region),
    zone: omitEmpty(spec.zone),
    instanceType: omitEmpty(spec.instanceType),
    instanceId: omitEmpty(spec.instanceId),
    providerId: omitEmpty(spec.providerId),
    spot: omitEmpty(spec.spot),
    internalDNS: omitEmpty(spec.internalDns),
    externalDNS: omitEmpty(spec.externalDns),
    tags: omitEmpty(spec.tags),
  }),
});

const installPhases: Readonly<Record<InstallPhase, string>> = {
  [InstallPhase.UNATTENDED_INSTALL_PHASE_PENDING]: "pending",
  [InstallPhase.UNATTENDED_INSTALL_PHASE_INSTALLING]: "installing",
  [InstallPhase.UNATTENDED_INSTALL_PHASE_INSTALLED]: "installed",
  [InstallPhase.UNATTENDED_INSTALL_PHASE_WAITING_FOR_REBOOT]: "waiting-for-reboot",
  [InstallPhase.UNATTENDED_INSTALL_PHASE_FAILED]: "failed",
  [InstallPhase.UNRECOGNIZED]: "pending",
};

export const unattendedInstallStatuses = defineKind({
  type: "UnattendedInstallStatuses.runtime.talos.dev",
  namespace,
  owner: "runtime.UnattendedInstallController",
  since: "1.14.0",
  message: message.UnattendedInstallStatusSpec,
  yaml: ({ image, phase, error }) => ({
    image: omitEmpty(image),
    phase: omitEmpty(phase) && installPhases[phase],
    error: omitEmpty(error),
  }),
});

export const metaKeys = defineKind({
  type: "MetaKeys.runtime.talos.dev",
  namespace,
  owner: "",
  message: message.MetaKeySpec,
  yaml: ({ value }) => ({ value }),
});

export const mountStatuses = defineKind({
  type: "MountStatuses.runtime.talos.dev",
  namespace,
  owner: "runtime.MountStatusController",
  message: message.MountStatusSpec,
  yaml: (spec) => ({
    source: spec.source,
    target: spec.target,
    filesystemType: spec.filesystemType,
    options: spec.options,
    encrypted: spec.encrypted,
    encryptionProviders: omitEmpty(spec.encryptionProviders),
  }),
});
