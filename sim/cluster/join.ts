import { configFacts } from "../node/config-facts";
import type { SimNode } from "../node/node";
import { newCluster, newClusterSecrets } from "./cluster";

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
    const secrets = await newClusterSecrets(name, `${world.seed}/${facts.clusterId ?? name}`, world.clock.nowMs());
    secrets.os = { certPem, keyPem: Buffer.from(facts.osCa.key, "base64").toString("utf8") };
    if (facts.clusterId !== null) secrets.id = facts.clusterId;
    const cluster = newCluster(secrets);
    world.clusters.set(facts.clusterId ?? name, cluster);
    await world.clusterAdded(cluster);
    node.cluster = cluster;
  } else node.cluster = [...world.clusters.values()][0] ?? null;
  node.disk.config = text;
  if (facts.type === "controlplane" && node.cluster?.etcd.bootstrapped) node.cluster.etcd.join(node.name, node.address);
}
