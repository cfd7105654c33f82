import { atLeast } from "../factory/releases";

/** What a release of Talos knows of a resource type: its namespace, who may read it, and since when it exists. */
export type ResourceKind = { namespace: string; sensitive?: true; since?: string };

/** Types by name, from the resource definitions of Talos (pkg/machinery/resources, ad88231). */
const kinds: Readonly<Record<string, ResourceKind>> = {
  "MachineStatuses.runtime.talos.dev": { namespace: "runtime" },
  "Versions.runtime.talos.dev": { namespace: "runtime", since: "1.10.0" },
  "BootIDs.runtime.talos.dev": { namespace: "runtime", since: "1.14.0" },
  "BootedEntries.talos.dev": { namespace: "runtime", since: "1.12.0" },
  "ExtensionStatuses.runtime.talos.dev": { namespace: "runtime" },
  "ImageFactorySchematics.runtime.talos.dev": { namespace: "runtime", since: "1.14.0" },
  "KernelModuleStatuses.runtime.talos.dev": { namespace: "runtime", since: "1.14.0" },
  "LoadedKernelModules.runtime.talos.dev": { namespace: "runtime", since: "1.11.0" },
  "KernelModuleSpecs.runtime.talos.dev": { namespace: "runtime" },
  "KernelCmdlines.runtime.talos.dev": { namespace: "runtime", since: "1.11.0" },
  "SecurityStates.talos.dev": { namespace: "runtime" },
  "Diagnostics.runtime.talos.dev": { namespace: "runtime" },
  "PlatformMetadatas.talos.dev": { namespace: "runtime" },
  "MetaKeys.runtime.talos.dev": { namespace: "runtime" },
  "MountStatuses.runtime.talos.dev": { namespace: "runtime" },
  "PCIDevices.hardware.talos.dev": { namespace: "hardware" },
  "SystemInformations.hardware.talos.dev": { namespace: "hardware" },
  "Processors.hardware.talos.dev": { namespace: "hardware" },
  "MemoryModules.hardware.talos.dev": { namespace: "hardware" },
  "Infos.cluster.talos.dev": { namespace: "cluster" },
  "Members.cluster.talos.dev": { namespace: "cluster" },
  "Identities.cluster.talos.dev": { namespace: "cluster" },
  "MachineTypes.config.talos.dev": { namespace: "config" },
  "MachineConfigs.config.talos.dev": { namespace: "config", sensitive: true },
  "HostnameStatuses.net.talos.dev": { namespace: "network" },
  "NodeAddresses.net.talos.dev": { namespace: "network" },
  "AddressStatuses.net.talos.dev": { namespace: "network" },
  "LinkStatuses.net.talos.dev": { namespace: "network" },
  "RouteStatuses.net.talos.dev": { namespace: "network" },
  "ResolverStatuses.net.talos.dev": { namespace: "network" },
  "TimeServerStatuses.net.talos.dev": { namespace: "network" },
  "NetworkStatuses.net.talos.dev": { namespace: "network" },
  "Disks.block.talos.dev": { namespace: "runtime" },
  "SystemDisks.block.talos.dev": { namespace: "runtime" },
  "DiscoveredVolumes.block.talos.dev": { namespace: "runtime" },
  "VolumeStatuses.block.talos.dev": { namespace: "runtime" },
  "Nodenames.kubernetes.talos.dev": { namespace: "k8s" },
  "NodeStatuses.kubernetes.talos.dev": { namespace: "k8s" },
  "NodeIPs.kubernetes.talos.dev": { namespace: "k8s" },
  "KubeletStatuses.kubernetes.talos.dev": { namespace: "k8s", since: "1.14.0" },
  "KubeletSpecs.kubernetes.talos.dev": { namespace: "k8s", sensitive: true },
  "StaticPodStatuses.kubernetes.talos.dev": { namespace: "k8s" },
  "EtcdMembers.etcd.talos.dev": { namespace: "etcd" },
  "Services.v1alpha1.talos.dev": { namespace: "runtime" },
  "TimeStatuses.v1alpha1.talos.dev": { namespace: "runtime" },
  "OSRootSecrets.secrets.talos.dev": { namespace: "secrets", sensitive: true },
  "KubernetesRootSecrets.secrets.talos.dev": { namespace: "secrets", sensitive: true },
  "EtcdRootSecrets.secrets.talos.dev": { namespace: "secrets", sensitive: true },
  "CPUStats.perf.talos.dev": { namespace: "perf" },
  "MemoryStats.perf.talos.dev": { namespace: "perf" },
};

const byLowerName = new Map(Object.entries(kinds).map(([type, kind]) => [type.toLowerCase(), { type, ...kind }]));

export const namespaceOf = (type: string): string => kinds[type]?.namespace ?? "runtime";

/** The kind, if this release of Talos has it. Types are matched without regard to case, as Talos does. */
export function resourceKind(type: string, release: string): (ResourceKind & { type: string }) | undefined {
  const kind = byLowerName.get(type.toLowerCase());
  if (!kind || (kind.since && !atLeast(release, kind.since))) return undefined;
  return kind;
}

/** All namespaces that a node has. */
export const namespaces: ReadonlySet<string> = new Set([
  ...Object.values(kinds).map((kind) => kind.namespace),
  "controlplane",
  "cri",
  "files",
  "kubespan",
  "meta",
]);
