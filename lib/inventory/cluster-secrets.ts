import "server-only";
import { newId } from "@/lib/core/ids";
import { db } from "@/lib/db/client";
import { openSecret, sealSecret } from "@/lib/db/secrets";
import type { Tx } from "@/lib/db/transaction";

/**
 * `talosconfig`: a client config of one context. `bundle`: the cluster's secrets bundle (YAML). `reader-certificate`: JSON
 * of `storedCertificate`. `kubeconfig`: YAML.
 */
export type ClusterSecretKind = "talosconfig" | "bundle" | "reader-certificate" | "kubeconfig";

export type HeldSecret = { plaintext: string; role: string | null; notAfterMs: number | null };

const placeOf = (rowId: string) => ({ table: "ClusterSecret", rowId, field: "sealed" });

/** Opens one secret of a cluster; null where none of the kind is held. Never hand the result to a browser, log or error. */
export async function readClusterSecret(clusterId: string, kind: ClusterSecretKind): Promise<HeldSecret | null> {
  const row = await db.clusterSecret.findUnique({ where: { clusterId_kind: { clusterId, kind } } });
  if (!row) return null;
  const plaintext = openSecret({ sealed: row.sealed, dataKeyId: row.dataKeyId }, placeOf(row.id));
  return { plaintext, role: row.role, notAfterMs: row.notAfter?.getTime() ?? null };
}

/** Seals and stores a secret of a cluster, in the place of an older one of the kind. */
export async function putClusterSecret(
  tx: Tx,
  clusterId: string,
  kind: ClusterSecretKind,
  { plaintext, role, notAfterMs }: HeldSecret,
): Promise<void> {
  const known = await tx.clusterSecret.findUnique({ where: { clusterId_kind: { clusterId, kind } } });
  const id = known?.id ?? newId("secret");
  const data = {
    ...sealSecret(plaintext, placeOf(id)),
    role,
    notAfter: notAfterMs === null ? null : new Date(notAfterMs),
  };
  await tx.clusterSecret.upsert({ where: { id }, update: data, create: { id, clusterId, kind, ...data } });
}
