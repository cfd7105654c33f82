import { coerce, gte, gt, lt, parse, type SemVer } from "semver";

/** Since which Talos release something exists. What a release lacks is absent in the view, not an error. */
const since = {
  /** CPUFreqStats. */
  cpuFrequencies: "1.9.0",
  versionResource: "1.10.0",
  kernelCmdline: "1.11.0",
  loadedKernelModules: "1.11.0",
  etcdStorageVersion: "1.11.0",
  forceReboot: "1.12.0",
  bootedEntry: "1.12.0",
  imagePull: "1.13.0",
  lifecycle: "1.13.0",
  /** Version, logs, stats over the maintenance API; before it only apply and resources. */
  maintenanceReads: "1.13.0",
  bootId: "1.14.0-alpha.2",
  kernelModuleStatus: "1.14.0-alpha.0",
  imageFactorySchematic: "1.14.0-alpha.0",
  kubeletStatus: "1.14.0-alpha.0",
} as const;
export type Capability = keyof typeof since;

const read = (version: string): SemVer | null => parse(version.replace(/^v/, "")) ?? coerce(version);

/** Does this release have it? An unreadable version has nothing that is not in all of them. */
export function hasCapability(version: string | null, capability: Capability): boolean {
  const talos = version === null ? null : read(version);
  if (!talos) return false;
  return capability === "lifecycle" || capability === "imagePull"
    ? supportsLifecycle(talos.version)
    : gte(talos, since[capability]);
}

/** All capabilities of a release. */
export function capabilitiesOf(version: string | null): Record<Capability, boolean> {
  const entries = (Object.keys(since) as Capability[]).map((capability) => [
    capability,
    hasCapability(version, capability),
  ]);
  return Object.fromEntries(entries) as Record<Capability, boolean>;
}

/**
 * May a node of this release be upgraded by pull + LifecycleService? The bounds are talosctl's own: > 1.13.0-alpha.2 and < 2.0.0
 * (`cmd/talosctl/cmd/talos/upgrade.go`). Otherwise the legacy call is the one. Callers still treat "unimplemented" as "use the legacy call".
 */
export function supportsLifecycle(version: string): boolean {
  const talos = read(version);
  return talos !== null && gt(talos, "1.13.0-alpha.2") && lt(talos, "2.0.0");
}
