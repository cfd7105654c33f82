"use client";

import type { TableDefinition } from "@/components/data-table/table-model";
import type { Attention, NodeView } from "@/lib/inventory/schema";
import { CpuCell, GpusCell, LastSeenCell, NameCell, ProofCell, StatusCell, TalosCell } from "./node-cells";
import { gpuStates, proofStateWords, roleWords, versionText, worstProof } from "./node-gpus";
import { attentionTitles, groupWords, statusGroup, type StatusGroup, statusGroups } from "./node-status";

const minor = (version: string | null) => /^v?(\d+\.\d+)/.exec(version ?? "")?.[1] ?? "not known";
/** `1.9` before `1.14` as numbers. */
const versionRank = (version: string | null) =>
  version === null
    ? null
    : (version.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum * 1000 + Number(part), 0);
const provenShare = (node: NodeView) => {
  const proof = worstProof(node.proofs);
  return proof ? proof.links.filter(({ state }) => state === "proven").length : null;
};

/** Columns, filters and search of the nodes table, with what it needs to know of runs: which nodes they are at work on. */
export const nodesTable = (inWork: ReadonlySet<string>): TableDefinition<NodeView> => ({
  what: "nodes",
  rowId: (node) => node.id,
  rowName: (node) => node.name,
  defaultSort: "name",
  searchText: (node) =>
    [
      node.name,
      node.address,
      ...node.addresses,
      node.clusterName,
      ...node.gpus.map(({ model }) => model),
      ...node.intent.profileNames,
      node.hardware?.uuid,
    ]
      .filter(Boolean)
      .join(" "),
  columns: [
    {
      id: "name",
      header: "Name",
      required: true,
      cell: (node) => <NameCell node={node} />,
      sortValue: (node) => node.name,
    },
    {
      id: "status",
      header: "Status",
      required: true,
      cell: (node) => <StatusCell node={node} />,
      sortValue: (node) => statusGroups.length - statusGroups.indexOf(statusGroup(node, inWork.has(node.id))),
    },
    {
      id: "gpus",
      header: "GPUs",
      width: "168px",
      cell: (node) => <GpusCell node={node} />,
      sortValue: (node) => node.gpus[0]?.model ?? null,
    },
    {
      id: "proof",
      header: "Proof",
      width: "134px",
      className: "hidden @2xl:table-cell",
      cell: (node) => <ProofCell node={node} />,
      sortValue: provenShare,
    },
    {
      id: "talos",
      header: "Talos",
      width: "76px",
      cell: (node) => <TalosCell node={node} />,
      sortValue: (node) => versionRank(node.talosVersion),
    },
    {
      id: "kubernetes",
      header: "Kubernetes",
      width: "88px",
      className: "hidden @4xl:table-cell",
      cell: (node) => <span className="font-mono text-xs">{versionText(node.kubernetesVersion) ?? "–"}</span>,
      sortValue: (node) => versionRank(node.kubernetesVersion),
    },
    {
      id: "cluster",
      header: "Cluster",
      width: "96px",
      hiddenByDefault: true,
      cell: (node) => <span className="block truncate">{node.clusterName ?? "–"}</span>,
      sortValue: (node) => node.clusterName,
    },
    {
      id: "profile",
      header: "GPU profile",
      width: "150px",
      hiddenByDefault: true,
      cell: (node) => <span className="block truncate">{node.intent.profileNames.join(", ") || "–"}</span>,
      sortValue: (node) => node.intent.profileNames[0] ?? null,
    },
    {
      id: "cpu",
      header: "CPU, 10 min",
      width: "96px",
      className: "hidden @5xl:table-cell",
      cell: (node) => <CpuCell node={node} />,
      sortValue: (node) => node.counters?.cpuPercent ?? null,
    },
    {
      id: "last-seen",
      header: "Last seen",
      width: "84px",
      align: "right",
      className: "hidden @3xl:table-cell",
      cell: (node) => <LastSeenCell node={node} />,
      sortValue: (node) => node.readAtMs,
    },
  ],
  filters: [
    {
      id: "status",
      label: "Status",
      values: (node) => [statusGroup(node, inWork.has(node.id))],
      format: (value) => groupWords[value as StatusGroup] ?? value,
    },
    {
      id: "gpu",
      label: "GPU",
      values: (node) => (node.gpus.length > 0 ? node.gpus.map(({ model }) => model) : ["none"]),
    },
    {
      id: "proof",
      label: "Proof",
      values: gpuStates,
      format: (value) => proofStateWords[value as keyof typeof proofStateWords] ?? value,
    },
    { id: "talos", label: "Talos", values: (node) => [minor(node.talosVersion)] },
    { id: "cluster", label: "Cluster", values: (node) => [node.clusterName ?? "none"] },
    {
      id: "role",
      label: "Role",
      values: (node) => [node.role],
      format: (value) => roleWords[value as NodeView["role"]] ?? value,
    },
    {
      id: "attention",
      label: "Attention",
      quiet: true,
      values: (node) => node.attention.map(({ kind }) => kind),
      format: (value) => attentionTitles[value as Attention["kind"]] ?? value,
    },
  ],
});
