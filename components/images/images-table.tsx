"use client";

import { Disc3 } from "lucide-react";
import Link from "next/link";
import { DataTable } from "@/components/data-table/data-table";
import type { TableDefinition } from "@/components/data-table/table-model";
import { ButtonLink } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { paths } from "@/lib/core/paths";
import { countOf } from "@/lib/core/units";
import type { ImageView } from "@/lib/schematic/schema";
import { Registration } from "./registration";
import { useImages } from "./use-images";

const shortExtensions = ({ extensions }: ImageView): string =>
  extensions === null
    ? "not known"
    : extensions.map((name) => name.replace(/^siderolabs\//, "")).join(", ") || "no extensions";
const namesOf = (nodes: ImageView["nodes"]): string => nodes.map(({ name }) => name).join(", ");

function IdLink({ image }: { image: ImageView }) {
  return (
    <Link href={paths.image(image.id)} className="font-mono text-xs hover:underline" title={image.id}>
      {image.id.slice(0, 12)}…
    </Link>
  );
}

const mostNamed = 3;

function NodesCell({ nodes }: { nodes: ImageView["nodes"] }) {
  return (
    <span className="block truncate text-muted" title={namesOf(nodes)}>
      {nodes.length > mostNamed ? countOf(nodes.length, "node") : namesOf(nodes) || "no node"}
    </span>
  );
}

const table: TableDefinition<ImageView> = {
  what: "images",
  rowId: ({ id }) => id,
  rowName: ({ id }) => id,
  defaultSort: "-running",
  searchText: (image) =>
    [
      image.id,
      ...(image.extensions ?? []),
      ...(image.kernelArgs ?? []),
      namesOf(image.nodes),
      namesOf(image.runningOn),
    ].join(" "),
  filters: [
    {
      id: "registration",
      label: "Factory",
      values: ({ stored, registeredAtMs }) => [
        !stored ? "Read from nodes" : registeredAtMs === null ? "Not registered" : "Registered",
      ],
    },
  ],
  columns: [
    {
      id: "id",
      header: "Schematic",
      width: "8.5rem",
      required: true,
      sortValue: ({ id }) => id,
      cell: (row) => <IdLink image={row} />,
    },
    {
      id: "extensions",
      header: "System extensions",
      sortValue: shortExtensions,
      cell: (row) => (
        <span className="block truncate" title={row.extensions?.join("\n")}>
          {shortExtensions(row)}
        </span>
      ),
    },
    {
      id: "args",
      header: "Kernel arguments",
      width: "12rem",
      className: "hidden @6xl:table-cell",
      cell: (row) => (
        <span className="block truncate font-mono text-xs text-muted">{row.kernelArgs?.join(" ") || "none"}</span>
      ),
    },
    {
      id: "running",
      header: "Running on",
      width: "9rem",
      sortValue: ({ runningOn }) => runningOn.length,
      cell: ({ runningOn }) => <NodesCell nodes={runningOn} />,
    },
    {
      id: "nodes",
      header: "Recorded for",
      width: "9rem",
      sortValue: ({ nodes }) => nodes.length,
      cell: ({ nodes }) => <NodesCell nodes={nodes} />,
    },
    {
      id: "registration",
      header: "Factory",
      width: "9.5rem",
      sortValue: ({ registeredAtMs }) => registeredAtMs,
      cell: (row) => <Registration image={row} />,
    },
    {
      id: "created",
      header: "Made",
      width: "6.5rem",
      align: "right",
      sortValue: ({ createdAtMs }) => createdAtMs,
      className: "hidden @5xl:table-cell",
      cell: ({ createdAtMs }) =>
        createdAtMs === null ? (
          <span className="text-faint">elsewhere</span>
        ) : (
          <RelativeTime atMs={createdAtMs} className="text-muted" />
        ),
    },
  ],
};

const card = (image: ImageView) => (
  <div className="space-y-1">
    <div className="flex items-center justify-between gap-3">
      <IdLink image={image} />
      <Registration image={image} />
    </div>
    <p className="wrap-anywhere">{shortExtensions(image)}</p>
    <p className="text-xs wrap-anywhere text-muted">
      Running on {namesOf(image.runningOn) || "no node"}
      {image.nodes.length > 0 && ` · recorded for ${namesOf(image.nodes)}`}
    </p>
  </div>
);

/** All schematics that are stored here or run on a node. */
export function ImagesTable({ images }: { images: readonly ImageView[] }) {
  return (
    <DataTable
      table={table}
      rows={useImages(images)}
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
          The images that nodes run appear here as soon as the nodes can be read; one more comes into being with each
          GPU profile that is assigned.
        </EmptyState>
      }
    />
  );
}
