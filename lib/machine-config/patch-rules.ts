import { ownEntry } from "@/lib/core/own-entry";

/**
 * How Talos merges fields of each document kind where it is not the plain rule (maps recurse, lists append, texts and numbers on the right win
 * unless they are zero). From the `merge` tags and Merge methods of pkg/machinery/config/types. `[]` is a list's element, `*` any key.
 */
type KindRules = {
  /** Lists and objects that the patch replaces whole. */
  replaced?: string[];
  /** Lists whose elements are matched by a key; the element is merged, or replaced whole. */
  keyed?: Record<string, { by: string; whole?: true }>;
  /** Addresses merged part by part: path and query of the old one stay when the new one has none. */
  urls?: string[];
  /** Objects without a schema: kinds of values have to agree, lists append. */
  freeForm?: string[];
  /** Expressions and sizes that are copied even when the patch leaves them out, which erases them. */
  copied?: string[];
  /** Numbers that a patch can set to 0. */
  zeroable?: string[];
};

const volume: KindRules = {
  copied: ["provisioning.diskSelector.match", "provisioning.minSize"],
};
const rawResources = ["resources.limits", "resources.requests"];
const addresses = ["addresses[].routePriority", "peer.addresses[].routePriority"];
const links = [
  "BridgeConfig",
  "DummyLinkConfig",
  "LinkConfig",
  "VLANConfig",
  "VRFConfig",
  "VethConfig",
  "WireguardConfig",
];

const legacy: KindRules = {
  replaced: ["cluster.network.podSubnets", "cluster.network.serviceSubnets", "cluster.apiServer.auditPolicy"],
  keyed: {
    "machine.network.interfaces": { by: "interface" },
    "machine.network.interfaces[].vlans": { by: "vlanId" },
    "cluster.apiServer.admissionControl": { by: "name" },
  },
  urls: ["cluster.controlPlane.endpoint", "machine.logging.destinations[].endpoint"],
  freeForm: [
    "cluster.apiServer.admissionControl[].configuration",
    "cluster.apiServer.auditPolicy",
    "cluster.apiServer.authorizationConfig[].webhook",
    ...["apiServer", "controllerManager", "scheduler"].flatMap((part) =>
      rawResources.map((path) => `cluster.${part}.${path}`),
    ),
    "cluster.scheduler.config",
    "machine.baseRuntimeSpecOverrides",
    "machine.kubelet.credentialProviderConfig",
    "machine.kubelet.extraConfig",
    "machine.pods[]",
    "machine.seccompProfiles[].value",
  ],
  zeroable: ["machine.network.kubespan.mtu"],
};

