import { AppError } from "@/lib/core/errors";
import type { GoYamlInput } from "@/lib/core/go-yaml";
import { diskPathExpression, diskSelectorExpression } from "@/lib/machine-config/disk-selector";
import type { GenerateContext } from "@/lib/machine-config/generate-context";
import { discoveryEndpoint, filesystemTrimInterval } from "@/lib/machine-config/generate-defaults";
import { sortedMap } from "@/lib/machine-config/generate-machine";

export type GeneratedDocument = { [key: string]: GoYamlInput | undefined };

/** A document's head: every kind but v1alpha1 starts with these. */
export const documentHead = (kind: string, name?: string): GeneratedDocument => ({
  apiVersion: "v1alpha1",
  kind,
  ...(name === undefined ? {} : { name }),
});

/** Documents beside v1alpha1 that are not Kubernetes', in the generator's order (cfg/generate/init.go, network.go, registry.go). */
export function machineDocuments(context: GenerateContext): GeneratedDocument[] {
  return [
    ...(context.from("1.14") ? documentsSince114(context) : []),
    ...(context.from("1.12") ? documentsSince112(context) : []),
  ];
}

function documentsSince114({ bundle, cluster, node }: GenerateContext): GeneratedDocument[] {
  const documents: GeneratedDocument[] = [];
  if (cluster.discovery)
    documents.push({ ...documentHead("DiscoveryServiceConfig", "default"), endpoint: discoveryEndpoint });
  documents.push({
    ...documentHead("DiscoveryIdentityConfig"),
    clusterID: bundle.cluster.id,
    clusterSecret: bundle.cluster.secret,
  });
  const match = diskMatch(node);
  if (match !== null) {
    documents.push({
      ...documentHead("UnattendedInstallConfig"),
      installer: { image: node.installImage },
      provisioning: { diskSelector: { match }, wipe: false },
    });
  }
  documents.push({
    ...documentHead("ResolverConfig"),
    ...resolvers(node),
    hostDNS: { enabled: true, forwardKubeDNSToHost: true },
  });
  const sysctls = sortedMap(node.sysctls);
  if (sysctls) documents.push({ ...documentHead("SysctlConfig"), params: sysctls });
  documents.push({ ...documentHead("VolumeConfig", "EPHEMERAL"), mount: { secure: true } });
  documents.push({ ...documentHead("FilesystemTrimConfig"), interval: filesystemTrimInterval });
  documents.push({ ...documentHead("SecurityProfileConfig"), workloadIsolation: true });
  return documents;
}

function diskMatch(node: GenerateContext["node"]): string | null {
  if (node.diskSelector) return diskSelectorExpression(node.diskSelector);
  if (node.installDisk) return diskPathExpression(node.installDisk);
  if (node.installImage === undefined) return null;
  throw new AppError(
    "invalid-input",
    "An installer image is given without the disk to install to; Talos 1.14 needs both.",
    {
      fields: { "node.installDisk": "Give the disk by its path or by its properties." },
    },
  );
}

const resolvers = (node: GenerateContext["node"]): GeneratedDocument =>
  node.nameservers?.length ? { nameservers: node.nameservers.map((address) => ({ address })) } : {};

function documentsSince112(context: GenerateContext): GeneratedDocument[] {
  const { node, cluster, from } = context;
  const hosts = Object.entries(node.registryMirrors ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
  const documents: GeneratedDocument[] = hosts.map(([host, endpoints]) => ({
    ...documentHead("RegistryMirrorConfig", host),
    endpoints: endpoints.map((url) => ({ url })),
  }));
  // `auto` and `hostname` exclude each other: a static name needs auto switched off (cfg/generate/stdpatches).
  documents.push({
    ...documentHead("HostnameConfig"),
    ...(node.hostname ? { auto: "off", hostname: node.hostname } : { auto: "stable" }),
  });
  if (!from("1.14") && node.nameservers?.length)
    documents.push({ ...documentHead("ResolverConfig"), ...resolvers(node) });
  if (from("1.13") && cluster.kubespan) documents.push({ ...documentHead("KubeSpanConfig"), enabled: true });
  return documents;
}
