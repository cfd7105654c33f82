import type { YamlMap } from "@/lib/core/go-yaml";

/** What Talos sets where a cluster says nothing (pkg/machinery/constants). */
export const kubePrismPort = 7445;
export const discoveryEndpoint = "https://discovery.talos.dev/";
export const excludeFromLoadBalancerLabel = "node.kubernetes.io/exclude-from-external-load-balancers";
export const controlPlaneLabel = "node-role.kubernetes.io/control-plane";
export const filesystemTrimInterval = "168h0m0s";

export type KubernetesImage =
  "kubelet" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kube-proxy";

/** The image of a Kubernetes component; the kubelet's comes from Talos' own registry. */
export function kubernetesImage(component: KubernetesImage, version: string): string {
  const registry = component === "kubelet" ? "ghcr.io/siderolabs" : "registry.k8s.io";
  return `${registry}/${component}:v${version.replace(/^v/, "")}`;
}

/** Free-form objects: their keys are in go-yaml's natural order, as Go writes maps. */
export const podSecurityDefaults: YamlMap = {
  apiVersion: "pod-security.admission.config.k8s.io/v1alpha1",
  defaults: {
    audit: "restricted",
    "audit-version": "latest",
    enforce: "baseline",
    "enforce-version": "latest",
    warn: "restricted",
    "warn-version": "latest",
  },
  exemptions: { namespaces: ["kube-system"], runtimeClasses: [], usernames: [] },
  kind: "PodSecurityConfiguration",
};

export const auditPolicyDefaults: YamlMap = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  rules: [{ level: "Metadata" }],
};

export const authenticationDefaults: YamlMap = {
  anonymous: { conditions: [{ path: "/livez" }, { path: "/readyz" }, { path: "/healthz" }], enabled: true },
  jwt: [],
};