const rules: Record<string, KindRules> = {
  "": legacy,
  BGPInstanceConfig: { replaced: ["advertise", "importRoutes", "neighbors"] },
  BondConfig: {
    zeroable: [
      ..."adActorSysPrio adUserPortKey allSlavesActive arpInterval downdelay lpInterval miimon minLinks missedMax numPeerNotif".split(
        " ",
      ),
      ..."packetsPerSlave peerNotifDelay resendIGMP tlbLogicalLb updelay".split(" "),
      ...addresses,
    ],
  },
  ContainerConfig: { zeroable: ["runAs.gid", "runAs.uid"] },
  CRIBaseRuntimeSpecConfig: { replaced: ["overrides"], freeForm: ["overrides"] },
  DiscoveryServiceConfig: { urls: ["endpoint"] },
  EthernetConfig: { zeroable: ["channels.*", "rings.*"] },
  ExistingVolumeConfig: { copied: ["discovery.volumeSelector.match"] },
  ExtensionServiceConfig: { keyed: { configFiles: { by: "mountPath" } } },
  HTTPProbeConfig: { urls: ["url"] },
  ImageVerificationConfig: { keyed: { rules: { by: "image", whole: true } } },
  KmsgLogConfig: { urls: ["url"] },
  KubeAPIServerConfig: { freeForm: rawResources, zeroable: ["apiPort"] },
  KubeAdmissionControlConfig: { freeForm: ["configuration"] },
  KubeAuditPolicyConfig: { replaced: ["configuration"], freeForm: ["configuration"] },
  KubeAuthenticationConfig: { replaced: ["configuration"], freeForm: ["configuration"] },
  KubeAuthorizerConfig: { freeForm: ["webhook"] },
  KubeClusterConfig: { urls: ["endpoint"] },
  KubeControllerManagerConfig: { freeForm: rawResources },
  KubeCredentialProviderConfig: { replaced: ["configuration"], freeForm: ["configuration"] },
  KubeEtcdEncryptionConfig: { freeForm: ["config"] },
  KubeExternalManifestConfig: { urls: ["url"] },
  KubeFlannelCNIConfig: { freeForm: ["backendExtraConfig", ...rawResources] },
  KubeNetworkConfig: { replaced: ["podSubnets", "serviceSubnets"] },
  KubeProxyConfig: { freeForm: ["config", ...rawResources] },
  KubeSchedulerConfig: { freeForm: ["config", ...rawResources] },
  KubeServiceAccountConfig: { urls: ["issuer.issuerURL"] },
  KubeSpanConfig: { zeroable: ["mtu"] },
  KubeStaticPodConfig: { replaced: ["pod"], freeForm: ["pod"] },
  KubeletConfig: { freeForm: ["config"] },
  LVMLogicalVolumeConfig: { copied: ["provisioning.minSize"], zeroable: ["mirrors", "stripes"] },
  LVMVolumeGroupConfig: { copied: ["provisioning.volumeSelector.match"] },
  LinkAliasConfig: { copied: ["selector.match"] },
  NetworkRuleConfig: { replaced: ["ingress", "portSelector.ports"] },
  OOMConfig: { copied: ["cgroupRankingExpression", "triggerExpression"] },
  RAIDArrayConfig: { copied: ["provisioning.volumeSelector.match"] },
  RawVolumeConfig: volume,
  // Since 1.14; before that the list appends.
  ResolverConfig: { replaced: ["searchDomains.domains"] },
  SideroLinkConfig: { urls: ["apiUrl"] },
  SwapVolumeConfig: volume,
  UnattendedInstallConfig: { copied: ["provisioning.diskSelector.match"] },
  UserVolumeConfig: volume,
  VolumeConfig: volume,
  ZswapConfig: { zeroable: ["maxPoolPercent"] },
  ...Object.fromEntries(links.map((kind) => [kind, { zeroable: addresses }])),
};

/** Fields that Talos decodes into maps: only there does deleting a missing key fail. */
const mapFields = new Set(
  (
    "sysctls sysfs env nodeLabels nodeAnnotations nodeTaints extraArgs mirrors labels annotations taints params variables headers " +
    "extraManifestHeaders limits requests"
  ).split(" "),
);

/** Objects that are part of their parent in Go, so that a key in them can be deleted although the config does not show them. */
const embedded = new Set(
  (
    "accepted discovery discovery.volumeSelector encryption filesystem hostDNS installer issuer local mount nodeIP peer portSelector provisioning " +
    "provisioning.diskSelector provisioning.volumeSelector resources searchDomains selector stp vlan"
  ).split(" "),
);
const embeddedInLegacy = new Set(
  "machine.registries cluster.discovery.registries cluster.discovery.registries.kubernetes cluster.discovery.registries.service".split(
    " ",
  ),
);

export const isEmbedded = (kind: string, path: string): boolean =>
  (kind === "" ? embeddedInLegacy : embedded).has(path);

/** The rules of a document kind; `""` is the v1alpha1 document. */
export const rulesOfKind = (kind: string): KindRules => ownEntry(rules, kind) ?? {};

const listed = (paths: string[] | undefined, path: string): boolean => paths?.includes(path) ?? false;

export const isReplaced = (kind: string, path: string): boolean => listed(rulesOfKind(kind).replaced, path);
export const isUrl = (kind: string, path: string): boolean => listed(rulesOfKind(kind).urls, path);
export const isFreeForm = (kind: string, path: string): boolean => listed(rulesOfKind(kind).freeForm, path);
export const keyedList = (kind: string, path: string): { by: string; whole?: true } | undefined =>
  rulesOfKind(kind).keyed?.[path];

export const isZeroable = (kind: string, path: string): boolean => {
  const paths = rulesOfKind(kind).zeroable;
  return listed(paths, path) || listed(paths, path.replace(/\.[^.]+$/, ".*"));
};

/** `provisioning.maxSize` holds bytes or a percentage side by side; a percentage does not take the place of bytes. */
export const isSize = (path: string): boolean => path === "provisioning.maxSize";

export const isExtraArgs = (path: string): boolean => path.endsWith("extraArgs");

// `config` and `features` are maps only there.
export const isMapField = (path: string): boolean =>
  path === "machine.registries.config" || path === "features" || mapFields.has(path.slice(path.lastIndexOf(".") + 1));
