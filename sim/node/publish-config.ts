import { MachineType } from "@/lib/talos/gen/resource/config/config";
import { netIp } from "../resources/addresses";
import { clusterInfos, identities, machineConfigs, machineTypes } from "../resources/kinds/cluster";
import { etcdRootSecrets, kubernetesRootSecrets, osRootSecrets } from "../resources/kinds/secrets";
import { nodeIdentity } from "./identity";
import type { SimNode } from "./node";
import { publishMembers } from "./publish-members";

/** The machine config, and what follows from it: type, cluster, members and secrets. */
export function publishConfig(node: SimNode): void {
  const { resources, cluster, config } = node;
  const persisted = node.disk.config;
  // Active and persistent differ while a config is staged or on trial.
  const annotations = { "talos.dev/yaml-spec": "1" };
  for (const [id, text] of [
    ["v1alpha1", node.configText],
    ["persistent", persisted],
  ] as const)
    if (text !== null) resources.put(machineConfigs, id, { yamlMarshalled: Buffer.from(text, "utf8") }, annotations);
  if (!config) return;
  resources.put(machineTypes, "machine-type", {
    machineType: config.type === "controlplane" ? MachineType.CONTROL_PLANE : MachineType.WORKER,
  });
  if (!cluster) return;
  resources.put(clusterInfos, "current", {
    clusterId: config.clusterId ?? cluster.secrets.id,
    clusterName: config.clusterName ?? cluster.name,
  });
  resources.put(identities, "local", { nodeId: nodeIdentity(node) });
  publishSecrets(node);
  publishMembers(node);
}

/** Workers know the API's authority without its key, and nothing of the others'. */
function publishSecrets({ resources, cluster, controlPlane }: SimNode): void {
  if (!cluster) return;
  const { secrets } = cluster;
  const pair = ({ certPem, keyPem }: { certPem: string; keyPem: string }) => ({
    crt: Buffer.from(certPem),
    key: Buffer.from(keyPem),
  });
  resources.put(osRootSecrets, "os", {
    ...(controlPlane ? { issuingCa: pair(secrets.os) } : {}),
    acceptedCAs: [{ crt: Buffer.from(secrets.os.certPem) }],
    token: secrets.token,
  });
  if (!controlPlane) return;
  resources.put(etcdRootSecrets, "etcd", { etcdCa: pair(secrets.etcd) });
  const [bootstrapTokenId = "", bootstrapTokenSecret = ""] = secrets.bootstrapToken.split(".");
  const { crt, key } = pair(secrets.kubernetes);
  resources.put(kubernetesRootSecrets, "k8s", {
    name: cluster.name,
    endpoint: { fullPath: cluster.kubernetesEndpoint },
    localEndpoint: { fullPath: "https://127.0.0.1:7445" },
    dnsDomain: "cluster.local",
    apiServerIps: [netIp("10.96.0.1")],
    issuingCa: { crt, key },
    acceptedCAs: [{ crt }],
    aggregatorCa: pair(secrets.aggregator),
    serviceAccount: { key: Buffer.from(secrets.serviceAccountKeyPem) },
    bootstrapTokenId,
    bootstrapTokenSecret,
    secretboxEncryptionSecret: secrets.secretboxEncryptionSecret,
  });
}
