"use client";

import { Boxes } from "lucide-react";
import { useMemo } from "react";
import { DataTable } from "@/components/data-table/data-table";
import { useClusters, useNodes } from "@/components/live/use-live";
import { ButtonLink } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";
import { EmptyState } from "@/components/ui/states";
import { paths } from "@/lib/core/paths";
import { clusterRows } from "./cluster-words";
import { clusterCard, clustersTable } from "./clusters-definition";
import { CreateCluster } from "./create-cluster";

const actions = (
  <>
    <ButtonLink href={`${paths.addNodes()}?way=import`}>Import a cluster</ButtonLink>
    <CreateCluster />
  </>
);

/** Every cluster. */
export function ClustersPage() {
  const { clusters, loaded } = useClusters();
  const { nodes } = useNodes();
  const rows = useMemo(() => clusterRows(clusters, nodes), [clusters, nodes]);
  const empty = loaded && clusters.length === 0;
  return (
    <div className="space-y-4">
      <PageHeader title="Clusters" actions={empty ? undefined : actions} />
      <DataTable
        table={clustersTable}
        rows={rows}
        loaded={loaded}
        caption="Clusters with their state, members and credentials"
        searchLabel="Filter by name, endpoint"
        card={clusterCard}
        empty={
          <EmptyState icon={Boxes} title="No clusters yet" action={actions}>
            Import the talosconfig of a cluster that runs already, or create one and adopt machines into it.
          </EmptyState>
        }
      />
    </div>
  );
}
