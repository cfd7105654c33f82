"use client";

import { ArrowUpCircle } from "lucide-react";
import Link from "next/link";
import { DataTable } from "@/components/data-table/data-table";
import type { TableDefinition } from "@/components/data-table/table-model";
import { useRuns } from "@/components/live/use-live";
import { ButtonLink } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { Status } from "@/components/ui/status";
import { paths } from "@/lib/core/paths";
import type { RunSummary } from "@/lib/upgrades/schema";
import { runStateText } from "@/lib/upgrades/text";
import { runStatus } from "./run-looks";

const doneText = (run: RunSummary): string =>
  `${run.nodes.filter(({ state }) => state === "done").length} of ${run.nodes.length}`;

const RunLink = ({ run }: { run: RunSummary }) => (
  <Link href={paths.upgrade(run.id)} className="block truncate font-medium hover:underline">
    {run.title}
  </Link>
);
function RunStatus({ run }: { run: RunSummary }) {
  const { words, ...look } = runStatus(run);
  return (
    <Status {...look} reason={run.state === "halted" ? run.reason : undefined}>
      {words}
    </Status>
  );
}

const table: TableDefinition<RunSummary> = {
  what: "upgrades",
  rowId: ({ id }) => id,
  rowName: ({ title }) => title,
  defaultSort: "-created",
  searchText: (run) => [run.title, run.targetVersion, run.startedBy, ...run.nodes.map(({ name }) => name)].join(" "),
  filters: [
    { id: "state", label: "Status", values: ({ state }) => [runStateText[state]] },
    { id: "by", label: "Started by", values: ({ startedBy }) => [startedBy] },
  ],
  columns: [
    {
      id: "title",
      header: "Upgrade",
      required: true,
      sortValue: ({ title }) => title,
      cell: (run) => <RunLink run={run} />,
    },
    {
      id: "state",
      header: "Status",
      width: "15rem",
      sortValue: ({ state }) => runStateText[state],
      cell: (run) => <RunStatus run={run} />,
    },
    {
      id: "nodes",
      header: "Nodes done",
      width: "8rem",
      align: "right",
      sortValue: ({ nodes }) => nodes.length,
      cell: doneText,
    },
    {
      id: "by",
      header: "Started by",
      width: "9rem",
      sortValue: ({ startedBy }) => startedBy,
      cell: ({ startedBy }) => startedBy,
    },
    {
      id: "created",
      header: "Started",
      width: "8rem",
      align: "right",
      sortValue: ({ createdAtMs }) => createdAtMs,
      cell: ({ createdAtMs }) => <RelativeTime atMs={createdAtMs} className="text-muted" />,
    },
  ],
};

const card = (run: RunSummary) => (
  <div className="space-y-1">
    <RunLink run={run} />
    <div className="flex items-center justify-between gap-3">
      <RunStatus run={run} />
      <span className="shrink-0 text-xs text-muted">
        {doneText(run)} · <RelativeTime atMs={run.createdAtMs} />
      </span>
    </div>
  </div>
);

/** Every run, running ones first by their start. `nodeId` keeps those of one node. */
export function RunsTable({ nodeId }: { nodeId?: string }) {
  const { runs, loaded } = useRuns();
  const rows = nodeId ? runs.filter(({ nodes }) => nodes.some((node) => node.nodeId === nodeId)) : runs;
  return (
    <DataTable
      table={table}
      rows={rows}
      loaded={loaded}
      caption="Upgrade runs"
      searchLabel="Filter by name, node, person"
      card={card}
      empty={
        <EmptyState
          icon={ArrowUpCircle}
          title="No upgrades yet"
          action={<ButtonLink href={paths.planUpgrade(nodeId ? [nodeId] : [])}>Plan an upgrade</ButtonLink>}
        >
          A run pulls, installs, drains, reboots and proves each node, and stops at the first failure.
        </EmptyState>
      }
    />
  );
}
