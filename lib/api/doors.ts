import "server-only";
import { auditExport } from "@/lib/audit-keeping/export";
import type { Sensitivity } from "@/lib/auth/proof";
import type { Role } from "@/lib/auth/role";
import { backupDownload } from "@/lib/backup/download";
import { etcdSnapshotDownload } from "@/lib/inventory/etcd-snapshot";
import { operations } from "./operations";
import { reads } from "./reads";

/** One thing that somebody may be let in to: what `proveRole` is asked for by name. */
export type Door = { name: string; role: Role; sensitive?: Sensitivity };

/** Doors that are a route of their own under `app/api`, since they stream. */
export const routeDoors: readonly Door[] = [
  { name: "fleet.follow", role: "viewer" },
  { name: "metrics.read", role: "viewer" },
  { name: "node.logs", role: "operator" },
  { name: "node.dmesg", role: "operator" },
  auditExport,
  backupDownload,
  etcdSnapshotDownload,
];

const readDoors: readonly Door[] = reads.flatMap(({ name, get }) => [
  { name: `${name}.list`, role: "viewer" as const },
  ...(get ? [{ name: `${name}.get`, role: "viewer" as const }] : []),
]);

/** Everything that has to be let in to, by name: what a token can be narrowed to. */
export const doors: readonly Door[] = [...operations, ...readDoors, ...routeDoors]
  .map(({ name, role, sensitive }) => ({ name, role, ...(sensitive && { sensitive }) }))
  .sort((left, right) => left.name.localeCompare(right.name, "en"));
