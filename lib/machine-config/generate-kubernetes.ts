import { isControlPlane, type GenerateContext } from "@/lib/machine-config/generate-context";
import {
  auditPolicyDefaults,
  authenticationDefaults,
  controlPlaneLabel,
  excludeFromLoadBalancerLabel,
  kubePrismPort,
  kubernetesImage,
  podSecurityDefaults,
} from "@/lib/machine-config/generate-defaults";
import { documentHead, type GeneratedDocument } from "@/lib/machine-config/generate-documents";
import { sortedMap } from "@/lib/machine-config/generate-machine";
import { fromBase64 } from "@/lib/machine-config/secrets-bundle";

/** Kubernetes' documents of contract 1.14 on; keys and certificates are PEM texts here, not base64 (cfg/generate/kubernetes.go). */
export function kubernetesDocuments(context: GenerateContext): GeneratedDocument[] {
  if (!context.from("1.14")) return [];
  return [...nodeDocuments(context), ...(isControlPlane(context) ? controlPlaneDocuments(context) : [])];
}

function nodeDocuments(context: GenerateContext): GeneratedDocument[] {
  const { bundle, cluster, node } = context;
  const control = isControlPlane(context);
  const certificate = fromBase64(bundle.certs.k8s.crt);
  const ownLabels: Record<string, string> = control
    ? { [controlPlaneLabel]: "", [excludeFromLoadBalancerLabel]: "" }
    : {};
  const ownTaints: Record<string, string> =
    control && !cluster.allowSchedulingOnControlPlanes ? { [controlPlaneLabel]: "NoSchedule" } : {};
  return [
    { ...documentHead("KubeClusterConfig"), clusterName: cluster.name, endpoint: cluster.endpoint },
    {
      ...documentHead("KubeNodeConfig"),
      nodeIP: {},
      labels: sortedMap({ ...ownLabels, ...node.nodeLabels }),
      taints: sortedMap({ ...ownTaints, ...node.nodeTaints }),
    },
    {
      ...documentHead("KubeletConfig"),
      image: kubernetesImage("kubelet", cluster.kubernetesVersion),
      config: {},
      defaultRuntimeSeccompProfileEnabled: true,
    },
    {
      ...documentHead("KubeNetworkConfig"),
      dnsDomain: cluster.dnsDomain,
      podSubnets: cluster.podSubnets,
      serviceSubnets: cluster.serviceSubnets,
    },
    {
      ...documentHead("KubeAPIServerCAConfig"),
      ...(control
        ? { issuingCA: { cert: certificate, key: fromBase64(bundle.certs.k8s.key) } }
        : { acceptedCAs: [certificate] }),
    },
    { ...documentHead("KubePrismConfig"), port: kubePrismPort },
  ];
}

function controlPlaneDocuments({ bundle, cluster, node }: GenerateContext): GeneratedDocument[] {
  const version = cluster.kubernetesVersion;
  const documents: GeneratedDocument[] = [
    {
      ...documentHead("KubeAggregatorCAConfig"),
      issuingCA: { cert: fromBase64(bundle.certs.k8saggregator.crt), key: fromBase64(bundle.certs.k8saggregator.key) },
    },
    { ...documentHead("KubeAdmissionControlConfig", "PodSecurity"), configuration: podSecurityDefaults },
    { ...documentHead("KubeAuditPolicyConfig"), configuration: auditPolicyDefaults },
    { ...documentHead("KubeAuthenticationConfig"), configuration: authenticationDefaults },
    { ...documentHead("KubeAuthorizerConfig", "node"), type: "Node" },
    { ...documentHead("KubeAuthorizerConfig", "rbac"), type: "RBAC" },
    {
      ...documentHead("KubeEtcdEncryptionConfig"),
      config: { resources: [{ providers: encryptionProviders(bundle), resources: ["secrets"] }] },
    },
    {
      ...documentHead("KubeServiceAccountConfig"),
      issuer: { privateKey: fromBase64(bundle.certs.k8sserviceaccount.key), issuerURL: cluster.endpoint },
    },
    {
      ...documentHead("KubeAPIServerConfig"),
      image: kubernetesImage("kube-apiserver", version),
      certExtraSANs: node.certSans?.length ? node.certSans : undefined,
    },
    { ...documentHead("KubeControllerManagerConfig"), image: kubernetesImage("kube-controller-manager", version) },
    { ...documentHead("KubeSchedulerConfig"), image: kubernetesImage("kube-scheduler", version), config: {} },
    { ...documentHead("KubeProxyConfig"), image: kubernetesImage("kube-proxy", version), config: {} },
  ];
  if (cluster.cni.kind === "flannel")
    documents.push({ ...documentHead("KubeFlannelCNIConfig"), backendType: "vxlan", backendPort: 4789 });
  documents.push({ ...documentHead("KubeCoreDNSConfig"), enabled: true });
  if (cluster.cni.kind === "custom")
    documents.push({ ...documentHead("KubeExternalManifestConfig", "custom-cni"), url: cluster.cni.url });
  return documents;
}

// An AES-CBC secret is written as the provider that it is for. Upstream's generator puts it under secretbox, with which the API server could
// not read what older configs encrypted; its names and order are kept.
function encryptionProviders({ secrets }: GenerateContext["bundle"]): GeneratedDocument[] {
  const provider = (kind: string, name: string, secret: string | undefined): GeneratedDocument[] =>
    secret === undefined ? [] : [{ [kind]: { keys: [{ name, secret }] } }];
  return [
    ...provider("secretbox", "key2", secrets.secretboxencryptionsecret),
    ...provider("aescbc", "key1", secrets.aescbcencryptionsecret),
  ];
}
