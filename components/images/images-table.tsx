"use client";

import { Disc3 } from "lucide-react";
import Link from "next/link";
import { DataTable } from "@/components/data-table/data-table";
import type { TableDefinition } from "@/components/data-table/table-model";
import { ButtonLink } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { paths } from "@/lib/core/paths";
import type { SchematicView } from "@/lib/schematic/schema";
import { Registration } from "./registration";

const shortExtensions = (schematic: SchematicView): string =>
  schematic.extensions.map((name) => name.replace(/^siderolabs\//, "")).join(", ") || "no extensions";

function IdLink({ schematic }: { schematic: SchematicView }) {
  return (
    <Link href={paths.image(schematic.id)} className="font-mono text-xs hover:underline" title={schematic.id}>
      {schematic.id.slice(0, 12)}…
    </Link>
  );
}

const table: TableDefinition<SchematicView> = {
  what: "images",
  rowId: (schematic) => schematic.id,
  rowName: (schematic) => schematic.id,
  defaultSort: "-created",
  searchText: (schematic) =>
    [schematic.id, ...schematic.extensions, ...schematic.kernelArgs, ...schematic.nodes.map(({ name }) => name)].join(
      " ",
    ),
  filters: [
    {
      id: "registration",
      label: "Factory",
      values: (schematic) => [schematic.registeredAtMs === null ? "Not registered" : "Registered"],
    },
  ],
  columns: [
    {
      id: "id",
      header: "Schematic",
      width: "10rem",
      required: true,
      sortValue: ({ id }) => id,
      cell: (row) => <IdLink schematic={row} />,
    },
    {
      id: "extensions",
      header: "System extensions",
      sortValue: shortExtensions,
      cell: (row) => (
        <span className="block truncate" title={row.extensions.join("\n")}>
          {shortExtensions(row)}
        </span>
      ),
    },
    {
      id: "args",
      header: "Kernel arguments",
      width: "12rem",
      className: "hidden @4xl:table-cell",
      cell: (row) => (
        <span className="block truncate font-mono text-xs text-muted">{row.kernelArgs.join(" ") || "none"}</span>
      ),
    },
    {
      id: "nodes",
      header: "Recorded for",
      width: "12rem",
      sortValue: ({ nodes }) => nodes.length,
      cell: ({ nodes }) => (
        <span className="block truncate text-muted">
          {nodes.length === 0 ? "no node" : nodes.map(({ name }) => name).join(", ")}
        </span>
      ),
    },
    {
      id: "registration",
      header: "Factory",
      width: "12rem",
      sortValue: ({ registeredAtMs }) => registeredAtMs,
      cell: (row) => <Registration schematic={row} />,
    },
    {
      id: "created",
      header: "Made",
      width: "8rem",
      align: "right",
      sortValue: ({ createdAtMs }) => createdAtMs,
      cell: ({ createdAtMs }) => <RelativeTime atMs={createdAtMs} className="text-muted" />,
    },
  ],
};

const card = (schematic: SchematicView) => (
  <div className="space-y-1">
    <div className="flex items-center justify-between gap-3">
      <IdLink schematic={schematic} />
      <Registration schematic={schematic} />
    </div>
    <p className="wrap-anywhere text-muted">{shortExtensions(schematic)}</p>
  </div>
);

/** All stored schematics. */
export function ImagesTable({ schematics }: { schematics: readonly SchematicView[] }) {
  return (
    <DataTable
      table={table}
      rows={schematics}
      loaded
      caption="Schematics"
      searchLabel="Filter by ID, extension, node"
      card={card}
      empty={
        <EmptyState
          icon={Disc3}
          title="No images yet"
          action={<ButtonLink href={paths.nodes()}>Go to nodes</ButtonLink>}
        >
          An image comes into being when a GPU profile is assigned to a node.
        </EmptyState>
      }
    />
  );
}
