import { bundleFromControlplaneConfig } from "@/lib/machine-config/secrets-bundle-import";
import type { SecretsBundle } from "@/lib/machine-config/secrets-bundle-schema";
import { configFacts } from "../node/config-facts";
import type { SimNode } from "../node/node";
import { newCluster, type ClusterSecrets } from "./cluster";

const pem = (base64: string) => Buffer.from(base64, "base64").toString("utf8");

/** What a cluster's nodes share, out of the config of its first control plane. */
function secretsOf({ cluster, secrets, trustdinfo, certs }: SecretsBundle, name: string): ClusterSecrets {
  const pair = ({ crt, key }: { crt: string; key: string }) => ({ certPem: pem(crt), keyPem: pem(key) });
  return {
    id: cluster.id,
    name,
    os: pair(certs.os),
    kubernetes: pair(certs.k8s),
    etcd: pair(certs.etcd),
    aggregator: pair(certs.k8saggregator),
    serviceAccountKeyPem: pem(certs.k8sserviceaccount.key),
    token: trustdinfo.token,
    bootstrapToken: secrets.bootstraptoken,
    secretboxEncryptionSecret: secrets.secretboxencryptionsecret ?? "",
    discoverySecret: cluster.secret,
  };
}

/**
 * Puts a node into the cluster that its config belongs to: the one whose API authority the config names. A config with an authority
 * that no cluster of the fleet has, and with its key, starts a new cluster.
 */
export async function joinCluster(node: SimNode, text: string): Promise<void> {
  const { world } = node;
  const facts = configFacts(text);
  const certPem = facts.osCa ? Buffer.from(facts.osCa.crt, "base64").toString("utf8") : null;
  const sameAuthority = [...world.clusters.values()].find(
    (cluster) => certPem !== null && cluster.secrets.os.certPem.trim() === certPem.trim(),
  );
  if (sameAuthority) node.cluster = sameAuthority;
  else if (certPem !== null && facts.osCa && facts.osCa.key !== "") {
    const name = facts.clusterName ?? "cluster";
    const secrets = secretsOf(bundleFromControlplaneConfig(text), name);
    const cluster = newCluster(secrets);
    world.clusters.set(secrets.id, cluster);
    await world.clusterAdded(cluster);
    node.cluster = cluster;
  } else node.cluster = [...world.clusters.values()][0] ?? null;
}
