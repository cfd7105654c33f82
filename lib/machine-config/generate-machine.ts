import { naturalSort } from "@/lib/core/go-yaml-sort";
import type { GoYamlInput, YamlMap } from "@/lib/core/go-yaml";
import type { GenerateContext } from "@/lib/machine-config/generate-context";
import { excludeFromLoadBalancerLabel, kubePrismPort, kubernetesImage } from "@/lib/machine-config/generate-defaults";

/** The `machine` section of the v1alpha1 document; what moved to documents of its own is left out from 1.14 on. */
export function machineSection(context: GenerateContext): { [key: string]: GoYamlInput | undefined } {
  const { bundle, role, node, cluster, from } = context;
  const legacy = !from("1.14");
  return {
    type: role,
    token: bundle.trustdinfo.token,
    ca: { crt: bundle.certs.os.crt, key: role === "controlplane" ? bundle.certs.os.key : "" },
    certSANs: node.certSans ?? [],
    kubelet: legacy
      ? {
          image: kubernetesImage("kubelet", cluster.kubernetesVersion),
          defaultRuntimeSeccompProfileEnabled: true,
          disableManifestsDirectory: true,
        }
      : undefined,
    network: networkSection(context),
    install: legacy
      ? {
          disk: node.installDisk,
          diskSelector: node.diskSelector && orderedSelector(node.diskSelector),
          image: node.installImage,
          wipe: false,
          grubUseUKICmdline: from("1.12") ? true : undefined,
        }
      : undefined,
    sysctls: legacy ? sortedMap(node.sysctls) : undefined,
    registries: from("1.12") ? undefined : registriesSection(node.registryMirrors),
    features: featuresSection(context),
    nodeLabels: legacy ? sortedMap({ ...balancerLabel(context), ...node.nodeLabels }) : undefined,
    nodeTaints: legacy ? sortedMap(node.nodeTaints) : undefined,
  };
}

/** A map of texts in go-yaml's order, undefined when it is empty. */
export const sortedMap = (map: Record<string, string> | undefined): GoYamlInput | undefined =>
  map && Object.keys(map).length > 0 ? naturalSort(map) : undefined;

const balancerLabel = ({ role }: GenerateContext): Record<string, string> =>
  role === "controlplane" ? { [excludeFromLoadBalancerLabel]: "" } : {};

const orderedSelector = (selector: NonNullable<GenerateContext["node"]["diskSelector"]>): YamlMap => ({
  size: selector.size,
  model: selector.model,
  serial: selector.serial,
  modalias: selector.modalias,
  uuid: selector.uuid,
  wwid: selector.wwid,
  type: selector.type,
  busPath: selector.busPath,
});

const registriesSection = (mirrors: Record<string, string[]> | undefined): GoYamlInput | undefined =>
  mirrors && Object.keys(mirrors).length > 0
    ? {
        mirrors: naturalSort(
          Object.fromEntries(Object.entries(mirrors).map(([host, endpoints]) => [host, { endpoints }])),
        ),
      }
    : undefined;

// Until 1.12 an empty `network` is always there (cfg/generate/network.go).
function networkSection({ node, cluster, from }: GenerateContext): YamlMap | undefined {
  if (from("1.13")) return undefined;
  const legacy = !from("1.12");
  return {
    hostname: legacy ? node.hostname : undefined,
    nameservers: legacy && node.nameservers?.length ? node.nameservers : undefined,
    kubespan: cluster.kubespan ? { enabled: true } : undefined,
  };
}

function featuresSection({ from }: GenerateContext): YamlMap {
  if (from("1.14")) return { diskQuotaSupport: true };
  const hidden = from("1.12");
  return {
    rbac: hidden ? undefined : true,
    stableHostname: hidden ? undefined : true,
    apidCheckExtKeyUsage: hidden ? undefined : true,
    diskQuotaSupport: true,
    kubePrism: { enabled: true, port: kubePrismPort },
    hostDNS: { enabled: true, forwardKubeDNSToHost: true },
  };
}
