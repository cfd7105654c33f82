import "server-only";
import { z } from "zod";
import { db } from "@/lib/db/client";
import { fleet } from "./fleet";
import type { ClusterView } from "./schema";

const endpointList = z.array(z.string());
const sourceOf = z.enum(["generated", "imported", "none"]).catch("none");

/** The `host[:port]` list in a cluster's row; a broken one counts as empty. */
export function parseEndpoints(json: string): string[] {
  try {
    return endpointList.parse(JSON.parse(json));
  } catch {
    return [];
  }
}

/** Clusters as recorded; node counts are the fleet's. */
export async function loadClusters(ids?: readonly string[]): Promise<ClusterView[]> {
  const rows = await db.cluster.findMany({
    ...(ids && { where: { id: { in: [...ids] } } }),
    include: { secrets: { where: { kind: "talosconfig" }, select: { role: true, notAfter: true } } },
  });
  return rows.map((row) => {
    const secrets = sourceOf.parse(row.secretsSource);
    const held = row.secrets[0];
    return {
      id: row.id,
      name: row.name,
      endpoint: row.endpoint,
      controlPlanes: 0,
      workers: 0,
      talosClusterId: row.talosClusterId,
      contract: row.contract,
      kubernetesVersion: row.kubernetesVersion,
      secrets,
      // With the cluster's own authority any role can be issued.
      credentialRole: secrets === "none" ? (held?.role ?? "") : "os:admin",
      credentialExpiresMs: secrets === "none" ? (held?.notAfter?.getTime() ?? null) : null,
      bootstrapped: null,
      createdAtMs: row.createdAt.getTime(),
    };
  });
}

/** Brings a cluster's change from the database to the fleet and so to browsers. */
export async function refreshCluster(clusterId: string): Promise<void> {
  const [cluster] = await loadClusters([clusterId]);
  if (cluster) fleet().putCluster(cluster);
  else fleet().removeCluster(clusterId);
}
