import "server-only";
import { X509Certificate } from "node:crypto";
import type { Ctx } from "@/lib/auth/ctx";
import type { Grants } from "@/lib/auth/role";
import { AppError } from "@/lib/core/errors";
import { offThread } from "@/lib/core/off-thread/pool";
import { db } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { bundleAuthority, parseSecretsBundle, writeSecretsBundle } from "@/lib/machine-config/secrets-bundle";
import type { SecretsBundle } from "@/lib/machine-config/secrets-bundle-schema";
import { readBundle } from "@/lib/machine-config/tasks";
import { resourceDefs } from "@/lib/talos/resources";
import { withControlPlane } from "./access";
import { refreshCluster } from "./cluster-records";
import { putClusterSecret, readClusterSecret } from "./cluster-secrets";
import { forgetCredentials, heldContext } from "./credentials";
import { clusterTask } from "./tasks";

/** Where the secrets of a cluster come from: a file, or one of its control planes (Talos role os:admin). */
export type SecretsSource = { kind: "bundle"; yaml: string } | { kind: "control-plane" };

type Row = { name: string; endpoint: string; options: string };
type Found = { bundle: SecretsBundle; data: Partial<Row> };

const publicKeyOf = (pem: string): string =>
  new X509Certificate(pem).publicKey.export({ type: "spki", format: "pem" }).toString();

/** The certificate of the authority that the cluster is known by: its talosconfig's, else that of the secrets held. */
async function knownAuthority(clusterId: string): Promise<string | null> {
  const context = await heldContext(clusterId);
  if (context) return context.credentials.caPem;
  const held = await readClusterSecret(clusterId, "bundle");
  return held && bundleAuthority(parseSecretsBundle(held.plaintext), "os").certPem;
}

async function find(clusterId: string, source: SecretsSource, row: Row): Promise<Found> {
  if (source.kind === "bundle") return { bundle: await offThread(readBundle, source.yaml), data: {} };
  const config = await withControlPlane(
    clusterId,
    "admin",
    async (client) => (await client.get(resourceDefs.machineConfig)).spec,
  );
  const { endpoint, options, bundle } = await offThread(clusterTask, config);
  return {
    bundle,
    data: {
      ...(endpoint !== null && row.endpoint === "" && { endpoint }),
      // Machines that join later need the networks that the others have.
      ...(row.options === "{}" && { options: JSON.stringify(options) }),
    },
  };
}

/**
 * Adds the secrets bundle of a cluster, so that machines can join it and short-lived certificates are made here: from a
 * file, or out of the machine config of a control plane. It is sealed; no part of it is in the answer, a log or the audit.
 * @throws AppError `invalid-input` for a bundle that is malformed, `refused` for that of another cluster or without
 * admin credentials; TalosError when no control plane answers. Then nothing is stored.
 */
export async function importSecrets(
  _ctx: Ctx<Grants["admin"]>,
  { clusterId, source }: { clusterId: string; source: SecretsSource },
): Promise<{ name: string }> {
  const cluster = await db.cluster.findUnique({ where: { id: clusterId } });
  if (!cluster) throw new AppError("not-found", "This cluster is not (or no longer) there.");
  const { bundle, data } = await find(clusterId, source, cluster);
  const known = await knownAuthority(clusterId);
  if (known !== null && publicKeyOf(known) !== publicKeyOf(bundleAuthority(bundle, "os").certPem)) {
    throw new AppError(
      "refused",
      `These are the secrets of another cluster: their authority is not that of ${cluster.name}.`,
      { hint: "Nothing was stored." },
    );
  }
  const plaintext = writeSecretsBundle(bundle);
  const secretsSource = cluster.secretsSource === "generated" ? "generated" : "imported";
  await withTransaction(async (tx) => {
    await putClusterSecret(tx, clusterId, "bundle", { plaintext, role: null, notAfterMs: null });
    await tx.cluster.update({ where: { id: clusterId }, data: { ...data, secretsSource } });
    await tx.clusterSecret.deleteMany({ where: { clusterId, kind: "reader-certificate" } });
  });
  forgetCredentials(clusterId);
  await refreshCluster(clusterId);
  return { name: cluster.name };
}
