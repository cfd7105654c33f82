import { contractAtLeast, type VersionContract } from "@/lib/machine-config/schema";

const kinds = (names: string): string[] => names.split(" ").map((name) => `${name}Config`);

// First contract that knows each kind (Talos' registry per release). 1.11 stands for all up to it.
const kindsSince: Record<VersionContract, string[]> = {
  "1.11": kinds(
    "EventSink ExtensionService KmsgLog KubeSpanEndpoints NetworkDefaultAction NetworkRule SideroLink TrustedRoots Volume WatchdogTimer " +
      "Ethernet PCIDriverRebind UserVolume ExistingVolume RawVolume SwapVolume Zswap",
  ),
  "1.12": kinds(
    "Bond Bridge DHCPv4 DHCPv6 DummyLink HCloudVIP Hostname Layer2VIP LinkAlias Link OOM RegistryAuth RegistryMirror RegistryTLS Resolver " +
      "StaticHost TimeSync VLAN Wireguard",
  ),
  "1.13": kinds("BlackholeRoute Environment ExternalVolume ImageVerification KubeSpan RoutingRule TCPProbe VRF"),
  "1.14": kinds(
    "BGPInstance CRIBaseRuntimeSpec CRICustomization Container DiscoveryIdentity DiscoveryService EtcFile FilesystemScrub FilesystemTrim " +
      "HTTPProbe ImageCache KernelModule KubeAPIServerCA KubeAPIServer KubeAdmissionControl KubeAggregatorCA KubeAuditPolicy " +
      "KubeAuthentication KubeAuthorizer KubeCluster KubeControllerManager KubeCoreDNS KubeCredentialProvider KubeEtcdEncryption " +
      "KubeExternalManifest KubeFlannelCNI KubeInlineManifest KubeNetwork KubeNode KubePrism KubeProxy KubeScheduler KubeServiceAccount " +
      "KubeStaticPod KubeTalosAPIAccess Kubelet LVMLogicalVolume LVMVolumeGroup RAIDArray SecurityProfile Sysctl Sysfs UdevRules " +
      "UnattendedInstall Veth",
  ),
};

const sinceOf = new Map<string, VersionContract>(
  (Object.entries(kindsSince) as [VersionContract, string[]][]).flatMap(([since, names]) =>
    names.map((name) => [name, since] as const),
  ),
);

/** The first contract that knows a document kind; undefined for kinds that no release up to 1.14 has. */
export const kindSince = (kind: string): VersionContract | undefined => sinceOf.get(kind);

export function knowsKind(contract: VersionContract, kind: string): boolean {
  const since = kindSince(kind);
  return since !== undefined && contractAtLeast(contract, since);
}

/** Documents that Talos refuses on workers (cfg/container/validate.go). */
export const controlPlaneKinds: ReadonlySet<string> = new Set(
  kinds(
    "KubeAggregatorCA KubeAdmissionControl KubeAuditPolicy KubeAuthentication KubeAuthorizer KubeEtcdEncryption KubeServiceAccount " +
      "KubeAPIServer KubeControllerManager KubeScheduler KubeProxy KubeFlannelCNI KubeCoreDNS",
  ).concat("KubeTalosAPIAccessConfig"),
);

/** Kinds that make one network link each: no two may have the same name. */
export const linkKinds: ReadonlySet<string> = new Set(kinds("Link Bond Bridge DummyLink VLAN VRF Veth Wireguard"));

/** Fields of the v1alpha1 document that a document of the kind takes over: both at once are refused (`V1Alpha1ConflictValidate`). */
export const conflictingFields: Record<string, readonly string[]> = {
  UnattendedInstallConfig: ["machine.install"],
  HostnameConfig: ["machine.network.hostname", "machine.features.stableHostname"],
  TimeSyncConfig: ["machine.time.servers", "machine.time.disabled", "machine.time.bootTimeout"],
  KubeSpanConfig: ["machine.network.kubespan"],
  KubeCoreDNSConfig: ["cluster.coreDNS"],
  KubeletConfig: ["machine.kubelet"],
  KubeCredentialProviderConfig: ["machine.kubelet"],
  KubeNodeConfig: [
    "cluster.allowSchedulingOnControlPlanes",
    "cluster.allowSchedulingOnMasters",
    "machine.kubelet.skipNodeRegistration",
    "machine.kubelet.registerWithFQDN",
    "machine.kubelet.nodeIP",
    "machine.nodeLabels",
    "machine.nodeAnnotations",
    "machine.nodeTaints",
  ],
  KubeNetworkConfig: ["cluster.network"],
  KubeFlannelCNIConfig: ["cluster.network"],
  KubeAPIServerConfig: ["cluster.apiServer", "cluster.controlPlane.localAPIServerPort"],
  KubeEtcdEncryptionConfig: ["cluster.secretboxEncryptionSecret", "cluster.aescbcEncryptionSecret"],
  KubeClusterConfig: ["cluster.clusterName", "cluster.controlPlane.endpoint"],
  KubePrismConfig: ["machine.features.kubePrism"],
  DiscoveryServiceConfig: ["cluster.discovery"],
  DiscoveryIdentityConfig: ["cluster.id", "cluster.secret"],
  KubeServiceAccountConfig: ["cluster.serviceAccount"],
  KubeAPIServerCAConfig: ["cluster.ca"],
  KubeAggregatorCAConfig: ["cluster.aggregatorCA"],
  KubeAuditPolicyConfig: ["cluster.apiServer.auditPolicy"],
  KubeAdmissionControlConfig: ["cluster.apiServer.admissionControl"],
  // Not authorizationConfig: so it is in Talos (types/k8s/authorization.go).
  KubeAuthorizerConfig: ["cluster.apiServer.admissionControl"],
  KubeProxyConfig: ["cluster.proxy"],
  KubeSchedulerConfig: ["cluster.scheduler", "machine.controlPlane.scheduler"],
  KubeControllerManagerConfig: ["cluster.controllerManager", "machine.controlPlane.controllerManager"],
  CRIBaseRuntimeSpecConfig: ["machine.baseRuntimeSpecOverrides"],
  ResolverConfig: [
    "machine.network.nameservers",
    "machine.network.searchDomains",
    "machine.network.disableSearchDomain",
  ],
  ImageCacheConfig: ["machine.features.imageCache"],
  KubeTalosAPIAccessConfig: ["machine.features.kubernetesTalosAPIAccess"],
};
