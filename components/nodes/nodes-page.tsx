"use client";

import { Plus, Server } from "lucide-react";
import { DataTable } from "@/components/data-table/data-table";
import { useNodes } from "@/components/live/use-live";
import type { ProfileOption } from "@/components/node-config/profile-choice";
import { ButtonLink } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";
import { EmptyState } from "@/components/ui/states";
import { paths } from "@/lib/core/paths";
import type { NodeView } from "@/lib/inventory/schema";
import { NodesBulkBar } from "./bulk-actions";
import { NodeCard } from "./node-card";
import { useNodesTable } from "./use-nodes-table";

const addMachines = (
  <ButtonLink href={paths.addNodes()}>
    <Plus aria-hidden />
    Add machines
  </ButtonLink>
);
const card = (node: NodeView) => <NodeCard node={node} />;

export function NodesPage({ profiles }: { profiles: readonly ProfileOption[] }) {
  const { nodes, loaded } = useNodes();
  const table = useNodesTable();
  return (
    <div className="space-y-4">
      <PageHeader title="Nodes" actions={addMachines} />
      <DataTable
        table={table}
        rows={nodes}
        loaded={loaded}
        caption="Nodes with their state, GPUs and versions"
        searchLabel="Filter by name, address, GPU, profile"
        card={card}
        empty={
          <EmptyState icon={Server} title="No machines yet" action={addMachines}>
            Import a talosconfig to see a cluster that runs already, or enter the address of a machine that waits in
            maintenance mode.
          </EmptyState>
        }
        bulk={(selected, clear) => <NodesBulkBar nodes={selected} profiles={profiles} onClear={clear} />}
      />
    </div>
  );
}
