"use client";

import { Boxes, Server } from "lucide-react";
import { useMemo } from "react";
import { DataTable } from "@/components/data-table/data-table";
import { useClusters, useNodes } from "@/components/live/use-live";
import { NodeCard } from "@/components/nodes/node-card";
import { useNodesTable } from "@/components/nodes/use-nodes-table";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { PageHeader } from "@/components/ui/page-header";
import { EmptyState } from "@/components/ui/states";
import { StatusMark } from "@/components/ui/status";
import { paths } from "@/lib/core/paths";
import type { ClusterView, NodeView } from "@/lib/inventory/schema";
import { BootstrapNotice } from "./bootstrap-notice";
import { ClusterActions } from "./cluster-actions";
import { ClusterFacts } from "./cluster-facts";
import { clusterRows, clusterStatus } from "./cluster-words";
import { CredentialsPanel } from "./credentials-panel";
import { EtcdPanel } from "./etcd-panel";

const card = (node: NodeView) => <NodeCard node={node} />;

/** One cluster: what it is, who is in it, how its etcd does, and what opens it. */
export function ClusterPage({ initial }: { initial: ClusterView }) {
  const { clusters, loaded } = useClusters();
  const { nodes } = useNodes();
  const table = useNodesTable();
  const live = clusters.find(({ id }) => id === initial.id);
  const members = useMemo(() => nodes.filter(({ clusterId }) => clusterId === initial.id), [nodes, initial.id]);
  if (!live && loaded) {
    return (
      <Card>
        <h1 className="sr-only">{initial.name} was removed</h1>
        <EmptyState
          icon={Boxes}
          title={`${initial.name} was removed`}
          action={<ButtonLink href={paths.clusters()}>All clusters</ButtonLink>}
        >
          It is no longer managed here. Its machines were not changed by that.
        </EmptyState>
      </Card>
    );
  }
  const cluster = live ?? initial;
  const [row] = clusterRows([cluster], members);
  const status = loaded && row ? clusterStatus(row) : null;
  return (
    <div className="space-y-4">
      <PageHeader
        title={cluster.name}
        description={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
            {status && (
              <span role="status" className="flex items-center gap-1.5 text-fg">
                <StatusMark tone={status.tone} />
                {status.words}
                {status.reason && <span className="text-muted">{status.reason}</span>}
              </span>
            )}
            <span className="font-mono text-xs">{cluster.endpoint}</span>
          </span>
        }
        actions={<ClusterActions cluster={cluster} members={members} />}
      />
      {loaded && <BootstrapNotice cluster={cluster} members={members} />}
      <div className="grid items-start gap-3.5 lg:grid-cols-2">
        <ClusterFacts cluster={cluster} members={members} />
        <CredentialsPanel cluster={cluster} members={members} />
      </div>
      {members.some(({ role }) => role === "controlplane") && <EtcdPanel cluster={cluster} members={members} />}
      <section aria-labelledby="members" className="space-y-3">
        <h2 id="members" className="text-base font-semibold">
          Members
        </h2>
        <DataTable
          table={table}
          rows={members}
          loaded={loaded}
          caption={`Nodes of ${cluster.name} with their state, GPUs and versions`}
          searchLabel="Filter by name, address, GPU, profile"
          card={card}
          empty={
            <EmptyState
              icon={Server}
              title="No machines in this cluster yet"
              action={<ButtonLink href={`${paths.addNodes()}?way=scan`}>Find waiting machines</ButtonLink>}
            >
              Boot a machine into maintenance mode, find it, and adopt it into {cluster.name} on its Config page.
            </EmptyState>
          }
        />
      </section>
    </div>
  );
}
