import type { GoYamlInput, YamlMap } from "@/lib/core/go-yaml";
import { isControlPlane, type GenerateContext } from "@/lib/machine-config/generate-context";
import { auditPolicyDefaults, kubernetesImage, podSecurityDefaults } from "@/lib/machine-config/generate-defaults";

type Section = { [key: string]: GoYamlInput | undefined };

/** The `cluster` section of the v1alpha1 document: nearly all of it up to 1.13, the join token and etcd's authority from 1.14 on. */
export function clusterSection(context: GenerateContext): Section {
  const { bundle } = context;
  const control = isControlPlane(context);
  const etcd = control ? { ca: { crt: bundle.certs.etcd.crt, key: bundle.certs.etcd.key } } : undefined;
  if (context.from("1.14")) return { token: bundle.secrets.bootstraptoken, etcd };
  const { cluster } = context;
  return {
    id: bundle.cluster.id,
    secret: bundle.cluster.secret,
    controlPlane: { endpoint: cluster.endpoint },
    clusterName: cluster.name,
    network: legacyNetwork(context),
    token: bundle.secrets.bootstraptoken,
    aescbcEncryptionSecret: control ? bundle.secrets.aescbcencryptionsecret : undefined,
    secretboxEncryptionSecret: control ? bundle.secrets.secretboxencryptionsecret : undefined,
    ca: { crt: bundle.certs.k8s.crt, key: control ? bundle.certs.k8s.key : "" },
    ...(control ? controlPlaneSections(context) : {}),
    discovery: { enabled: cluster.discovery, registries: { kubernetes: { disabled: true }, service: {} } },
    etcd,
    allowSchedulingOnControlPlanes: control && cluster.allowSchedulingOnControlPlanes ? true : undefined,
  };
}

function legacyNetwork({ cluster }: GenerateContext): YamlMap {
  return {
    cni: legacyNetworkPlugin(cluster.cni),
    dnsDomain: cluster.dnsDomain,
    podSubnets: cluster.podSubnets,
    serviceSubnets: cluster.serviceSubnets,
  };
}

function legacyNetworkPlugin(cni: GenerateContext["cluster"]["cni"]): YamlMap | undefined {
  switch (cni.kind) {
    case "flannel":
      return undefined;
    case "none":
      return { name: "none" };
    case "custom":
      return { name: "custom", urls: [cni.url] };
  }
}

function controlPlaneSections({ bundle, cluster, node, from }: GenerateContext): Section {
  const hidden = from("1.12");
  const endpointHost = new URL(cluster.endpoint).hostname.replace(/^\[|\]$/g, "");
  const certSans = [...(hidden ? [] : [endpointHost]), ...(node.certSans ?? [])];
  const version = cluster.kubernetesVersion;
  return {
    aggregatorCA: { crt: bundle.certs.k8saggregator.crt, key: bundle.certs.k8saggregator.key },
    serviceAccount: { key: bundle.certs.k8sserviceaccount.key },
    apiServer: {
      image: kubernetesImage("kube-apiserver", version),
      certSANs: certSans.length > 0 ? certSans : undefined,
      disablePodSecurityPolicy: hidden ? undefined : true,
      admissionControl: [{ name: "PodSecurity", configuration: podSecurityDefaults }],
      auditPolicy: auditPolicyDefaults,
    },
    controllerManager: { image: kubernetesImage("kube-controller-manager", version) },
    proxy: { image: kubernetesImage("kube-proxy", version) },
    scheduler: { image: kubernetesImage("kube-scheduler", version) },
  };
}
