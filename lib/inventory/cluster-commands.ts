import "server-only";
import type { Ctx } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/core/ids";
import { db } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { mintTalosconfig } from "@/lib/machine-config/mint-talosconfig";
import type { TalosRole } from "@/lib/machine-config/pki-leaf";
import type { ClusterOptions, VersionContract } from "@/lib/machine-config/schema";
import { generateSecretsBundle, parseSecretsBundle, writeSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import { writeTalosconfig } from "@/lib/talos/talosconfig";
import { kubeconfigFor, withControlPlane } from "./access";
import { refreshCluster } from "./cluster-records";
import { putClusterSecret, readClusterSecret } from "./cluster-secrets";
import { forgetCredentials } from "./credentials";
import { controlPlaneAddresses } from "./dial";
import { fleet } from "./fleet";
import { refuseHeldNodes, refuseRunsNodes } from "./guard/holds";
import { refreshNodes } from "./refresh";
import { talosPort, withPort } from "./scan-range";

type Admin = Ctx<Grants["admin"]>;

/** A file for an administrator's own hands: it is in the answer only, never stored, logged or audited. */
export type SecretFile = { fileName: string; content: string };

async function findCluster(clusterId: string) {
  const cluster = await db.cluster.findUnique({ where: { id: clusterId } });
  if (!cluster) throw new AppError("not-found", "This cluster is not (or no longer) there.");
  return cluster;
}

/**
 * A new cluster: its secrets are generated and sealed; machines are adopted into it, then the first control plane is
 * bootstrapped.
 * @throws AppError `conflict` when the name is taken.
 */
export async function createCluster(
  _ctx: Admin,
  { cluster, contract }: { cluster: ClusterOptions; contract: VersionContract },
): Promise<{ clusterId: string }> {
  const { name, endpoint, kubernetesVersion, ...options } = cluster;
  const bundle = await generateSecretsBundle({ contract, nowMs: Date.now() });
  const clusterId = newId("cluster");
  await withTransaction(async (tx) => {
    if (await tx.cluster.findUnique({ where: { name } })) {
      throw new AppError("conflict", `A cluster named ${name} is there already.`, {
        fields: { "cluster.name": "Taken." },
      });
    }
    await tx.cluster.create({
      data: {
        id: clusterId,
        name,
        endpoint,
        kubernetesVersion,
        contract,
        options: JSON.stringify(options),
        talosEndpoints: "[]",
        talosClusterId: bundle.cluster.id,
        secretsSource: "generated",
      },
    });
    const plaintext = writeSecretsBundle(bundle);
    await putClusterSecret(tx, clusterId, "bundle", { plaintext, role: null, notAfterMs: null });
  });
  await refreshCluster(clusterId);
  return { clusterId };
}

async function endpointsOf(clusterId: string): Promise<string[]> {
  const addresses = await controlPlaneAddresses(clusterId);
  return addresses
    .map((address) => withPort(address))
    .map(({ host, port, address }) => (port === talosPort ? host : address));
}

/**
 * A talosconfig with a fresh certificate of one role: signed here where the cluster's authority is held, else made by a
 * control plane.
 * @throws AppError `refused` when neither can be.
 */
export async function downloadTalosconfig(
  _ctx: Admin,
  { clusterId, role, ttlMs }: { clusterId: string; role: TalosRole; ttlMs: number },
): Promise<SecretFile> {
  const cluster = await findCluster(clusterId);
  const fileName = `talosconfig-${cluster.name}.yaml`;
  const endpoints = await endpointsOf(clusterId);
  const held = await readClusterSecret(clusterId, "bundle");
  if (held) {
    const authority = { bundle: parseSecretsBundle(held.plaintext) };
    const made = { authority, clusterName: cluster.name, endpoints, roles: [role], ttlMs, nowMs: Date.now() };
    return { fileName, content: await mintTalosconfig(made) };
  }
  const { caPem, certPem, keyPem } = await withControlPlane(clusterId, "admin", (client) =>
    client.generateClientConfiguration({ roles: [role], ttlMs }),
  );
  const credentials = { kind: "mtls" as const, caPem, certPem, keyPem };
  return { fileName, content: writeTalosconfig([{ name: cluster.name, endpoints, credentials }]) };
}

/** The cluster's admin kubeconfig. @throws AppError or TalosError when it is not held and cannot be fetched. */
export async function downloadKubeconfig(_ctx: Admin, clusterId: string): Promise<SecretFile> {
  const cluster = await findCluster(clusterId);
  return { fileName: `kubeconfig-${cluster.name}.yaml`, content: await kubeconfigFor(clusterId) };
}

/**
 * Forgets a cluster with its nodes and secrets; the machines are left as they are.
 * @throws AppError `invalid-input` where the typed name does not match, `refused` while an upgrade run is at work, `conflict`
 * while somebody else works on one of its nodes.
 */
export async function removeCluster(
  _ctx: Admin,
  { clusterId, confirmName }: { clusterId: string; confirmName: string },
): Promise<{ name: string }> {
  const cluster = await findCluster(clusterId);
  if (confirmName !== cluster.name) {
    throw new AppError("invalid-input", "The name does not match the cluster's.", {
      fields: { confirmName: `Type ${cluster.name}.` },
    });
  }
  const states = fleet().states();
  if (states.some(({ record, runId }) => record.clusterId === clusterId && runId !== null)) {
    throw new AppError("refused", "An upgrade run is at work in this cluster: wait for it or cancel it.");
  }
  const nodeIds = await withTransaction(async (tx) => {
    const ids = (await tx.node.findMany({ where: { clusterId }, select: { id: true } })).map(({ id }) => id);
    await refuseRunsNodes(tx, ids, null);
    await refuseHeldNodes(tx, ids, "calls");
    await tx.node.deleteMany({ where: { clusterId } });
    await tx.nodeHold.deleteMany({ where: { nodeId: { in: ids } } });
    await tx.cluster.delete({ where: { id: clusterId } });
    return ids;
  });
  forgetCredentials(clusterId);
  await refreshNodes(nodeIds);
  await refreshCluster(clusterId);
  return { name: cluster.name };
}
