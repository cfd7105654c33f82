"use client";

import Link from "next/link";
import type { TableDefinition } from "@/components/data-table/table-model";
import { versionText } from "@/components/nodes/node-gpus";
import { Status } from "@/components/ui/status";
import { paths } from "@/lib/core/paths";
import { countOf } from "@/lib/core/units";
import { type ClusterRow, clusterStatus, secretsWords } from "./cluster-words";
import { ExpiryText } from "./expiry-text";

function NameCell({ row: { cluster } }: { row: ClusterRow }) {
  return (
    <span className="flex min-w-0 flex-col">
      <Link
        data-row-link
        href={paths.cluster(cluster.id)}
        className="truncate font-medium hover:underline focus-visible:outline-offset-[-2px]"
      >
        {cluster.name}
      </Link>
      <span className="truncate font-mono text-xs text-muted">{cluster.endpoint}</span>
    </span>
  );
}

function StatusCell({ row }: { row: ClusterRow }) {
  const { tone, words, reason } = clusterStatus(row);
  return (
    <Status tone={tone} reason={reason}>
      {words}
    </Status>
  );
}

const membersText = ({ cluster }: ClusterRow): string =>
  `${countOf(cluster.controlPlanes, "control plane")}, ${countOf(cluster.workers, "worker")}`;

export const clustersTable: TableDefinition<ClusterRow> = {
  what: "clusters",
  rowId: ({ cluster }) => cluster.id,
  rowName: ({ cluster }) => cluster.name,
  defaultSort: "name",
  searchText: ({ cluster, kubernetes }) => `${cluster.name} ${cluster.endpoint} ${kubernetes ?? ""}`,
  filters: [
    { id: "secrets", label: "Secrets", values: ({ cluster }) => [secretsWords[cluster.secrets].label] },
    {
      id: "kubernetes",
      label: "Kubernetes",
      values: ({ kubernetes }) => [versionText(kubernetes) ?? "not known"],
    },
  ],
  columns: [
    {
      id: "name",
      header: "Name",
      required: true,
      sortValue: ({ cluster }) => cluster.name,
      cell: (row) => <NameCell row={row} />,
    },
    {
      id: "status",
      header: "Status",
      width: "11.5rem",
      sortValue: (row) => clusterStatus(row).words,
      cell: (row) => <StatusCell row={row} />,
    },
    {
      id: "members",
      header: "Members",
      width: "13rem",
      sortValue: ({ nodes }) => nodes,
      cell: membersText,
    },
    {
      id: "gpus",
      header: "GPUs",
      width: "4rem",
      align: "right",
      sortValue: ({ gpus }) => gpus,
      cell: ({ gpus }) => <span className="tabular">{gpus}</span>,
    },
    {
      id: "kubernetes",
      header: "Kubernetes",
      width: "6.5rem",
      sortValue: ({ kubernetes }) => kubernetes,
      cell: ({ kubernetes }) => (
        <span className="font-mono text-xs">
          {versionText(kubernetes) ?? <span className="text-faint">not known</span>}
        </span>
      ),
    },
    {
      id: "secrets",
      header: "Secrets",
      width: "6.5rem",
      className: "hidden @4xl:table-cell",
      sortValue: ({ cluster }) => cluster.secrets,
      cell: ({ cluster }) => (
        <span title={secretsWords[cluster.secrets].about}>{secretsWords[cluster.secrets].label}</span>
      ),
    },
    {
      id: "expires",
      header: "Credentials end",
      width: "8.5rem",
      className: "hidden @4xl:table-cell",
      sortValue: ({ cluster }) => cluster.credentialExpiresMs,
      cell: ({ cluster }) => <ExpiryText cluster={cluster} />,
    },
  ],
};

export const clusterCard = (row: ClusterRow) => (
  <div className="space-y-1">
    <NameCell row={row} />
    <div className="flex items-center justify-between gap-3">
      <StatusCell row={row} />
      <span className="shrink-0 text-xs text-muted">{membersText(row)}</span>
    </div>
  </div>
);
