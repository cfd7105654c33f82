import type { YamlValue } from "@/lib/core/go-yaml";
import {
  documentOfKind,
  isYamlMap,
  legacyDocument,
  type MachineConfigDocument,
  parseMachineConfig,
  valueAt,
} from "@/lib/machine-config/documents";
import { clusterEndpoint, clusterInput, type ClusterOptions } from "@/lib/machine-config/schema";

/** What a cluster's machine configs have in common, as its row keeps it. */
export type FoundOptions = {
  /** `https://host:port` of the Kubernetes API; null where the config does not say. */
  endpoint: string | null;
  /** Of `clusterInput`, without name, endpoint and Kubernetes version. */
  options: Partial<ClusterOptions>;
};

const controlPlaneTaint = "node-role.kubernetes.io/control-plane";
const stringList = (value: YamlValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];

function networkPlugin(documents: readonly MachineConfigDocument[], legacy: YamlValue | undefined) {
  const external = documents.find(({ kind, name }) => kind === "KubeExternalManifestConfig" && name === "custom-cni");
  const url = external && valueAt(external, ["url"]);
  if (typeof url === "string") return { kind: "custom", url };
  if (documentOfKind(documents, "KubeFlannelCNIConfig")) return { kind: "flannel" };
  if (documentOfKind(documents, "KubeNetworkConfig")) return { kind: "none" };
  const name = valueAt(legacy, ["cni", "name"]);
  const [first, ...more] = stringList(valueAt(legacy, ["cni", "urls"]));
  if (name === undefined || name === null || name === "flannel") return { kind: "flannel" };
  // Several manifests cannot be said here; the control planes that are there keep applying them.
  return name === "custom" && first !== undefined && more.length === 0
    ? { kind: "custom", url: first }
    : { kind: "none" };
}

/**
 * The options of a running cluster, from the machine config of one of its control planes (any contract), so that machines
 * which join later get the networks that the others have. What is not valid is left out, and then the default holds.
 */
export function clusterOptionsOf(controlPlaneConfig: string): FoundOptions {
  const documents = parseMachineConfig(controlPlaneConfig);
  const legacy = legacyDocument(documents);
  const at = (...path: string[]): YamlValue | undefined => valueAt(legacy, path);
  const inDocument = (kind: string, ...path: string[]) => valueAt(documentOfKind(documents, kind), path);

  const taints = inDocument("KubeNodeConfig", "taints");
  const found: Record<string, unknown> = {
    dnsDomain: inDocument("KubeNetworkConfig", "dnsDomain") ?? at("cluster", "network", "dnsDomain"),
    podSubnets: inDocument("KubeNetworkConfig", "podSubnets") ?? at("cluster", "network", "podSubnets"),
    serviceSubnets: inDocument("KubeNetworkConfig", "serviceSubnets") ?? at("cluster", "network", "serviceSubnets"),
    cni: networkPlugin(documents, at("cluster", "network")),
    discovery:
      documentOfKind(documents, "DiscoveryServiceConfig") !== undefined ||
      at("cluster", "discovery", "enabled") === true,
    kubespan:
      inDocument("KubeSpanConfig", "enabled") === true || at("machine", "network", "kubespan", "enabled") === true,
    allowSchedulingOnControlPlanes:
      at("cluster", "allowSchedulingOnControlPlanes") === true ||
      (documentOfKind(documents, "KubeNodeConfig") !== undefined &&
        !(isYamlMap(taints) && Object.hasOwn(taints, controlPlaneTaint))),
  };
  const options = Object.entries(clusterInput.shape).flatMap(([key, schema]) => {
    const parsed = found[key] === undefined || found[key] === null ? null : schema.safeParse(found[key]);
    return parsed?.success ? [[key, parsed.data]] : [];
  });
  const endpoint = clusterEndpoint.safeParse(
    inDocument("KubeClusterConfig", "endpoint") ?? at("cluster", "controlPlane", "endpoint"),
  );
  return {
    endpoint: endpoint.success ? endpoint.data : null,
    options: Object.fromEntries(options) as Partial<ClusterOptions>,
  };
}
